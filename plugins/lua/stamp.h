// SPDX-License-Identifier: MIT
#pragma once
#include <sys/stat.h>

#include <string>

namespace vital::lua {

/// What of a file tells that it is another one.
struct Stamp {
  timespec modified{};
  ::off_t size = -1;  // -1: there is none
  ::ino_t inode = 0;

  static Stamp of(const std::string& path) noexcept {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return {};
    return {.modified = status.st_mtim, .size = status.st_size, .inode = status.st_ino};
  }
  bool operator==(const Stamp& other) const noexcept {
    return modified.tv_sec == other.modified.tv_sec && modified.tv_nsec == other.modified.tv_nsec &&
           size == other.size && inode == other.inode;
  }
};

}  // namespace vital::lua

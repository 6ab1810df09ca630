// SPDX-License-Identifier: MIT
#pragma once
#include <sys/stat.h>

#include <string>

namespace vital {

/// What of a file tells that it is another one, or that somebody has written to it. Two files that
/// are not there are alike.
///
/// Source  stat(2)
struct FileStamp {
  timespec modified{};
  ::off_t size = -1;  // -1: there is none
  ::ino_t inode = 0;

  static FileStamp of(const std::string& path) noexcept {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return {};
    return {.modified = status.st_mtim, .size = status.st_size, .inode = status.st_ino};
  }
  bool is_there() const noexcept { return size >= 0; }
  bool operator==(const FileStamp& other) const noexcept {
    return modified.tv_sec == other.modified.tv_sec && modified.tv_nsec == other.modified.tv_nsec &&
           size == other.size && inode == other.inode;
  }
};

}  // namespace vital

// SPDX-License-Identifier: MIT
#pragma once
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/kernel_file.h"

namespace vital {

/// The kernel files that one plugin opened, so that somebody can ask after them when it fails.
///
/// Threads  any
class Sources {
 public:
  void add(const std::shared_ptr<KernelFile::Shared>& file);
  /// One of the files that failed can be read again.
  bool any_back() noexcept;

 private:
  std::mutex mutex_;
  std::vector<std::weak_ptr<KernelFile::Shared>> files_;  // guarded by mutex_
};

/// Where the files of the host begin: "/" on a host, another directory when its /proc and /sys are
/// mounted elsewhere (in a container) or are copies (in a test). All paths are relative to it.
///
/// Threads  any; copies share the open files
class Root {
 public:
  explicit Root(std::string_view path = "/");

  /// The real "/": system calls that know no path tell of the same host.
  bool is_host() const noexcept { return files_->path == "/"; }
  /// The full path of a file, for libraries that want one.
  std::string path(std::string_view relative) const;

  /// Shared with all others that open the same path below this root.
  KernelFile open(std::string_view relative) const;
  /// The whole of a file, read once: for what rarely changes. Allocates.
  Result<std::string> text(std::string_view relative) const;
  /// The names in a directory, sorted, without "." and "..". Allocates.
  Result<std::vector<std::string>> list(std::string_view relative) const;
  bool exists(std::string_view relative) const noexcept;

  /// From now on each file is read anew when it is next wanted.
  void new_tick() const noexcept { ++files_->tick; }
  /// The same root; what is opened through it is also added to `sources`.
  Root noting(std::shared_ptr<Sources> sources) const;

 private:
  struct Files {
    std::string path;
    std::atomic<std::uint64_t> tick{1};
    std::mutex mutex;
    std::map<std::string, std::weak_ptr<KernelFile::Shared>, std::less<>> open;  // guarded by mutex
  };
  struct Holder;

  std::shared_ptr<Files> files_;
  std::shared_ptr<Sources> sources_;
};

}  // namespace vital

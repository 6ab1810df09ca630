// SPDX-License-Identifier: MIT
#pragma once
#include <sys/statvfs.h>

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "df/patient_stat.h"

namespace vital::test {

/// File systems as a test wants them: how much is free, which fail, and which do not answer until
/// they are let go. Keep it in a shared_ptr, for a call may outlive the test.
///
/// Threads  any
class Gate {
 public:
  static df::AskFileSystem ask(const std::shared_ptr<Gate>& gate) {
    return [gate](const std::string& path) { return gate->answer(path); };
  }

  void set_free(const std::string& path, std::uint64_t blocks) {
    const std::lock_guard lock{mutex_};
    free_[path] = blocks;
  }
  void fail(const std::string& path, bool fails) {
    const std::lock_guard lock{mutex_};
    if (fails)
      failing_.insert(path);
    else
      failing_.erase(path);
  }
  void shut(const std::string& path) {
    const std::lock_guard lock{mutex_};
    shut_.insert(path);
  }
  void open(const std::string& path) {
    const std::lock_guard lock{mutex_};
    shut_.erase(path);
    changed_.notify_all();
  }
  void open_all() {
    const std::lock_guard lock{mutex_};
    shut_.clear();
    changed_.notify_all();
  }

  /// How many calls have not come back.
  std::size_t hanging() {
    const std::lock_guard lock{mutex_};
    return hanging_;
  }
  /// Waits until so many have not come back.
  bool wait_for_hanging(std::size_t count) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, std::chrono::seconds{20}, [&] { return hanging_ == count; });
  }
  /// How often each was asked.
  int calls(const std::string& path) {
    const std::lock_guard lock{mutex_};
    return calls_[path];
  }

 private:
  Result<struct statvfs> answer(const std::string& path) {
    std::unique_lock lock{mutex_};
    ++calls_[path];
    if (shut_.contains(path)) {
      ++hanging_;
      changed_.notify_all();
      changed_.wait(lock, [&] { return !shut_.contains(path); });
      --hanging_;
      changed_.notify_all();
    }
    if (failing_.contains(path)) return Error::system("statvfs", EACCES);
    struct statvfs fs {};
    fs.f_frsize = 1024;
    fs.f_blocks = 100;
    fs.f_bfree = fs.f_bavail = free_.contains(path) ? free_[path] : 40;
    fs.f_files = 10, fs.f_ffree = 4, fs.f_favail = 3;
    return fs;
  }

  std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  std::map<std::string, std::uint64_t> free_;
  std::map<std::string, int> calls_;
  std::set<std::string> shut_, failing_;
  std::size_t hanging_ = 0;
};

}  // namespace vital::test

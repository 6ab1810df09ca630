// SPDX-License-Identifier: MIT
#pragma once
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace vital {

/// What other threads ask the main thread to do.
///
/// Threads  post() any; the others the main thread
class Errands {
 public:
  void post(std::function<void()> errand) {
    const std::lock_guard lock{mutex_};
    waiting_.push_back(std::move(errand));
    bell_.ring();
  }
  /// Readable when there is something to do.
  int fd() const noexcept { return bell_.fd(); }
  void run() {
    bell_.clear();
    std::vector<std::function<void()>> now;
    {
      const std::lock_guard lock{mutex_};
      now.swap(waiting_);
    }
    for (const auto& errand : now) errand();
  }

 private:
  Bell bell_;
  std::mutex mutex_;
  std::vector<std::function<void()>> waiting_;  // guarded by mutex_
};

}  // namespace vital

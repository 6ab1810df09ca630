// SPDX-License-Identifier: MIT
#pragma once
#include <pthread.h>

#include <functional>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace vital {

/// A thread with a name that `top -H` shows and a stack that suits a small daemon. It blocks all
/// signals; the main thread takes them.
///
/// Threads  the owner starts and joins
class Thread {
 public:
  Thread() noexcept = default;
  Thread(Thread&& other) noexcept;
  Thread& operator=(Thread&& other) noexcept;
  ~Thread();  // joins

  /// Errors  temporary: no more threads can be made
  static Result<Thread> start(std::string_view name, std::function<void()> body);

  bool running() const noexcept;
  void join() noexcept;
  /// False: still busy when the time was over.
  bool join_for(Nanoseconds limit) noexcept;
  /// Gives up a thread that hangs in the kernel: it is neither waited for nor ended.
  void abandon() noexcept;

 private:
  struct Body;
  std::shared_ptr<Body> body_;
  pthread_t handle_{};
};

}  // namespace vital

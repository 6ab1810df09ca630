// SPDX-License-Identifier: MIT
#pragma once
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "base/thread.h"
#include "python/parts.h"

namespace vital::python {

/// The read callbacks that scripts register once the daemon runs, when it takes no more readers:
/// each has a thread that calls it at its interval and hands on what it dispatched.
///
/// Threads  add() any, with the interpreter's lock; stop() the main thread, without it
class LateReads {
 public:
  explicit LateReads(Session& session) : session_{session} {}
  LateReads(const LateReads&) = delete;
  LateReads& operator=(const LateReads&) = delete;
  ~LateReads() { stop(); }

  /// Errors  temporary: no more threads; stopped: the daemon ends
  Status add(const std::shared_ptr<Callback>& callback);
  /// Waits a moment for those that are under way.
  void stop() noexcept;

 private:
  void run(const std::shared_ptr<Callback>& callback);
  bool wait_until(Steady moment);
  void read(CallbackReader& reader, Span interval, Trouble& trouble);

  Session& session_;
  std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  bool stopping_ = false;
  std::vector<Thread> threads_;
};

}  // namespace vital::python

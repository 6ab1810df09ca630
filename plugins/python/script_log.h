// SPDX-License-Identifier: MIT
#pragma once
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>

#include "base/thread.h"
#include "python/session.h"

namespace vital::python {

/// Gives log messages to the scripts' log callbacks, from a thread of its own: whoever has
/// something to say may hold the interpreter's lock, or none. What a log callback says itself comes
/// to none.
///
/// Threads  write() any; the rest belongs to the main thread
class ScriptLog final : public LogSink {
 public:
  explicit ScriptLog(Session& session) : session_{session} {}

  Status start();
  /// Gives out what waits, as long as there is time.
  void stop() noexcept;
  void write(Severity severity, std::string_view message) noexcept override;

 private:
  static constexpr std::size_t kMost = 1000;  // messages that wait; the oldest go
  struct Message {
    Severity severity;
    std::string text;
  };

  void run();
  void give(const Message& message);

  Session& session_;
  Thread thread_;
  std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  std::deque<Message> waiting_;
  bool stopping_ = false;
};

}  // namespace vital::python

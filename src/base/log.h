// SPDX-License-Identifier: MIT
#pragma once
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace vital {

/// How grave a message is, with the numbers of syslog(3).
enum class Severity : std::uint8_t { error = 3, warning = 4, notice = 5, info = 6, debug = 7 };

std::string_view name_of(Severity severity) noexcept;

/// Where messages go: standard error, a file, syslog. Filters by severity itself.
///
/// Threads  write() may be called by any thread, several at a time
class LogSink {
 public:
  virtual ~LogSink() = default;
  virtual void write(Severity severity, std::string_view message) noexcept = 0;
  /// The file may have been moved away: open it anew.
  virtual void reopen() noexcept {}
};

/// Standard error, one line a message, as systemd's journal and a terminal like it.
class StderrSink final : public LogSink {
 public:
  explicit StderrSink(Severity least = Severity::info) noexcept : least_{least} {}
  void write(Severity severity, std::string_view message) noexcept override;

 private:
  Severity least_;
};

/// Hands each message to every sink. While there is none, messages go to standard error.
///
/// Threads  any; adding and removing sinks waits for messages that are being written
class LogHub {
 public:
  void write(Severity severity, std::string_view message) noexcept;
  void add(LogSink& sink);
  void remove(LogSink& sink) noexcept;
  void reopen() noexcept;
  /// True while messages go to standard error for want of a sink.
  bool unheard() const noexcept;
  /// How many messages of this severity or graver there were.
  std::uint64_t count(Severity severity) const noexcept;

 private:
  mutable std::mutex mutex_;
  std::vector<LogSink*> sinks_;  // guarded by mutex_
  StderrSink fallback_;
  std::atomic<std::uint64_t> counts_[8] = {};
};

/// One part's pen: puts the part's name before what it says.
///
/// Threads  any
class Log {
 public:
  static constexpr std::size_t kLongest = 1024;

  explicit Log(LogHub& hub, std::string_view part = {}) : hub_{&hub} {
    if (!part.empty()) prefix_.append(part).append(": ");
  }
  Log part(std::string_view name) const { return Log{*hub_, name}; }

  template <typename... Pieces>
  void error(const Pieces&... pieces) const noexcept {
    say(Severity::error, pieces...);
  }
  template <typename... Pieces>
  void warning(const Pieces&... pieces) const noexcept {
    say(Severity::warning, pieces...);
  }
  template <typename... Pieces>
  void notice(const Pieces&... pieces) const noexcept {
    say(Severity::notice, pieces...);
  }
  template <typename... Pieces>
  void info(const Pieces&... pieces) const noexcept {
    say(Severity::info, pieces...);
  }
  template <typename... Pieces>
  void say(Severity severity, const Pieces&... pieces) const noexcept {
    Text<kLongest> line;
    line.add_cut(prefix_);
    (append(line, pieces), ...);
    hub_->write(severity, line.view());
  }

 private:
  using Line = Text<kLongest>;
  static void append(Line& line, std::string_view text) noexcept { line.add_cut(text); }
  static void append(Line& line, const Error& error) noexcept {
    line.add_cut(error.message().view());
  }
  template <std::size_t Capacity>
  static void append(Line& line, const Text<Capacity>& text) noexcept {
    line.add_cut(text.view());
  }
  template <typename Number>
  requires std::is_arithmetic_v<Number>
  static void append(Line& line, Number number) noexcept { line.add(number); }

  LogHub* hub_;
  std::string prefix_;
};

}  // namespace vital

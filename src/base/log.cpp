// SPDX-License-Identifier: MIT
#include "base/log.h"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/fd.h"

namespace vital {

std::string_view name_of(Severity severity) noexcept {
  constexpr std::array<std::string_view, 8> kNames{"emergency", "alert",  "critical", "error",
                                                   "warning",   "notice", "info",     "debug"};
  return kNames[static_cast<std::size_t>(severity) & 7];
}

void StderrSink::write(Severity severity, std::string_view message) noexcept {
  if (severity > least_) return;
  Text<Log::kLongest + 1> line;  // one write a line, so that two threads' lines do not mix
  line.add_cut(message.substr(0, Log::kLongest)).add('\n');
  (void)write_all(STDERR_FILENO, line.view());
}

void LogHub::write(Severity severity, std::string_view message) noexcept {
  ++counts_[static_cast<std::size_t>(severity) & 7];
  const std::lock_guard lock{mutex_};
  if (sinks_.empty()) fallback_.write(severity, message);
  for (LogSink* sink : sinks_) sink->write(severity, message);
}

void LogHub::add(LogSink& sink) {
  const std::lock_guard lock{mutex_};
  sinks_.push_back(&sink);
}

void LogHub::remove(LogSink& sink) noexcept {
  const std::lock_guard lock{mutex_};
  std::erase(sinks_, &sink);
}

void LogHub::reopen() noexcept {
  const std::lock_guard lock{mutex_};
  for (LogSink* sink : sinks_) sink->reopen();
}

bool LogHub::unheard() const noexcept {
  const std::lock_guard lock{mutex_};
  return sinks_.empty();
}

std::uint64_t LogHub::count(Severity severity) const noexcept {
  std::uint64_t sum = 0;
  for (std::size_t grave = 0; grave <= static_cast<std::size_t>(severity); ++grave)
    sum += counts_[grave];
  return sum;
}

}  // namespace vital

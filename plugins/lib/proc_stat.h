// SPDX-License-Identifier: MIT
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

#include "base/fields.h"
#include "base/result.h"

namespace vital {

/// The number behind a keyword of /proc/stat, such as "ctxt", "processes" or "procs_blocked": a
/// total since boot, or a current count.
///
/// Errors   absent: this kernel has no such line; malformed: it is cut short or holds no number
/// Threads  pure
/// Source   /proc/stat, see proc(5)
Result<std::uint64_t> parse_stat_number(std::string_view text, std::string_view keyword) noexcept;

/// How long one CPU has been in each state since boot. Time as a guest is also part of user, that
/// as a niced guest part of nice.
///
/// Units    ticks of 1/100 s
/// Threads  a plain value; the number points into the text
/// Source   /proc/stat, see proc(5)
struct CpuTimes {
  enum State : std::size_t {
    user,
    nice,
    system,
    idle,
    wait,  // since 2.5.41, like the two below since 2.6.0
    interrupt,
    softirq,
    steal,      // since 2.6.11
    guest,      // since 2.6.24
    guest_nice  // since 2.6.33
  };
  static constexpr std::size_t kStates = 10;

  std::string_view number;  // "0"
  std::array<std::uint64_t, kStates> ticks{};
  std::size_t states = 0;  // this kernel has no state from here on
};

/// The lines of /proc/stat that are about one CPU each, in their order. CPUs that are offline have
/// none, and neither has a line that is malformed.
///
/// Errors   none of its own: a line that is cut short is not given out, and truncated() tells
/// Threads  a plain value over bytes that must outlive it
class CpuLines {
 public:
  explicit CpuLines(std::string_view text) noexcept : lines_{text} {}

  bool next(CpuTimes& cpu) noexcept;
  /// True when the text ended within these lines, so that more may have been meant to come.
  bool truncated() const noexcept { return !behind_ && lines_.truncated(); }

 private:
  Lines lines_;
  bool begun_ = false;
  bool behind_ = false;  // the lines of CPUs stand together; the long ones behind are not looked at
};

}  // namespace vital

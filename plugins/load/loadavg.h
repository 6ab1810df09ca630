// SPDX-License-Identifier: MIT
#pragma once
#include <string_view>

#include "base/result.h"

namespace vital::load {

/// Average number of tasks running, runnable or in uninterruptible sleep, on all CPUs together.
///
/// Units    tasks; the kernel prints two decimals
/// Errors   malformed: the line is cut short, or one of the three is not a number
/// Threads  a plain value; parse_loadavg() is pure and may run on any thread
/// Source   /proc/loadavg, see proc(5)
struct LoadAverage {
  double shortterm, midterm, longterm;  // over 1, 5 and 15 minutes
};

Result<LoadAverage> parse_loadavg(std::string_view text) noexcept;

}  // namespace vital::load

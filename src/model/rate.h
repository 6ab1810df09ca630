// SPDX-License-Identifier: MIT
#pragma once
#include "base/time.h"
#include "model/data_set.h"

namespace vital {

/// How far a counter went from one reading to the next. A step back is read as a wrap: at 2^32 if
/// the old value fits in 32 bits, else at 2^64.
std::uint64_t counter_difference(std::uint64_t before, std::uint64_t now) noexcept;

/// What a value comes to once there is nothing to compare it with: a gauge is itself, an absolute
/// is divided by its interval, the others are not known yet (NaN).
double first_rate(Kind kind, Value now, Span interval) noexcept;

/// A gauge's value, or the others' change per second. `elapsed` must be positive.
double rate_between(Kind kind, Value before, Value now, Span elapsed) noexcept;

}  // namespace vital

// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>

#include "base/time.h"

namespace vital::rrdtool {

/// Spreads work evenly: so many a second. What is quicker than ten a second comes in small
/// portions, so that nobody is woken for each.
///
/// Threads  none of its own: whoever owns it serialises
class Pace {
 public:
  /// 0: as quick as one can.
  explicit Pace(double per_second) noexcept
      : each_{per_second > 0
                  ? Nanoseconds{static_cast<std::int64_t>(std::min(1e9 / per_second, kLongest))}
                  : Nanoseconds::zero()} {}

  /// True: one may be done now, and counts as done.
  bool take(Steady now) noexcept {
    if (now < next_) return false;
    next_ = std::max(next_, now - kPortion) + each_;
    return true;
  }
  /// When it is worth to go on.
  Steady next() const noexcept { return next_ + std::max(kPortion - each_, Nanoseconds::zero()); }

 private:
  static constexpr double kLongest = 1e15;  // ns
  static constexpr Nanoseconds kPortion = std::chrono::milliseconds{100};

  const Nanoseconds each_;
  Steady next_{};  // when the next one is due
};

}  // namespace vital::rrdtool

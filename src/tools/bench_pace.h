// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <atomic>

#include "base/clock.h"

namespace vital::bench {

/// When how much is due at a steady rate, and when it is over.
///
/// Units    things a second; 0: as many as can be
/// Threads  one; `ended` is set by a signal handler
class Pace {
 public:
  Pace(double rate, double duration, const std::atomic<bool>& ended)
      : rate_{rate}, duration_{duration}, ended_{ended}, begin_{clock_.now()} {}

  double elapsed() const noexcept { return seconds(Nanoseconds{clock_.now() - begin_}); }
  bool over() const noexcept { return ended_ || (duration_ > 0 && elapsed() >= duration_); }
  /// So much is done, and the next one is not due for a while that is worth a rest: short ones are
  /// left out, so that many things are done at a time.
  bool is_early(std::uint64_t done) const noexcept { return ahead(done) > kWorthWhile; }
  void rest(std::uint64_t done) noexcept;

 private:
  static constexpr double kWorthWhile = 500e-6;  // s

  double ahead(std::uint64_t done) const noexcept {
    return rate_ > 0 ? static_cast<double>(done) / rate_ - elapsed() : 0;
  }

  const double rate_, duration_;
  const std::atomic<bool>& ended_;
  SystemClock clock_;
  Bell bell_;
  const Steady begin_;
};

inline void Pace::rest(std::uint64_t done) noexcept {
  constexpr double kLongest = 0.2;  // s
  for (double left = ahead(done); left > kWorthWhile && !over(); left = ahead(done))
    (void)clock_.sleep_until(clock_.now() + nanoseconds(span_of(std::min(left, kLongest))), bell_);
}

}  // namespace vital::bench

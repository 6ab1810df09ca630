// SPDX-License-Identifier: MIT
#pragma once
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>

#include "base/clock.h"

namespace vital::test {

/// A clock that stands still until the test moves it. Whoever sleeps on it wakes when the test has
/// moved it far enough, or when the bell rings.
///
/// Threads  any
class FakeClock final : public Clock {
 public:
  static constexpr std::int64_t kBegin = 1'700'000'000;  // seconds since 1970

  Steady now() const noexcept override;
  Time wall() const noexcept override;
  bool sleep_until(Steady moment, Bell& bell) noexcept override;

  /// Waits, in real time, until a thread sleeps on this clock and is not due to wake.
  void await_sleeper();
  /// Time passes: both clocks go on.
  void advance(Nanoseconds length);
  /// Somebody sets the wall clock, or the host was suspended: only that clock jumps.
  void step_wall(Span step);
  /// The same by more than a minute back, noticed as the daemon's clock notices it.
  void reset_wall(Span step);
  std::uint64_t resets() const noexcept override;

 private:
  mutable std::mutex mutex_;
  std::condition_variable moved_;
  Nanoseconds passed_{std::chrono::hours{1}};
  Span stepped_{};
  std::uint64_t resets_ = 0;
  std::multiset<Steady> sleepers_;  // until when each sleeps
};

}  // namespace vital::test

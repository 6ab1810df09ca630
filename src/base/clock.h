// SPDX-License-Identifier: MIT
#pragma once
#include "base/fd.h"
#include "base/time.h"

namespace vital {

/// Ends a sleep from another thread. Once rung it stays rung until clear().
///
/// Threads  any; ring() is also safe in a signal handler
class Bell {
 public:
  Bell();  // throws std::system_error: no descriptor left
  void ring() noexcept;
  void clear() noexcept;
  int fd() const noexcept { return event_.get(); }

 private:
  Fd event_;
};

/// The time. A test hands in a clock of its own, and so no test sleeps.
///
/// Threads  any
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Steady now() const noexcept = 0;
  virtual Time wall() const noexcept = 0;
  /// The moment at which wall() will show that time.
  virtual Steady when(Time time) const noexcept { return now() + nanoseconds(time - wall()); }
  /// How often wall() went back by more than could be absorbed.
  virtual std::uint64_t resets() const noexcept { return 0; }
  /// False: woken by the bell before the moment came.
  virtual bool sleep_until(Steady moment, Bell& bell) noexcept = 0;
};

/// The clocks of this host.
class SystemClock final : public Clock {
 public:
  Steady now() const noexcept override;
  Time wall() const noexcept override;
  bool sleep_until(Steady moment, Bell& bell) noexcept override;
};

/// Writes a moment as "2026-11-22 19:21:05" in local time.
Text<32> local_time(Time moment) noexcept;

}  // namespace vital

// SPDX-License-Identifier: MIT
#pragma once
#include <mutex>

#include "base/clock.h"

namespace vital {

/// The wall clock as samples are stamped with it: it never goes back by a little. When the host's
/// clock is set back by up to a minute (a leap second, a first correction), this one runs ahead of
/// it and slows down until the other has caught up; when it is set back further, this one follows
/// at once and counts a reset. A step forward is followed at once.
///
/// Threads  any
class DisciplinedClock final : public Clock {
 public:
  explicit DisciplinedClock(Clock& host);

  Steady now() const noexcept override { return host_.now(); }
  Time wall() const noexcept override;
  Steady when(Time time) const noexcept override;
  std::uint64_t resets() const noexcept override;
  bool sleep_until(Steady moment, Bell& bell) noexcept override {
    return host_.sleep_until(moment, bell);
  }

  /// How far it runs ahead of the host's clock.
  Span lead() const noexcept;

 private:
  Time observe(Steady now) const noexcept;

  Clock& host_;
  mutable std::mutex mutex_;  // guards all below
  mutable Steady seen_;       // when the host's clock was last looked at
  mutable Span distance_{};   // of the host's wall clock from its steady one, then
  mutable Span lead_{};       // what it is still ahead by
  mutable std::uint64_t resets_ = 0;
};

}  // namespace vital

// SPDX-License-Identifier: MIT
#include "base/disciplined_clock.h"

#include <algorithm>

namespace vital {
namespace {

constexpr Span kMostAbsorbed = span_of_seconds(60);
constexpr Span kJitter = span_of(std::chrono::milliseconds{20});  // between two clock readings
constexpr std::int64_t kSlowdown = 16;  // a sixteenth slower while the lead lasts

Span span_between(Steady from, Steady to) noexcept {
  return span_of(std::chrono::duration_cast<Nanoseconds>(to - from));
}

}  // namespace

DisciplinedClock::DisciplinedClock(Clock& host) : host_{host}, seen_{host.now()} {
  distance_ = host.wall().time_since_epoch() - span_between(Steady{}, seen_);
}

Time DisciplinedClock::wall() const noexcept {
  const std::lock_guard lock{mutex_};
  return observe(host_.now());
}

Time DisciplinedClock::observe(Steady now) const noexcept {
  const Span since_start = span_between(Steady{}, now);
  const Span distance = host_.wall().time_since_epoch() - since_start;
  const Span step = distance - distance_;
  distance_ = distance;
  lead_ -= std::min(lead_, span_between(seen_, std::max(seen_, now)) / kSlowdown);
  seen_ = std::max(seen_, now);
  if (step > kJitter) {
    lead_ -= std::min(lead_, step);
  } else if (step < -kJitter) {
    lead_ -= step;
    if (lead_ > kMostAbsorbed) {
      lead_ = Span::zero();
      ++resets_;
    }
  }
  return Time{since_start + distance_ + lead_};
}

Steady DisciplinedClock::when(Time time) const noexcept {
  const std::lock_guard lock{mutex_};
  const Steady now = host_.now();
  const Span ahead = time - observe(now);
  // While the lead lasts each second of this clock takes longer by a part in fifteen.
  const Span slow = std::clamp(ahead, Span::zero(), lead_ * (kSlowdown - 1));
  return now + nanoseconds(ahead + slow / (kSlowdown - 1));
}

std::uint64_t DisciplinedClock::resets() const noexcept {
  const std::lock_guard lock{mutex_};
  return resets_;
}

Span DisciplinedClock::lead() const noexcept {
  const std::lock_guard lock{mutex_};
  return lead_;
}

}  // namespace vital

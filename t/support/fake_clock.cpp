// SPDX-License-Identifier: MIT
#include "support/fake_clock.h"

#include <poll.h>

namespace vital::test {

Steady FakeClock::now() const noexcept {
  const std::lock_guard lock{mutex_};
  return Steady{passed_};
}

Time FakeClock::wall() const noexcept {
  const std::lock_guard lock{mutex_};
  return Time{span_of_seconds(kBegin) + span_of(passed_ - std::chrono::hours{1}) + stepped_};
}

bool FakeClock::sleep_until(Steady moment, Bell& bell) noexcept {
  std::unique_lock lock{mutex_};
  const auto me = sleepers_.insert(moment);
  moved_.notify_all();
  bool rung = false;
  while (!rung && Steady{passed_} < moment) {
    pollfd events{.fd = bell.fd(), .events = POLLIN, .revents = 0};
    rung = ::poll(&events, 1, 0) > 0;
    if (!rung) moved_.wait_for(lock, std::chrono::milliseconds{1});
  }
  sleepers_.erase(me);
  return !rung;
}

void FakeClock::await_sleeper() {
  std::unique_lock lock{mutex_};
  moved_.wait_for(lock, std::chrono::seconds{10},
                  [this] { return !sleepers_.empty() && *sleepers_.begin() > Steady{passed_}; });
}

void FakeClock::advance(Nanoseconds length) {
  const std::lock_guard lock{mutex_};
  passed_ += length;
  moved_.notify_all();
}

void FakeClock::step_wall(Span step) {
  const std::lock_guard lock{mutex_};
  stepped_ += step;
}

void FakeClock::reset_wall(Span step) {
  const std::lock_guard lock{mutex_};
  stepped_ += step;
  ++resets_;
}

std::uint64_t FakeClock::resets() const noexcept {
  const std::lock_guard lock{mutex_};
  return resets_;
}

}  // namespace vital::test

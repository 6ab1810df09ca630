// SPDX-License-Identifier: MIT
#include "base/clock.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace vital {

Bell::Bell() : event_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {
  if (!event_) throw std::system_error{errno, std::generic_category(), "eventfd"};
}

void Bell::ring() noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(event_.get(), &one, sizeof one);
}

void Bell::clear() noexcept {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = ::read(event_.get(), &count, sizeof count);
}

Steady SystemClock::now() const noexcept { return std::chrono::steady_clock::now(); }

Time SystemClock::wall() const noexcept {
  timespec moment{};
  ::clock_gettime(CLOCK_REALTIME, &moment);
  return time_of(moment);
}

bool SystemClock::sleep_until(Steady moment, Bell& bell) noexcept {
  pollfd rung{.fd = bell.fd(), .events = POLLIN, .revents = 0};
  while (true) {
    const auto left = std::chrono::duration_cast<Nanoseconds>(moment - now()).count();
    const std::int64_t wait = left > 0 ? left : 0;
    const timespec limit{.tv_sec = wait / 1'000'000'000, .tv_nsec = wait % 1'000'000'000};
    const int ready = ::ppoll(&rung, 1, &limit, nullptr);
    if (ready > 0) return false;
    if (ready == 0 && now() >= moment) return true;
  }
}

Text<32> local_time(Time moment) noexcept {
  const auto since_epoch = moment.time_since_epoch().count() >> 30;
  const std::time_t whole = static_cast<std::time_t>(since_epoch);
  std::tm parts{};
  ::localtime_r(&whole, &parts);
  char buffer[32];
  Text<32> text;
  text.add(std::string_view{buffer, std::strftime(buffer, sizeof buffer, "%F %T", &parts)});
  return text;
}

}  // namespace vital

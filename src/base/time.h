// SPDX-License-Identifier: MIT
#pragma once
#include <ctime>

#include <chrono>
#include <cstdint>
#include <ratio>

namespace vital {

/// A length of time in units of 2^-30 s, the resolution that collectd's protocols carry.
using Span = std::chrono::duration<std::int64_t, std::ratio<1, std::int64_t{1} << 30>>;

/// Names the wall clock: seconds since 1970 UTC without leap seconds, as CLOCK_REALTIME has them.
struct WallClock {
  using duration = Span;
  using rep = Span::rep;
  using period = Span::period;
  using time_point = std::chrono::time_point<WallClock, Span>;
  static constexpr bool is_steady = false;
};

/// A moment on the wall clock. Time{} means "not known" wherever a time is optional.
using Time = WallClock::time_point;

/// A moment on the clock that is never set (CLOCK_MONOTONIC); it stands still during a suspend.
using Steady = std::chrono::steady_clock::time_point;
using Nanoseconds = std::chrono::nanoseconds;

// Conversions by hand: std::chrono::duration_cast between 2^-30 s and 10^-9 s overflows 64 bits.

constexpr std::int64_t kUnitsPerSecond = std::int64_t{1} << 30;

constexpr Span span_of_seconds(std::int64_t seconds) noexcept {
  return Span{seconds * kUnitsPerSecond};
}
/// Truncates; what no span can hold becomes the longest one.
constexpr Span span_of(double seconds) noexcept {
  constexpr double kLimit = 8e9;  // 2^63 units are 8.58e9 s
  if (!(seconds > -kLimit)) return Span{-span_of_seconds(8'000'000'000)};
  if (seconds > kLimit) return span_of_seconds(8'000'000'000);
  return Span{static_cast<std::int64_t>(seconds * static_cast<double>(kUnitsPerSecond))};
}
constexpr Time time_of(double seconds) noexcept { return Time{span_of(seconds)}; }

/// Rounds to the nearest unit.
constexpr Span span_of(Nanoseconds length) noexcept {
  const std::int64_t seconds = length.count() / 1'000'000'000;
  const std::int64_t rest = length.count() % 1'000'000'000;
  const std::int64_t half = rest < 0 ? -500'000'000 : 500'000'000;
  return Span{seconds * kUnitsPerSecond + (rest * kUnitsPerSecond + half) / 1'000'000'000};
}
constexpr Time time_of(const timespec& moment) noexcept {
  return Time{span_of_seconds(moment.tv_sec) + span_of(Nanoseconds{moment.tv_nsec})};
}

/// Rounds to the nearest nanosecond.
constexpr Nanoseconds nanoseconds(Span length) noexcept {
  const std::int64_t seconds = length.count() / kUnitsPerSecond;
  const std::int64_t rest = length.count() % kUnitsPerSecond;
  const std::int64_t half = rest < 0 ? -kUnitsPerSecond / 2 : kUnitsPerSecond / 2;
  return Nanoseconds{seconds * 1'000'000'000 + (rest * 1'000'000'000 + half) / kUnitsPerSecond};
}

constexpr double seconds(Span length) noexcept {
  return static_cast<double>(length.count()) / static_cast<double>(kUnitsPerSecond);
}
constexpr double seconds(Time moment) noexcept { return seconds(moment.time_since_epoch()); }
constexpr double seconds(Nanoseconds length) noexcept {
  return static_cast<double>(length.count()) * 1e-9;
}

/// Whole seconds, rounded half up, as RRD files and Graphite get them.
constexpr std::int64_t rounded_seconds(Span length) noexcept {
  return (length.count() + kUnitsPerSecond / 2) >> 30;
}
constexpr std::int64_t rounded_seconds(Time moment) noexcept {
  return rounded_seconds(moment.time_since_epoch());
}
/// Milliseconds, rounded half up.
constexpr std::int64_t rounded_milliseconds(Time moment) noexcept {
  const std::int64_t units = moment.time_since_epoch().count();
  const std::int64_t fraction = units & (kUnitsPerSecond - 1);
  return (units >> 30) * 1000 + ((fraction * 1000 + kUnitsPerSecond / 2) >> 30);
}

}  // namespace vital

// SPDX-License-Identifier: MIT
#include "pipeline/band.h"

#include <cmath>

namespace vital {
namespace {

constexpr std::uint64_t kHoursOfDay = 24;

std::uint64_t hour_of(Time time) noexcept {
  return static_cast<std::uint64_t>(seconds(time) / 3600);
}

}  // namespace

Band::Band(unsigned days) : days_{days}, hours_((days + 1) * kHoursOfDay) {}

void Band::add(Time time, double value) noexcept {
  const std::uint64_t number = hour_of(time);
  Hour& hour = hours_[number % hours_.size()];
  if (hour.number > number) return;  // from the past: that hour is over
  if (hour.number != number) hour = {.number = number};
  hour.n += 1;
  const double change = value - hour.mean;
  hour.mean += change / hour.n;
  hour.squares += change * (value - hour.mean);
}

std::optional<Band::Usual> Band::usual(Time time, unsigned days) const noexcept {
  double n = 0, mean = 0, squares = 0;
  unsigned found = 0;
  for (unsigned day = 1; day <= days && day <= days_; ++day) {
    const std::uint64_t number = hour_of(time) - day * kHoursOfDay;
    const Hour& hour = hours_[number % hours_.size()];
    if (hour.number != number || !(hour.n > 0)) continue;
    ++found;
    const double change = hour.mean - mean, total = n + hour.n;
    squares += hour.squares + change * change * n * hour.n / total;
    mean += change * hour.n / total;
    n = total;
  }
  if (found == 0) return std::nullopt;
  return Usual{.mean = mean, .deviation = std::sqrt(squares / n), .days = found};
}

void Band::save(ByteWriter& out) const {
  std::uint64_t filled = 0;
  for (const Hour& hour : hours_) filled += hour.number != 0;
  out.small(filled);
  for (const Hour& hour : hours_) {
    if (hour.number == 0) continue;
    out.small(hour.number);
    out.fixed(hour.n);
    out.fixed(hour.mean);
    out.fixed(hour.squares);
  }
}

void Band::restore(ByteReader& in) noexcept {
  for (std::uint64_t left = in.small(); left != 0 && in.ok(); --left) {
    Hour hour;
    hour.number = in.small();
    hour.n = in.fixed<double>();
    hour.mean = in.fixed<double>();
    hour.squares = in.fixed<double>();
    if (!in.ok() || !(hour.n > 0) || !std::isfinite(hour.mean) || !(hour.squares >= 0)) continue;
    Hour& place = hours_[hour.number % hours_.size()];
    if (place.number < hour.number) place = hour;
  }
}

}  // namespace vital

// SPDX-License-Identifier: MIT
#include "model/rate.h"

#include <limits>

namespace vital {

std::uint64_t counter_difference(std::uint64_t before, std::uint64_t now) noexcept {
  if (now >= before) return now - before;
  constexpr std::uint64_t kWrap32 = std::uint64_t{1} << 32;
  if (before < kWrap32) return kWrap32 - before + now;
  return now - before;  // modulo 2^64
}

double first_rate(Kind kind, Value now, Span interval) noexcept {
  if (kind == Kind::gauge) return now.gauge;
  if (kind == Kind::absolute && interval > Span::zero())
    return static_cast<double>(now.absolute) / seconds(interval);
  return std::numeric_limits<double>::quiet_NaN();
}

double rate_between(Kind kind, Value before, Value now, Span elapsed) noexcept {
  switch (kind) {
    case Kind::gauge:
      return now.gauge;
    case Kind::counter:
      return static_cast<double>(counter_difference(before.counter, now.counter)) /
             seconds(elapsed);
    case Kind::derive: {
      const std::uint64_t change = now.counter - before.counter;  // modulo 2^64, no signed overflow
      return static_cast<double>(static_cast<std::int64_t>(change)) / seconds(elapsed);
    }
    case Kind::absolute:
      return static_cast<double>(now.absolute) / seconds(elapsed);
  }
  return std::numeric_limits<double>::quiet_NaN();
}

}  // namespace vital

// SPDX-License-Identifier: MIT
#include "aggregation/totals.h"

#include <cmath>

namespace vital::aggregation {

std::optional<Value> Totals::add(Kind kind, double rate, Time time) noexcept {
  if (kind == Kind::gauge) return Value{.gauge = rate};
  if (!std::isfinite(rate) || (rate < 0 && kind != Kind::derive) || time <= time_) {
    *this = {};
    return std::nullopt;
  }
  const bool first = time_ == Time{};
  const double change = first ? rate : rate * seconds(time - time_) + fraction_;
  const double whole = std::trunc(change);
  fraction_ = change - whole;
  time_ = time;
  const auto step = static_cast<std::int64_t>(whole);
  total_.derive = first || kind == Kind::absolute ? step : total_.derive + step;
  if (first) return std::nullopt;
  return total_;
}

}  // namespace vital::aggregation

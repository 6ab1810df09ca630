// SPDX-License-Identifier: MIT
#include "ping/tally.h"

#include <cmath>
#include <limits>

namespace vital::ping {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

}  // namespace

void Tally::count(const Answer& answer) noexcept {
  if (!answer.sent) return;
  ++sent_;
  if (!answer.milliseconds) return;
  ++received_;
  const double distance = *answer.milliseconds - mean_;
  mean_ += distance / received_;
  squares_ += distance * (*answer.milliseconds - mean_);
}

double Tally::average() const noexcept { return received_ == 0 ? kNone : mean_; }

double Tally::deviation() const noexcept {
  if (received_ == 0) return kNone;
  return received_ == 1 ? 0.0 : std::sqrt(squares_ / (received_ - 1));
}

double Tally::drop_rate() const noexcept {
  return sent_ == 0 ? kNone : static_cast<double>(sent_ - received_) / sent_;
}

}  // namespace vital::ping

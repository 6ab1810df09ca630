// SPDX-License-Identifier: MIT
#include "tools/nagios_range.h"

#include "base/numbers.h"

namespace vital {
namespace {

double bound(std::string_view text, double none) noexcept {
  if (text.empty() || text.front() == '~') return none;
  std::size_t used = 0;
  const double number = c_strtod(text, used);
  return used == 0 ? 0 : number;
}

}  // namespace

void NagiosRange::read(std::string_view text) noexcept {
  if (text.starts_with('@')) {
    inverted_ = true;
    text.remove_prefix(1);
  }
  const auto colon = text.find(':');
  const bool both = colon != std::string_view::npos;
  min_ = both ? bound(text.substr(0, colon), kNone) : 0;
  max_ = bound(both ? text.substr(colon + 1) : text, kNone);
}

/// What is not a number compares as neither less nor greater, and so bounds nothing.
bool NagiosRange::is_bad(double value) const noexcept {
  const bool outside = value < min_ || value > max_;
  if (!inverted_) return outside;
  return !outside;
}

}  // namespace vital

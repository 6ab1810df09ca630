// SPDX-License-Identifier: MIT
#pragma once
#include <limits>
#include <string_view>

namespace vital {

/// Which values are good, as collectd-nagios reads it from -w and -c: ["@"] [MIN ":"] MAX.
///
/// A bound that is empty or begins with "~" is none; without a colon MIN is 0. Bounds are the
/// longest prefix that is a number, 0 if there is none. "@" turns the range around: what lies
/// within, bounds included, is bad.
///
/// Threads  a plain value
class NagiosRange {
 public:
  /// Until then every value is good. Given again, the last one counts, but an "@" stays.
  void read(std::string_view text) noexcept;
  bool is_bad(double value) const noexcept;

 private:
  static constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  double min_ = kNone, max_ = kNone;
  bool inverted_ = false;
};

}  // namespace vital

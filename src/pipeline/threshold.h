// SPDX-License-Identifier: MIT
#pragma once
#include <limits>
#include <optional>
#include <string>

#include "model/identifier.h"
#include "model/notification.h"
#include "pipeline/band.h"
#include "pipeline/trend.h"

namespace vital {

/// How it stands with a series, in growing order of gravity.
enum class State : std::uint8_t { unknown, okay, warning, failure };

/// Bounds on a data source and what their crossing means, as the configuration has it. NaN stands
/// for a bound that is not set; an empty name for any.
struct Threshold {
  static constexpr double kUnset = std::numeric_limits<double>::quiet_NaN();
  struct Bounds {
    double min = kUnset, max = kUnset;
    bool any() const noexcept { return min == min || max == max; }
    /// A value on the bound is within it, and so is one that is not known.
    bool outside(double value, double hysteresis) const noexcept {
      return min + hysteresis > value || max - hysteresis < value;
    }
  };

  std::string host, plugin, plugin_instance, type, type_instance, data_source;
  Bounds warning, failure;
  double hysteresis = 0;
  std::uint32_t hits = 0;
  Span duration{};  // how long it must be wrong before that is said
  Span repeat{};    // how often it is said again; zero: never
  bool invert = false, persist = false, persist_ok = false, percentage = false;
  bool interesting = true;

  struct {
    Span window{};              // zero: the trend does not count
    Bounds bounds;              // what must not be reached
    Span warning{}, failure{};  // within that time; zero: never
  } trend;
  struct {
    unsigned days = 0;                          // zero: what is usual does not count
    double warning = kUnset, failure = kUnset;  // how many standard deviations off
    double slack = 0;  // share of the mean by which it may be off in any case
  } band;
};

/// What a threshold says of one value, and why.
struct Finding {
  enum class Reason : std::uint8_t { bounds, trend, band };

  State state = State::unknown;
  Reason reason = Reason::bounds;
  const Threshold* threshold = nullptr;
  std::size_t source = 0;
  double rate = Threshold::kUnset;   // the value
  double share = Threshold::kUnset;  // in percent of all data sources, where that counts
  double left = Threshold::kUnset;   // trend: seconds until the bound is reached
  double bound = Threshold::kUnset;  // trend: which one
  double low = Threshold::kUnset, high = Threshold::kUnset;  // band
  bool trend_open = false, band_open = false;                // cannot be judged yet

  bool is_open(Reason reason) const noexcept {
    return reason == Reason::trend ? trend_open : reason == Reason::band && band_open;
  }

  double measured() const noexcept { return share == share ? share : rate; }
};

/// What the bounds say of a value, when `told` was said last.
///
/// Threads  pure; so are the others
State judge_bounds(const Threshold& threshold, double value, State told) noexcept;
/// The same of a trend or a band. Unknown: there is not enough to judge by.
void judge_trend(const Threshold& threshold, const Trend& trend, Finding& finding) noexcept;
void judge_band(const Threshold& threshold, const Band& band, Time time, Finding& finding) noexcept;

/// The notification about a finding, in collectd's words. `was_missing`: there was no value before.
Notification notification_of(const Identifier& identifier, Time time, const Finding& finding,
                             std::string_view source, bool was_missing);
/// That a series has had no value for too long.
Notification notification_of_missing(const Identifier& identifier, std::string_view name, Time last,
                                     Time now);

}  // namespace vital

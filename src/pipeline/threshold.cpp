// SPDX-License-Identifier: MIT
#include "pipeline/threshold.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace vital {
namespace {

constexpr unsigned kFewestDays = 3;  // before anything is called usual

bool is_set(double number) noexcept { return !std::isnan(number); }

std::string print(const char* format, double number) {
  char buffer[400];
  std::snprintf(buffer, sizeof buffer, format, number);
  return buffer;
}

bool violated(const Threshold& threshold, const Threshold::Bounds& bounds, double value,
              double hysteresis) noexcept {
  return bounds.any() && bounds.outside(value, hysteresis) != threshold.invert;
}

std::string span_text(double seconds) {
  constexpr double kMinute = 60, kHour = 3600, kDay = 86400;
  if (seconds < 2 * kMinute) return print("%.0f seconds", seconds);
  if (seconds < 2 * kHour) return print("%.0f minutes", seconds / kMinute);
  if (seconds < 2 * kDay) return print("%.1f hours", seconds / kHour);
  return print("%.1f days", seconds / kDay);
}

std::string head_of(const Identifier& id) {
  std::string text = "Host ";
  text.append(id.host).append(", plugin ").append(id.plugin);
  if (!id.plugin_instance.empty())
    text.append(" (instance ").append(id.plugin_instance).append(")");
  text.append(" type ").append(id.type);
  if (!id.type_instance.empty()) text.append(" (instance ").append(id.type_instance).append(")");
  return text;
}

std::string inverted_text(const Threshold& threshold, const Threshold::Bounds& bounds,
                          const char* level) {
  const char* const percent = threshold.percentage ? "%" : "";
  if (is_set(bounds.min) && is_set(bounds.max))
    return std::string{"within the "} + level + " region of " + print("%f", bounds.min) + percent +
           " and " + print("%f", bounds.max) + percent + ".";
  return std::string{is_set(bounds.min) ? "above" : "below"} + " the " + level + " threshold of " +
         print("%f", is_set(bounds.min) ? bounds.min : bounds.max) + percent + ".";
}

std::string bounds_text(const Finding& finding, const char* level) {
  const Threshold& threshold = *finding.threshold;
  const Threshold::Bounds& bounds =
      finding.state == State::failure ? threshold.failure : threshold.warning;
  if (threshold.invert)
    return print(" is currently %f. That is ", finding.rate) +
           inverted_text(threshold, bounds, level);
  const bool below = finding.measured() < bounds.min;
  const double limit = below ? bounds.min : bounds.max;
  const std::string where =
      std::string{below ? "below" : "above"} + " the " + level + " threshold of ";
  if (threshold.percentage)
    return print(" is currently %g", finding.rate) + print(" (%.2f%%). That is ", finding.share) +
           where + print("%.2f%%.", limit);
  return print(" is currently %f. That is ", finding.rate) + where + print("%f.", limit);
}

std::string trend_text(const Finding& finding, const char* level) {
  const Threshold& threshold = *finding.threshold;
  const char* const percent = threshold.percentage ? "%" : "";
  const Span within =
      finding.state == State::failure ? threshold.trend.failure : threshold.trend.warning;
  const std::string value = print(" is currently %f", finding.measured()) + percent;
  if (!(finding.left > 0))
    return value + ". It has reached " + print("%f", finding.bound) + percent + ".";
  return value + ". At its trend it will reach " + print("%f", finding.bound) + percent + " in " +
         span_text(finding.left) + ". That is within the " + level + " threshold of " +
         span_text(seconds(within)) + ".";
}

std::string band_text(const Finding& finding, const char* level) {
  return print(" is currently %f. At this hour it is usually between ", finding.rate) +
         print("%f and ", finding.low) + print("%f. That is ", finding.high) +
         (finding.rate < finding.low ? "below" : "above") + " the " + level + " band.";
}

std::string tail_of(const Finding& finding, std::string_view source, bool was_missing) {
  if (finding.state == State::okay && was_missing) return ": Value is no longer missing.";
  std::string text;
  if (finding.state == State::okay)
    return text.append(": All data sources are within range again. Current value of \"")
        .append(source)
        .append("\" is ")
        .append(print("%f.", finding.rate));
  const char* const level = finding.state == State::failure ? "failure" : "warning";
  text.append(": Data source \"").append(source).append("\"");
  switch (finding.reason) {
    case Finding::Reason::bounds:
      return text + bounds_text(finding, level);
    case Finding::Reason::trend:
      return text + trend_text(finding, level);
    case Finding::Reason::band:
      return text + band_text(finding, level);
  }
  return text;
}

void name(Notification& notification, const Identifier& id) {
  notification.host = id.host;
  notification.plugin = id.plugin;
  notification.plugin_instance = id.plugin_instance;
  notification.type = id.type;
  notification.type_instance = id.type_instance;
}

/// Seconds until a line reaches a bound that lies in its direction; infinity: it does not.
double time_to(double bound, bool upwards, const Trend::Line& line) noexcept {
  const double distance = upwards ? bound - line.value : line.value - bound;
  const double speed = upwards ? line.slope : -line.slope;
  if (distance <= 0) return 0;
  return speed > 0 ? distance / speed : std::numeric_limits<double>::infinity();
}

bool within(double left, Span limit) noexcept {
  return limit > Span::zero() && left <= seconds(limit);
}

}  // namespace

State judge_bounds(const Threshold& threshold, double value, State told) noexcept {
  if (!is_set(value)) return State::unknown;
  const double for_failure = told == State::failure ? threshold.hysteresis : 0;
  const double for_warning = told == State::warning ? threshold.hysteresis : 0;
  if (violated(threshold, threshold.failure, value, for_failure)) return State::failure;
  if (violated(threshold, threshold.warning, value, for_warning)) return State::warning;
  return State::okay;
}

void judge_trend(const Threshold& threshold, const Trend& trend, Finding& finding) noexcept {
  const auto line = trend.line();
  finding.state = State::unknown;
  finding.reason = Finding::Reason::trend;
  if (!line) return;
  const auto& wanted = threshold.trend;
  const double down = is_set(wanted.bounds.min) ? time_to(wanted.bounds.min, false, *line)
                                                : std::numeric_limits<double>::infinity();
  const double up = is_set(wanted.bounds.max) ? time_to(wanted.bounds.max, true, *line)
                                              : std::numeric_limits<double>::infinity();
  finding.left = std::min(down, up);
  finding.bound = down <= up ? wanted.bounds.min : wanted.bounds.max;
  finding.state = within(finding.left, wanted.failure)   ? State::failure
                  : within(finding.left, wanted.warning) ? State::warning
                                                         : State::okay;
}

void judge_band(const Threshold& threshold, const Band& band, Time time,
                Finding& finding) noexcept {
  const auto& wanted = threshold.band;
  const auto usual = band.usual(time, wanted.days);
  finding.state = State::unknown;
  finding.reason = Finding::Reason::band;
  const double value = finding.rate;
  if (!is_set(value) || !usual || usual->days < std::min(kFewestDays, wanted.days)) return;
  const double off = std::abs(value - usual->mean);
  const auto leaves = [&](double deviations) {
    const double room =
        std::max(deviations * usual->deviation, wanted.slack / 100 * std::abs(usual->mean));
    finding.low = usual->mean - room;
    finding.high = usual->mean + room;
    return off > room;
  };
  finding.state = State::okay;
  if (is_set(wanted.failure) && leaves(wanted.failure))
    finding.state = State::failure;
  else if (is_set(wanted.warning) && leaves(wanted.warning))
    finding.state = State::warning;
}

Notification notification_of(const Identifier& identifier, Time time, const Finding& finding,
                             std::string_view source, bool was_missing) {
  Notification result;
  result.level = finding.state == State::failure   ? Level::failure
                 : finding.state == State::warning ? Level::warning
                                                   : Level::okay;
  result.time = time;
  name(result, identifier);
  result.set_message(head_of(identifier) + tail_of(finding, source, was_missing));
  const Threshold& threshold = *finding.threshold;
  result.meta.set("DataSource", std::string{source});
  result.meta.set("CurrentValue", finding.rate);
  result.meta.set("WarningMin", threshold.warning.min);
  result.meta.set("WarningMax", threshold.warning.max);
  result.meta.set("FailureMin", threshold.failure.min);
  result.meta.set("FailureMax", threshold.failure.max);
  if (finding.reason == Finding::Reason::trend && std::isfinite(finding.left))
    result.meta.set("SecondsLeft", finding.left);
  if (finding.reason == Finding::Reason::band && is_set(finding.low)) {
    result.meta.set("UsualMin", finding.low);
    result.meta.set("UsualMax", finding.high);
  }
  return result;
}

Notification notification_of_missing(const Identifier& identifier, std::string_view full_name,
                                     Time last, Time now) {
  Notification result;
  result.level = Level::failure;
  result.time = now;
  name(result, identifier);
  result.set_message(std::string{full_name} +
                     print(" has not been updated for %.3f seconds.", seconds(now - last)));
  return result;
}

}  // namespace vital

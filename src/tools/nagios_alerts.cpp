// SPDX-License-Identifier: MIT
#include "tools/nagios_alerts.h"

#include <algorithm>
#include <tuple>

#include "base/clock.h"
#include "base/numbers.h"
#include "base/strings.h"
#include "model/put.h"

namespace vital {
namespace {

/// As Nagios takes it: a bar would begin performance data, a line feed the next line.
std::string plain(std::string_view text) {
  std::string result{text};
  for (char& c : result)
    if (c == '|' || c == '\n' || c == '\r') c = c == '|' ? '/' : ' ';
  return result;
}

std::string counted(std::size_t count, std::string_view what) {
  return std::to_string(count) + " " + std::string{what} + (count == 1 ? "" : "s");
}

std::string alert_line(const AlertLine& alert) {
  return std::string{name_of(alert.level)} + " " + plain(alert.identifier) + " since " +
         std::string{local_time(time_of(alert.since)).view()} + ": " + plain(alert.message) +
         (alert.silenced ? " (silenced)" : "") + "\n";
}

}  // namespace

Result<AlertLine> parse_alert(std::string_view line) {
  std::string copy{line};
  CommandFields fields{copy};
  std::string_view field;
  const auto level = parse_level(fields.next(field) ? field : std::string_view{});
  if (!level) return Error{Errc::malformed, line};
  AlertLine alert;
  alert.level = *level;
  while (fields.next(field)) {
    const std::string_view key = field.substr(0, field.find('='));
    const std::string_view value = field.substr(std::min(field.size(), key.size() + 1));
    std::size_t used = 0;
    if (iequals(key, "since")) alert.since = c_strtod(value, used);
    if (iequals(key, "identifier")) alert.identifier = value;
    if (iequals(key, "message")) alert.message = value;
    if (iequals(key, "silence")) alert.silenced = true;
  }
  if (alert.identifier.empty()) return Error{Errc::malformed, line};
  return alert;
}

bool AlertScope::has(const std::string& identifier) const {
  const auto slash = std::min(identifier.find('/'), identifier.size());
  if (!host.empty() && !iequals(host, identifier.substr(0, slash))) return false;
  if (name.empty()) return true;
  const std::string rest = identifier.substr(std::min(slash + 1, identifier.size()));
  return rest == name || (name.find('/') == std::string::npos && rest.starts_with(name + "/"));
}

Verdict judge(std::vector<AlertLine> alerts) {
  std::sort(alerts.begin(), alerts.end(), [](const AlertLine& a, const AlertLine& b) {
    return std::tie(a.silenced, a.level, a.since, a.identifier) <
           std::tie(b.silenced, b.level, b.since, b.identifier);
  });
  std::erase_if(alerts, [](const AlertLine& alert) { return alert.level == Level::okay; });
  const auto count = [&](Level level) {
    return static_cast<std::size_t>(std::count_if(
        alerts.begin(), alerts.end(),
        [&](const AlertLine& alert) { return alert.level == level && !alert.silenced; }));
  };
  const std::size_t failures = count(Level::failure), warnings = count(Level::warning);
  const std::size_t silenced = alerts.size() - failures - warnings;
  const CheckState state = failures != 0   ? CheckState::critical
                           : warnings != 0 ? CheckState::warning
                                           : CheckState::okay;
  std::string text = std::string{name_of(state)} + ": ";
  text += state == CheckState::okay
              ? "no alerts"
              : counted(failures, "failure") + ", " + counted(warnings, "warning");
  if (silenced != 0) text += ", " + std::to_string(silenced) + " silenced";
  if (state != CheckState::okay)
    text += "; " + plain(alerts.front().identifier) + ": " + plain(alerts.front().message);
  text += " | failures=" + std::to_string(failures) + ";;;; warnings=" + std::to_string(warnings) +
          ";;;;\n";
  for (const AlertLine& alert : alerts) text += alert_line(alert);
  return {state, text};
}

}  // namespace vital

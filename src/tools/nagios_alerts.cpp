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

/// As Nagios takes it, which also has colons for semicolons: a bar would begin performance data, a
/// line feed the next line.
std::string plain(std::string_view text) {
  std::string result{text};
  for (char& c : result)
    if (c == '|' || c == '\n' || c == '\r') c = c == '|' ? '/' : ' ';
  return result;
}

/// The message without the names that its line begins with anyway.
std::string message_of(const AlertLine& alert) {
  const std::string_view message = alert.message;
  const std::string host = alert.identifier.substr(0, alert.identifier.find('/'));
  if (message.starts_with(alert.identifier + " "))
    return plain(message.substr(alert.identifier.size() + 1));
  const auto head = message.find(": Data source ");
  if (!message.starts_with("Host " + host + ", plugin ") || head == std::string_view::npos)
    return plain(message);
  return plain(message.substr(head + 2));
}

std::string counted(std::size_t count, std::string_view what) {
  return std::to_string(count) + " " + std::string{what} + (count == 1 ? "" : "s");
}

std::string alert_line(const AlertLine& alert) {
  return std::string{name_of(alert.level)} + " " + plain(alert.identifier) + " since " +
         std::string{local_time(time_of(alert.since)).view()} + ": " + message_of(alert) +
         (alert.silenced ? " (silenced)" : "") + "\n";
}

/// A line for each, up to what Nagios 4 reads of a check.
std::string lines_of(const std::vector<AlertLine>& alerts) {
  constexpr std::size_t kMost = 6000;
  std::string text;
  for (std::size_t at = 0; at < alerts.size(); ++at) {
    const std::string line = alert_line(alerts[at]);
    if (text.size() + line.size() > kMost)
      return text + "and " + std::to_string(alerts.size() - at) + " more\n";
    text += line;
  }
  return text;
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
  if (name.find('/') != std::string::npos) return rest == name;
  if (rest.starts_with(name + "/")) return true;
  return name.find('-') == std::string::npos && rest.starts_with(name + "-");
}

std::string AlertScope::text() const {
  if (all()) return "the daemon";
  if (host.empty() || name.empty()) return host + name;
  return host + "/" + name;
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
    text += ": " + plain(alerts.front().identifier) + ": " + message_of(alerts.front());
  text += " | failures=" + std::to_string(failures) + ";;;; warnings=" + std::to_string(warnings) +
          ";;;;\n";
  return {state, text + lines_of(alerts)};
}

}  // namespace vital

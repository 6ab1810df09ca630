// SPDX-License-Identifier: MIT
#include "lib/format_alert.h"

#include <ctime>

namespace vital {
namespace {

/// Other than append_json() it leaves what is beyond ASCII as it is: a message is UTF-8.
void append_text(std::string_view raw, std::string& text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  text += '"';
  for (const char c : raw) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') text += '\\';
    if (byte < ' ')
      text.append("\\u00").append({kDigits[byte >> 4], kDigits[byte & 15]});
    else
      text += c;
  }
  text += '"';
}

void append_member(std::string_view separator, std::string_view name, std::string_view value,
                   std::string& text) {
  append_text(name, text.append(separator));
  append_text(value, text.append(":"));
}

std::string alert_name(const Notification& notification) {
  std::string name = "collectd_";
  if (!std::string_view{notification.type}.starts_with(notification.plugin))
    name.append(notification.plugin).append("_");
  return name.append(notification.type);
}

/// RFC 3339 with nanoseconds, UTC.
std::string stamp(Time moment) {
  constexpr int kDigits = 9;
  const std::int64_t units = moment.time_since_epoch().count();
  const std::time_t whole = static_cast<std::time_t>(units >> 30);
  const auto rest = static_cast<std::uint64_t>(units & (kUnitsPerSecond - 1));
  std::tm date{};
  ::gmtime_r(&whole, &date);
  char buffer[32];
  std::string text{buffer, std::strftime(buffer, sizeof buffer, "%FT%T.", &date)};
  const std::string fraction = std::to_string((rest * 1'000'000'000) >> 30);
  return text.append(kDigits - fraction.size(), '0').append(fraction).append("Z");
}

}  // namespace

std::string alert_json(const Notification& notification) {
  std::string text = "[{\"labels\":{";
  append_member("", "alertname", alert_name(notification), text);
  append_member(",", "instance", notification.host, text);
  const bool has_instance = !notification.plugin_instance.empty();
  if (has_instance) append_member(",", notification.plugin, notification.plugin_instance, text);
  if (!notification.type_instance.empty())
    append_member(",", has_instance ? "type" : notification.plugin, notification.type_instance,
                  text);
  append_member(",", "severity", name_of(notification.level), text);
  append_member(",", "service", "collectd", text);
  append_member("", "summary", notification.message, text.append("},\"annotations\":{"));
  for (const Meta::Entry& entry : notification.meta)
    append_member(",", entry.name, to_text(entry.value), text);
  append_member("", "startsAt", stamp(notification.time), text.append("},"));
  return text.append("}]");
}

}  // namespace vital

// SPDX-License-Identifier: MIT
#include "notify_http/body.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>

#include "base/strings.h"

namespace vital::notify_http {
namespace {

/// How many bytes the character of UTF-8 has that `text` begins with; 0: it begins with none.
std::size_t character(std::string_view text) noexcept {
  const auto byte = [&](std::size_t at) {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0u;
  };
  const unsigned first = byte(0), second = byte(1);
  if (first < 0x80) return 1;
  const auto more = [&](std::size_t count) {
    for (std::size_t at = 1; at < count; ++at)
      if ((byte(at) & 0xc0) != 0x80) return std::size_t{0};
    return count;
  };
  if (first >= 0xc2 && first <= 0xdf) return more(2);
  if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f)) return 0;
  if (first >= 0xe0 && first <= 0xef) return more(3);
  if ((first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) return 0;
  return first >= 0xf0 && first <= 0xf4 ? more(4) : 0;
}

void append_control(unsigned char byte, std::string& text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  text.append("\\u00").append(1, kDigits[byte >> 4]).append(1, kDigits[byte & 15]);
}

void append_string(std::string_view raw, std::string& text) {
  text += '"';
  append_escaped(raw, text);
  text += '"';
}

void append_member(std::string_view name, std::string_view value, std::string& text) {
  if (!text.ends_with('{')) text += ',';
  append_string(name, text);
  text += ':';
  append_string(value, text);
}

/// A moment as RFC 3339 has it, in UTC.
std::string utc(Time moment) {
  const std::int64_t milliseconds = rounded_milliseconds(moment);
  const auto second = static_cast<std::time_t>(milliseconds / 1000);
  std::tm at{};
  ::gmtime_r(&second, &at);
  char text[80];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", at.tm_year + 1900,
                at.tm_mon + 1, at.tm_mday, at.tm_hour, at.tm_min, at.tm_sec,
                static_cast<int>(milliseconds % 1000));
  return text;
}

std::string decimal(Time moment) {
  Text<64> text;
  return std::string{text.add_fixed(seconds(moment), 3).view()};
}

std::string with_instance(const std::string& name, const std::string& instance) {
  return instance.empty() ? name : name + "-" + instance;
}

/// The parts that it has, with slashes between them.
std::string identifier(const Notification& notification) {
  std::string text;
  for (const std::string& part :
       {notification.host, with_instance(notification.plugin, notification.plugin_instance),
        with_instance(notification.type, notification.type_instance)})
    if (!part.empty()) text += (text.empty() ? "" : "/") + part;
  return text;
}

struct Part {
  std::string_view name;
  std::string (*value)(const Notification&);
};

constexpr std::array kParts{
    Part{"severity", [](const Notification& n) { return std::string{name_of(n.level)}; }},
    Part{"state",
         [](const Notification& n) {
           return std::string{n.level == Level::okay ? "resolved" : "firing"};
         }},
    Part{"time", [](const Notification& n) { return decimal(n.time); }},
    Part{"time_utc", [](const Notification& n) { return utc(n.time); }},
    Part{"host", [](const Notification& n) { return n.host; }},
    Part{"plugin", [](const Notification& n) { return n.plugin; }},
    Part{"plugin_instance", [](const Notification& n) { return n.plugin_instance; }},
    Part{"type", [](const Notification& n) { return n.type; }},
    Part{"type_instance", [](const Notification& n) { return n.type_instance; }},
    Part{"identifier", identifier},
    Part{"message", [](const Notification& n) { return n.message; }},
};

constexpr std::string_view kMeta = "meta:";

const Part* find_part(std::string_view name) noexcept {
  const auto found =
      std::find_if(kParts.begin(), kParts.end(), [&](const Part& p) { return p.name == name; });
  return found == kParts.end() ? nullptr : &*found;
}

bool is_known(std::string_view name) noexcept {
  return find_part(name) != nullptr || (name.starts_with(kMeta) && name.size() > kMeta.size());
}

std::string part(std::string_view name, const Notification& notification) {
  if (const Part* const known = find_part(name)) return known->value(notification);
  const MetaValue* const meta = notification.meta.find(name.substr(kMeta.size()));
  return meta == nullptr ? std::string{} : to_text(*meta);
}

void append_meta(const MetaValue& value, std::string& text) {
  const auto* const real = std::get_if<double>(&value);
  if (std::holds_alternative<std::string>(value))
    append_string(std::get<std::string>(value), text);
  else
    text += real != nullptr && !std::isfinite(*real) ? "null" : to_text(value);
}

void append_alert(const Notification& notification, Level level, std::string_view severity,
                  std::string& text) {
  text += R"({"labels":{)";
  const std::string name = notification.type.empty() ? notification.plugin : notification.type;
  append_member("alertname", name.empty() ? "vitald" : name, text);
  append_member("severity", severity, text);
  for (const std::string_view label :
       {"host", "plugin", "plugin_instance", "type", "type_instance"})
    if (const std::string value = part(label, notification); !value.empty())
      append_member(label == "host" ? "instance" : label, value, text);
  text += R"(},"annotations":{)";
  append_member("summary", notification.message, text);
  for (const auto& [key, value] : notification.meta) append_member(key, to_text(value), text);
  text += '}';
  append_member(notification.level == level ? "startsAt" : "endsAt", utc(notification.time), text);
  text += '}';
}

}  // namespace

void append_escaped(std::string_view raw, std::string& text) {
  while (!raw.empty()) {
    const std::size_t size = character(raw);
    const char c = raw.front();
    if (size > 1)
      text += raw.substr(0, size);
    else if (size == 0)
      text += '?';
    else if (static_cast<unsigned char>(c) < ' ')
      append_control(static_cast<unsigned char>(c), text);
    else
      text.append(c == '"' || c == '\\' ? "\\" : "").append(1, c);
    raw.remove_prefix(std::max<std::size_t>(size, 1));
  }
}

bool Template::cut(std::string_view text, std::vector<Piece>& pieces) {
  std::string plain;
  while (!text.empty()) {
    if (text.starts_with("%%")) {
      plain += '%';
      text.remove_prefix(2);
    } else if (text.starts_with("%{")) {
      const auto end = text.find('}');
      if (end == std::string_view::npos || !is_known(text.substr(2, end - 2))) return false;
      pieces.push_back({std::exchange(plain, {})});
      pieces.push_back({std::string{text.substr(2, end - 2)}, true});
      text.remove_prefix(end + 1);
    } else {
      plain += text.front();
      text.remove_prefix(1);
    }
  }
  pieces.push_back({plain});
  return true;
}

Template::Template(std::string_view text) { (void)cut(text, pieces_); }

std::string Template::complaint(std::string_view text) {
  std::vector<Piece> pieces;
  if (cut(text, pieces)) return {};
  return "has a %{...} that stands for nothing; there are " + names();
}

std::string Template::names() {
  std::string text;
  for (const Part& known : kParts) text += std::string{known.name} + ", ";
  return text + "meta:NAME";
}

std::string Template::fill(const Notification& notification) const {
  std::string text;
  for (const Piece& piece : pieces_)
    if (piece.is_name)
      append_escaped(part(piece.text, notification), text);
    else
      text += piece.text;
  return text;
}

std::string whole_json(const Notification& notification) {
  std::string text{'{'};
  append_member("severity", name_of(notification.level), text);
  text += ",\"time\":" + decimal(notification.time);
  for (const std::string_view name :
       {"host", "plugin", "plugin_instance", "type", "type_instance", "message"})
    append_member(name, part(name, notification), text);
  text += ",\"meta\":{";
  for (const auto& [name, value] : notification.meta) {
    if (!text.ends_with('{')) text += ',';
    append_string(name, text);
    text += ':';
    append_meta(value, text);
  }
  return text + "}}";
}

std::string chat_json(const Notification& notification) {
  std::string text{'{'};
  const std::string name = identifier(notification);
  append_member("text",
                std::string{name_of(notification.level)} + (name.empty() ? "" : " " + name) + ": " +
                    notification.message,
                text);
  return text + '}';
}

std::string alertmanager_json(const Notification& notification) {
  std::string text{'['};
  append_alert(notification, Level::failure, "critical", text);
  text += ',';
  append_alert(notification, Level::warning, "warning", text);
  return text + ']';
}

}  // namespace vital::notify_http

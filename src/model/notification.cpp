// SPDX-License-Identifier: MIT
#include "model/notification.h"

#include <iterator>

#include "base/strings.h"

namespace vital {

std::string_view name_of(Level level) noexcept {
  switch (level) {
    case Level::failure:
      return "FAILURE";
    case Level::warning:
      return "WARNING";
    case Level::okay:
      return "OKAY";
  }
  return "UNKNOWN";
}

Result<Level> parse_level(std::string_view text) noexcept {
  for (const Level level : {Level::failure, Level::warning, Level::okay})
    if (iequals(text, name_of(level))) return level;
  return Error{Errc::malformed, text};
}

std::size_t Notification::bytes() const noexcept {
  constexpr std::size_t kMetaEntry = 128;
  std::size_t sum = sizeof *this;
  for (const std::string* text :
       {&message, &host, &plugin, &plugin_instance, &type, &type_instance})
    sum += text->size();
  return sum + static_cast<std::size_t>(std::distance(meta.begin(), meta.end())) * kMetaEntry;
}

std::string log_line(const Notification& notification) {
  std::string line{"Notification: severity = "};
  line += name_of(notification.level);
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) line.append(", ").append(name).append(" = ").append(value);
  };
  add("host", notification.host);
  add("plugin", notification.plugin);
  add("plugin_instance", notification.plugin_instance);
  add("type", notification.type);
  add("type_instance", notification.type_instance);
  add("message", notification.message);
  return line;
}

}  // namespace vital

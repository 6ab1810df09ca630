// SPDX-License-Identifier: MIT
#include "notify_nagios/check_result.h"

#include <algorithm>

namespace vital::notify_nagios {
namespace {

char code_of(Level level) noexcept {
  switch (level) {
    case Level::okay:
      return '0';
    case Level::warning:
      return '1';
    case Level::failure:
      return '2';
  }
  return '3';
}

/// Control characters and, in a field, the semicolon that ends it, as blanks.
void append(std::string& line, std::string_view text, bool field) {
  for (const char c : text)
    line += static_cast<unsigned char>(c) < ' ' || c == '\x7f' || (field && c == ';') ? ' ' : c;
}

void append_name(std::string& line, std::string_view name, std::string_view instance) {
  append(line, name, true);
  if (instance.empty()) return;
  line += '-';
  append(line, instance, true);
}

}  // namespace

std::string check_result(const Notification& notification) {
  std::string line{"["};
  line += std::to_string(rounded_seconds(notification.time));
  line += "] PROCESS_SERVICE_CHECK_RESULT;";
  append(line, notification.host, true);
  line += ';';
  append_name(line, notification.plugin, notification.plugin_instance);
  line += '/';
  append_name(line, notification.type, notification.type_instance);
  line.append(";").append(1, code_of(notification.level)).append(";");
  append(line, notification.message, false);
  return line + '\n';
}

}  // namespace vital::notify_nagios

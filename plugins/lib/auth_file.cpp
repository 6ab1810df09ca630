// SPDX-License-Identifier: MIT
#include "lib/auth_file.h"

#include <algorithm>

#include "base/strings.h"

namespace vital {
namespace {

std::string_view without_leading_blanks(std::string_view text) noexcept {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  return text;
}

}  // namespace

std::vector<std::pair<std::string_view, std::string_view>> parse_auth_file(std::string_view text) {
  std::vector<std::pair<std::string_view, std::string_view>> users;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find_first_of("\r\n"));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::string_view entry = without_leading_blanks(line);
    const auto colon = entry.find(':');
    if (entry.starts_with('#') || colon == std::string_view::npos) continue;
    const std::string_view user = entry.substr(0, colon);
    const std::string_view password = without_leading_blanks(entry.substr(colon + 1));
    if (!user.empty() && !password.empty()) users.emplace_back(user, password);
  }
  return users;
}

}  // namespace vital

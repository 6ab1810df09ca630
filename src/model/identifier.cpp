// SPDX-License-Identifier: MIT
#include "model/identifier.h"

#include <algorithm>

namespace vital {
namespace {

struct Halves {
  std::string_view first, second;
};

Halves split_at_dash(std::string_view text) noexcept {
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) return {text, {}};
  return {text.substr(0, dash), text.substr(dash + 1)};
}

}  // namespace

Result<Identifier> parse_identifier(std::string_view text) noexcept {
  const auto first = text.find('/');
  const auto second = first == std::string_view::npos ? first : text.find('/', first + 1);
  if (second == std::string_view::npos) return Error{Errc::malformed, text};
  const Halves plugin = split_at_dash(text.substr(first + 1, second - first - 1));
  const Halves type = split_at_dash(text.substr(second + 1));
  return Identifier{text.substr(0, first), plugin.first, plugin.second, type.first, type.second};
}

IdentifierText format(const Identifier& identifier) noexcept {
  IdentifierText text;
  text.add(identifier.host).add('/').add(identifier.plugin);
  if (!identifier.plugin_instance.empty()) text.add('-').add(identifier.plugin_instance);
  text.add('/').add(identifier.type);
  if (!identifier.type_instance.empty()) text.add('-').add(identifier.type_instance);
  return text;
}

Result<Text<Identifier::kLongestField>> normalised(std::string_view field) noexcept {
  Text<Identifier::kLongestField> text;
  if (field == "/") field = "root";
  if (field.size() > 1 && field.front() == '/') field.remove_prefix(1);
  if (field.size() > Identifier::kLongestField) return Error{Errc::too_long, field};
  for (const char c : field) text.add(c == '/' ? '_' : c);
  return text;
}

Text<2 * Identifier::kLongest + 2> quoted(std::string_view identifier) noexcept {
  Text<2 * Identifier::kLongest + 2> text;
  if (identifier.find_first_of(" \t\"\\") == std::string_view::npos) return text.add(identifier);
  text.add('"');
  for (const char c : identifier) {
    if (c == '"' || c == '\\') text.add('\\');
    text.add(c);
  }
  return text.add('"');
}

}  // namespace vital

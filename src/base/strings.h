// SPDX-License-Identifier: MIT
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vital {

// Bytes, not letters: all of these know ASCII only, whatever the locale.

constexpr char to_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? char(c + ('a' - 'A')) : c;
}
constexpr char to_upper(char c) noexcept {
  return c >= 'a' && c <= 'z' ? char(c - ('a' - 'A')) : c;
}
constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_alpha(char c) noexcept { return to_lower(c) >= 'a' && to_lower(c) <= 'z'; }
constexpr bool is_alnum(char c) noexcept { return is_alpha(c) || is_digit(c); }
constexpr bool is_hex_digit(char c) noexcept {
  return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'f');
}
/// Blank, TAB, LF, VT, FF and CR, as C's isspace() has it.
constexpr bool is_space(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool iequals(std::string_view a, std::string_view b) noexcept;
bool istarts_with(std::string_view text, std::string_view prefix) noexcept;
std::string lower(std::string_view text);
std::string_view trim(std::string_view text) noexcept;

/// The pieces between any of the `separators`, empty ones left out.
std::vector<std::string_view> split(std::string_view text, std::string_view separators);
std::string join(std::span<const std::string> pieces, std::string_view separator);

/// "yes", "true", "on" or "no", "false", "off" in any case; anything else is neither.
bool parse_bool(std::string_view text, bool& value) noexcept;

/// The candidate that `word` was most probably meant to be, or nothing if none is near: a few
/// letters wrong, left out, added or swapped, or another case.
std::string_view suggest(std::string_view word, std::span<const std::string_view> candidates);

/// Lets an unordered container of std::string be asked with a std::string_view.
struct StringHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept {
    return std::hash<std::string_view>{}(text);
  }
};

}  // namespace vital

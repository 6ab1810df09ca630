// SPDX-License-Identifier: MIT
#include "base/numbers.h"

#include <cmath>
#include <limits>

#include "base/strings.h"

namespace vital {
namespace {

/// The sign, and where the digits begin.
struct Prefix {
  std::size_t at = 0;
  bool negative = false;
};

Prefix skip_blanks_and_sign(std::string_view text) noexcept {
  Prefix prefix;
  while (prefix.at < text.size() && is_space(text[prefix.at])) ++prefix.at;
  if (prefix.at < text.size() && (text[prefix.at] == '+' || text[prefix.at] == '-'))
    prefix.negative = text[prefix.at++] == '-';
  return prefix;
}

bool has_hex_prefix(std::string_view text, std::size_t at) noexcept {
  return at + 2 < text.size() && text[at] == '0' && to_lower(text[at + 1]) == 'x';
}

/// The digits of base 0, saturating at the largest unsigned number.
std::uint64_t parse_digits(std::string_view text, std::size_t at, std::size_t& used,
                           bool& overflow) noexcept {
  int base = 10;
  if (has_hex_prefix(text, at) && is_hex_digit(text[at + 2]))
    base = 16, at += 2;
  else if (at < text.size() && text[at] == '0')
    base = 8;
  std::uint64_t value = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data() + at, last, value, base);
  overflow = error == std::errc::result_out_of_range;
  used = error == std::errc::invalid_argument ? 0 : static_cast<std::size_t>(end - text.data());
  return overflow ? std::numeric_limits<std::uint64_t>::max() : value;
}

}  // namespace

double c_strtod(std::string_view text, std::size_t& used) noexcept {
  const Prefix prefix = skip_blanks_and_sign(text);
  const bool hex = has_hex_prefix(text, prefix.at);
  const std::size_t at = prefix.at + (hex ? 2 : 0);
  used = 0;
  if (at < text.size() && text[at] == '-') return 0;  // from_chars would take a second sign
  double value = 0;
  const char* const last = text.data() + text.size();
  const auto format = hex ? std::chars_format::hex : std::chars_format::general;
  const auto [end, error] = std::from_chars(text.data() + at, last, value, format);
  if (error == std::errc::invalid_argument) {
    used = hex ? prefix.at + 1 : 0;  // "0x" alone is the number 0 and an x
    return 0;
  }
  used = static_cast<std::size_t>(end - text.data());
  if (error == std::errc::result_out_of_range) {
    const std::string_view digits{text.data() + at, used - at};
    const auto exponent = digits.find_first_of(hex ? "pP" : "eE");
    const bool tiny = exponent != std::string_view::npos && digits[exponent + 1] == '-';
    value = tiny ? 0.0 : HUGE_VAL;
  }
  return prefix.negative ? -value : value;
}

std::int64_t c_strtoll(std::string_view text, std::size_t& used) noexcept {
  using Limits = std::numeric_limits<std::int64_t>;
  const Prefix prefix = skip_blanks_and_sign(text);
  bool overflow = false;
  const std::uint64_t digits = parse_digits(text, prefix.at, used, overflow);
  const auto largest = static_cast<std::uint64_t>(Limits::max());
  if (prefix.negative) return digits > largest ? Limits::min() : -static_cast<std::int64_t>(digits);
  return digits > largest ? Limits::max() : static_cast<std::int64_t>(digits);
}

std::uint64_t c_strtoull(std::string_view text, std::size_t& used) noexcept {
  const Prefix prefix = skip_blanks_and_sign(text);
  bool overflow = false;
  const std::uint64_t digits = parse_digits(text, prefix.at, used, overflow);
  return prefix.negative && !overflow ? 0 - digits : digits;
}

}  // namespace vital

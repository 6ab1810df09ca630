// SPDX-License-Identifier: MIT
#pragma once
#include <charconv>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace vital {

/// Reads the whole of `text` as a number in plain decimal notation. No blanks, no trailing bytes;
/// an integer out of range is no number.
template <typename Number>
requires std::is_arithmetic_v<Number>
bool parse_whole(std::string_view text, Number& value, int base = 10) noexcept {
  std::from_chars_result result;
  if constexpr (std::is_floating_point_v<Number>)
    result = std::from_chars(text.data(), text.data() + text.size(), value);
  else
    result = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return result.ec == std::errc{} && result.ptr == text.data() + text.size() && !text.empty();
}

/// C's number syntax as collectd's clients send it, independent of the locale, reading the longest
/// prefix of `text` that is a number. `used` tells how many bytes that were; 0: no number at all.
///
/// strtod: decimal and hexadecimal (0x) with exponents, "inf", "infinity", "nan" in any case.
/// strtoll, strtoull: base 0 (0x, leading 0 is octal), saturating; strtoull negates after a '-'.
/// Leading blanks are skipped by all of them.
double c_strtod(std::string_view text, std::size_t& used) noexcept;
std::int64_t c_strtoll(std::string_view text, std::size_t& used) noexcept;
std::uint64_t c_strtoull(std::string_view text, std::size_t& used) noexcept;

}  // namespace vital

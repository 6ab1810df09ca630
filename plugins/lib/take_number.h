// SPDX-License-Identifier: MIT
#pragma once
#include <charconv>
#include <cstdint>
#include <string_view>

namespace vital {

/// Takes the whole number that `text` begins with, and the blanks before it. False, and nothing
/// taken: there is none, or no blank or line feed follows it. For long rows of numbers, where
/// Fields would look at each byte several times.
///
/// Threads  pure
inline bool take_number(std::string_view& text, std::uint64_t& number) noexcept {
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end && (*at == ' ' || *at == '\t')) ++at;
  const auto [stop, error] = std::from_chars(at, end, number);
  if (error != std::errc{} || stop == end || (*stop != ' ' && *stop != '\t' && *stop != '\n'))
    return false;
  text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
  return true;
}

}  // namespace vital

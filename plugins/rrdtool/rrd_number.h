// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace vital::rrdtool {

/// The number that librrd 1.7 reads from a text in decimal notation, to the last bit: it does not
/// round to the nearest where there is an exponent or are decimals. Only "nan", "inf" and numbers
/// as our own formatting writes them.
///
/// Threads  pure
double number_as_librrd_reads(std::string_view text) noexcept;

/// The same for a gauge, which reaches librrd with 15 significant digits.
double gauge_as_librrd_reads(double value) noexcept;

/// The same for a whole number without a sign.
double whole_as_librrd_reads(std::uint64_t magnitude) noexcept;

/// A whole number of up to 20 digits with its sign, which may be that of a zero.
struct WholeNumber {
  std::uint64_t magnitude = 0;
  bool negative = false;
};

/// Nothing: it is none. "U" and other words are none.
std::optional<WholeNumber> parse_whole_number(std::string_view text) noexcept;

/// How much more `now` is than `before`, read from the digits of their difference. NaN, as librrd
/// has it, when they lie on different sides of zero.
double difference_as_librrd(const WholeNumber& now, const WholeNumber& before) noexcept;

}  // namespace vital::rrdtool

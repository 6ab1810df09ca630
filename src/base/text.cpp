// SPDX-License-Identifier: MIT
#include "base/text.h"

#include <array>
#include <bit>
#include <cmath>

namespace vital {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr int kSignificantDigits = 15;
constexpr double kLeastPlain = 1e-4;  // below it %g changes to exponents
constexpr int kMostDecimals = 9;      // of numbers that are scaled
constexpr double kMostScaled = 1e18;  // fits in 64 bits
constexpr auto kPowersOfTen = [] {
  std::array<std::uint64_t, 20> powers{1};
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();
constexpr double kExactIntegers = 1e15;  // below it every integer has at most 15 digits

char* put(char* first, char* last, std::string_view text) noexcept {
  if (static_cast<std::size_t>(last - first) < text.size()) return nullptr;
  std::memcpy(first, text.data(), text.size());
  return first + text.size();
}

char* checked(std::to_chars_result result) noexcept {
  return result.ec == std::errc{} ? result.ptr : nullptr;
}

/// The sign of NaN tells nobody anything and printf prints it, so it is left out.
char* put_not_finite(char* first, char* last, double value) noexcept {
  if (std::isnan(value)) return put(first, last, "nan");
  return put(first, last, value < 0 ? "-inf" : "inf");
}

/// value * 10^decimals for a value that is positive, no whole number and below 2^53, rounded as
/// printf does it: to the nearest, ties to even, of the exact binary value. `decimals` is at most
/// 19, so that no product is wider than 117 bits.
std::uint64_t scaled(double value, int decimals) noexcept {
  constexpr int kMantissa = 52, kBias = 1075, kNothingLeft = 120;
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const auto exponent = static_cast<int>(bits >> kMantissa);
  const std::uint64_t fraction = bits & ((std::uint64_t{1} << kMantissa) - 1);
  const std::uint64_t mantissa =
      exponent == 0 ? fraction : fraction | std::uint64_t{1} << kMantissa;
  const int shift = kBias - (exponent == 0 ? 1 : exponent);
  if (shift >= kNothingLeft) return 0;
  const Wide product = Wide{mantissa} * kPowersOfTen[static_cast<std::size_t>(decimals)];
  const auto whole = static_cast<std::uint64_t>(product >> shift);
  const Wide rest = product & ((Wide{1} << shift) - 1), half = Wide{1} << (shift - 1);
  return whole + (rest > half || (rest == half && (whole & 1) != 0) ? 1 : 0);
}

/// WHOLE.DECIMALS, of a number that was scaled() by that many decimals.
char* put_point(char* first, char* last, std::uint64_t number, int decimals) noexcept {
  const std::uint64_t power = kPowersOfTen[static_cast<std::size_t>(decimals)];
  first = checked(std::to_chars(first, last, number / power));
  if (first == nullptr || decimals == 0) return first;
  char* const end = checked(std::to_chars(first, last, power + number % power));
  if (end != nullptr) *first = '.';  // in the place of the 1 that keeps the leading zeros
  return end;
}

/// Takes the zeros off the end of the decimals.
void strip_zeros(std::uint64_t& digits, int& decimals) noexcept {
  for (const int count : {8, 4, 2, 1}) {
    const std::uint64_t power = kPowersOfTen[static_cast<std::size_t>(count)];
    while (decimals >= count && digits % power == 0) digits /= power, decimals -= count;
  }
}

char* put_sign(char* first, char* last, double value) noexcept {
  return std::signbit(value) ? put(first, last, "-") : first;
}

/// How many of the significant digits stand behind the point of a number below 10^15.
int decimals_of(double value) noexcept {
  int decimals = kSignificantDigits - 1;
  if (value < 1) {
    for (; value < 1 && decimals < 18; value *= 10) ++decimals;
    return decimals;
  }
  const auto whole = static_cast<std::uint64_t>(value);
  while (decimals > 0 &&
         whole >= kPowersOfTen[static_cast<std::size_t>(kSignificantDigits - decimals)])
    --decimals;
  return decimals;
}

/// %.15g of a positive number that is printed without an exponent and is not whole.
char* put_plain(char* first, char* last, double value) noexcept {
  constexpr std::uint64_t kLimit = kPowersOfTen[kSignificantDigits];
  int decimals = decimals_of(value);
  std::uint64_t digits = scaled(value, decimals);
  if (digits >= kLimit)
    digits = scaled(value, --decimals);
  else if (digits < kLimit / 10)
    digits = scaled(value, ++decimals);
  strip_zeros(digits, decimals);
  return put_point(first, last, digits, decimals);
}

/// Most values are whole numbers, and those print ten times as fast as integers.
bool is_small_integer(double value) noexcept {
  return std::fabs(value) < kExactIntegers && value == std::trunc(value) &&
         !(value == 0 && std::signbit(value));
}

}  // namespace

char* format_general(char* first, char* last, double value) noexcept {
  if (is_small_integer(value))
    return checked(std::to_chars(first, last, static_cast<std::int64_t>(value)));
  if (!std::isfinite(value)) return put_not_finite(first, last, value);
  const double magnitude = std::fabs(value);
  if (magnitude >= kLeastPlain && magnitude < kExactIntegers / 10) {
    first = put_sign(first, last, value);
    return first == nullptr ? nullptr : put_plain(first, last, magnitude);
  }
  return checked(std::to_chars(first, last, value, std::chars_format::general, kSignificantDigits));
}

char* format_fixed(char* first, char* last, double value, int decimals) noexcept {
  if (is_small_integer(value)) {
    char* end = checked(std::to_chars(first, last, static_cast<std::int64_t>(value)));
    constexpr std::string_view kZeros = ".00000000000000000000";
    if (end == nullptr || decimals == 0) return end;
    return put(end, last, kZeros.substr(0, static_cast<std::size_t>(decimals) + 1));
  }
  if (!std::isfinite(value)) return put_not_finite(first, last, value);
  const double magnitude = std::fabs(value);
  const auto power =
      decimals <= kMostDecimals ? kPowersOfTen[static_cast<std::size_t>(decimals)] : 0;
  if (magnitude > 0 && magnitude < kExactIntegers && power != 0 &&
      magnitude * static_cast<double>(power) < kMostScaled) {
    first = put_sign(first, last, value);
    return first == nullptr ? nullptr
                            : put_point(first, last, scaled(magnitude, decimals), decimals);
  }
  return checked(std::to_chars(first, last, value, std::chars_format::fixed, decimals));
}

}  // namespace vital

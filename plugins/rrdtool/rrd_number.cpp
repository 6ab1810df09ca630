// SPDX-License-Identifier: MIT
#include "rrdtool/rrd_number.h"

#include <cmath>
#include <limits>

#include "base/numbers.h"
#include "base/text.h"

namespace vital::rrdtool {
namespace {

constexpr double kExactIntegers = 1e15;  // below it all have at most 15 digits

constexpr std::uint64_t kExactWholes = std::uint64_t{1} << 53;

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// number * 10^exponent by squares of ten, each product rounded by itself.
double scaled(double number, int exponent) noexcept {
  double power = 10;
  for (int left = std::abs(exponent); left != 0; left >>= 1, power *= power)
    if ((left & 1) != 0) number = exponent < 0 ? number / power : number * power;
  return number;
}

}  // namespace

double number_as_librrd_reads(std::string_view text) noexcept {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  double number = 0;
  int exponent = 0;
  bool decimals = false;
  if (text == "inf") number = std::numeric_limits<double>::infinity();
  if (text == "nan") number = std::numeric_limits<double>::quiet_NaN();
  for (; !text.empty() && (is_digit(text[0]) || text[0] == '.'); text.remove_prefix(1)) {
    if (text[0] == '.') {
      decimals = true;
      continue;
    }
    number = number * 10 + (text[0] - '0');
    exponent -= decimals ? 1 : 0;
  }
  if (negative) number = -number;
  if (text.starts_with('e')) {
    int more = 0;
    text.remove_prefix(text.substr(1).starts_with('+') ? 2 : 1);
    if (parse_whole(text, more)) exponent += more;
  }
  return scaled(number, exponent);
}

double gauge_as_librrd_reads(double value) noexcept {
  if (std::fabs(value) < kExactIntegers && value == std::trunc(value)) return value;
  Text<32> text;
  return number_as_librrd_reads(text.add(value).view());
}

std::optional<WholeNumber> parse_whole_number(std::string_view text) noexcept {
  WholeNumber number{.negative = text.starts_with('-')};
  if (number.negative) text.remove_prefix(1);
  if (text.empty() || !is_digit(text[0]) || !parse_whole(text, number.magnitude)) return {};
  return number;
}

double whole_as_librrd_reads(std::uint64_t magnitude) noexcept {
  if (magnitude < kExactWholes) return static_cast<double>(magnitude);
  Text<32> text;
  return number_as_librrd_reads(text.add(magnitude).view());
}

double difference_as_librrd(const WholeNumber& now, const WholeNumber& before) noexcept {
  if (now.negative != before.negative) return -std::numeric_limits<double>::quiet_NaN();
  const double change = now.magnitude >= before.magnitude
                            ? whole_as_librrd_reads(now.magnitude - before.magnitude)
                            : -whole_as_librrd_reads(before.magnitude - now.magnitude);
  return now.negative ? -change : change;
}

}  // namespace vital::rrdtool

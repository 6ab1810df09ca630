// SPDX-License-Identifier: MIT
#include "base/text.h"

#include <cppunit/extensions/HelperMacros.h>

#include <cmath>
#include <cstdio>
#include <limits>
#include <random>
#include <string>

namespace vital::test {
namespace {

std::string printed(const char* format, double value) {
  char buffer[512];
  std::snprintf(buffer, sizeof buffer, format, value);
  return buffer;
}

std::string general(double value) { return std::string{Text<64>{}.add(value).view()}; }
std::string fixed(double value, int decimals) {
  return std::string{Text<400>{}.add_fixed(value, decimals).view()};
}

}  // namespace

class TextTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(TextTest);
  CPPUNIT_TEST(appends_pieces);
  CPPUNIT_TEST(appends_nothing);
  CPPUNIT_TEST(leaves_out_whole_what_does_not_fit);
  CPPUNIT_TEST(prints_numbers_as_printf_does);
  CPPUNIT_TEST(rounds_decimals_as_printf_does);
  CPPUNIT_TEST(leaves_out_whole_a_number_that_does_not_fit);
  CPPUNIT_TEST(prints_what_is_no_number);
  CPPUNIT_TEST_SUITE_END();

 public:
  void appends_pieces() {
    Text<64> text;
    text.add("a").add('-').add(42).add(std::uint64_t{18446744073709551615u}).add(true);
    CPPUNIT_ASSERT_EQUAL(std::string{"a-4218446744073709551615true"}, std::string{text.view()});
    CPPUNIT_ASSERT(!text.overflowed());
    CPPUNIT_ASSERT_EQUAL(std::string{"a-4218446744073709551615true"}, std::string{text.c_str()});
  }

  void appends_nothing() {
    Text<4> text;
    text.add(std::string_view{}).add("").add('a').add(std::string_view{});
    CPPUNIT_ASSERT_EQUAL(std::string{"a"}, std::string{text.view()});
  }

  void leaves_out_whole_what_does_not_fit() {
    Text<4> text;
    text.add("ab").add("cde").add(12345).add(1.5e100);
    CPPUNIT_ASSERT_EQUAL(std::string{"ab"}, std::string{text.view()});
    CPPUNIT_ASSERT(text.overflowed());
    CPPUNIT_ASSERT_EQUAL(std::string{"abcd"}, std::string{text.add_cut("cdef").view()});
  }

  void prints_numbers_as_printf_does() {
    std::mt19937_64 random{1};
    std::uniform_int_distribution<std::uint64_t> bits;
    for (int i = 0; i < 20000; ++i) {
      const std::uint64_t pattern = bits(random);
      double value = 0;
      std::memcpy(&value, &pattern, sizeof value);
      if (!std::isfinite(value)) continue;
      CPPUNIT_ASSERT_EQUAL(printed("%.15g", value), general(value));
      if (std::fabs(value) < 1e30) {
        CPPUNIT_ASSERT_EQUAL(printed("%f", value), fixed(value, 6));
        CPPUNIT_ASSERT_EQUAL(printed("%.3f", value), fixed(value, 3));
      }
    }
    for (const double value : {0.0, -0.0, 1.0, -1.0, 0.1, 1e15, 999999999999999.0, -1e14, 1e-5, 2.5,
                               123456789012345678.0, 100000.0, 1e21, 42.1234567890123}) {
      CPPUNIT_ASSERT_EQUAL(printed("%.15g", value), general(value));
      CPPUNIT_ASSERT_EQUAL(printed("%f", value), fixed(value, 6));
      CPPUNIT_ASSERT_EQUAL(printed("%.0f", value), fixed(value, 0));
    }
  }

  void rounds_decimals_as_printf_does() {
    const auto agrees = [](double value) {
      CPPUNIT_ASSERT_EQUAL(printed("%.15g", value), general(value));
      CPPUNIT_ASSERT_EQUAL(printed("%f", value), fixed(value, 6));
      CPPUNIT_ASSERT_EQUAL(printed("%.3f", -value), fixed(-value, 3));
      CPPUNIT_ASSERT_EQUAL(printed("%.9f", value), fixed(value, 9));
      CPPUNIT_ASSERT_EQUAL(printed("%.0f", value), fixed(value, 0));
    };
    for (int numerator = 0; numerator < 2048; ++numerator)
      for (int bits = 0; bits < 16; bits += 3) agrees(std::ldexp(numerator, -bits));  // ties
    std::mt19937_64 random{2};
    for (int i = 0; i < 20000; ++i) {
      const double digits = static_cast<double>(random() % 1'000'000'000'000);
      const double value = digits / std::pow(10.0, static_cast<double>(random() % 18));
      agrees(value);
      agrees(std::nextafter(value, 0));
      agrees(std::nextafter(value, 1e300));
    }
    for (int exponent = -20; exponent < 20; ++exponent) {
      const double power = std::pow(10.0, exponent);
      for (const double factor :
           {1.0, 1 - 1e-16, 1 - 4e-16, 1 + 3e-16, 1 - 5e-16, 0.99999999999999})
        agrees(power * factor);
    }
  }

  void leaves_out_whole_a_number_that_does_not_fit() {
    for (const double value : {0.5, -0.25, 123.456, -1e-9, 1.0 / 3, 1e300, 7.0}) {
      const std::string whole = general(value), decimals = fixed(value, 6);
      for (std::size_t room = 0; room < 30; ++room) {
        std::string buffer(40, '#');
        char* const first = buffer.data();
        char* const end = format_general(first, first + room, value);
        CPPUNIT_ASSERT_EQUAL(room >= whole.size(), end != nullptr);
        CPPUNIT_ASSERT(buffer.find_first_not_of('#', room) == std::string::npos);
        char* const fixed_end = format_fixed(first, first + room, value, 6);
        CPPUNIT_ASSERT_EQUAL(room >= decimals.size(), fixed_end != nullptr);
        CPPUNIT_ASSERT(buffer.find_first_not_of('#', room) == std::string::npos);
      }
    }
  }

  void prints_what_is_no_number() {
    const double infinity = std::numeric_limits<double>::infinity();
    CPPUNIT_ASSERT_EQUAL(std::string{"nan"}, general(std::nan("")));
    CPPUNIT_ASSERT_EQUAL(std::string{"nan"}, general(-std::nan("")));
    CPPUNIT_ASSERT_EQUAL(std::string{"inf"}, general(infinity));
    CPPUNIT_ASSERT_EQUAL(std::string{"-inf"}, fixed(-infinity, 6));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TextTest);

}  // namespace vital::test

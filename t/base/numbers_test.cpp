// SPDX-License-Identifier: MIT
#include "base/numbers.h"

#include <cppunit/extensions/HelperMacros.h>

#include <cmath>
#include <cstdlib>
#include <random>
#include <string>

namespace vital::test {

class NumbersTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(NumbersTest);
  CPPUNIT_TEST(whole_numbers_have_nothing_beside_them);
  CPPUNIT_TEST(agrees_with_the_c_library);
  CPPUNIT_TEST(agrees_with_the_c_library_on_random_text);
  CPPUNIT_TEST_SUITE_END();

  static void compare(const std::string& text) {
    char* end = nullptr;
    std::size_t used = 0;
    const double real = std::strtod(text.c_str(), &end);
    const double ours = c_strtod(text, used);
    const auto length = static_cast<std::size_t>(end - text.c_str());
    CPPUNIT_ASSERT_EQUAL_MESSAGE(text, length, used);
    if (std::isnan(real))
      CPPUNIT_ASSERT_MESSAGE(text, std::isnan(ours));
    else
      CPPUNIT_ASSERT_EQUAL_MESSAGE(text, real, ours);

    const long long integer = std::strtoll(text.c_str(), &end, 0);
    CPPUNIT_ASSERT_EQUAL_MESSAGE(text, static_cast<std::int64_t>(integer), c_strtoll(text, used));
    CPPUNIT_ASSERT_EQUAL_MESSAGE(text, static_cast<std::size_t>(end - text.c_str()), used);

    const unsigned long long natural = std::strtoull(text.c_str(), &end, 0);
    CPPUNIT_ASSERT_EQUAL_MESSAGE(text, static_cast<std::uint64_t>(natural), c_strtoull(text, used));
    CPPUNIT_ASSERT_EQUAL_MESSAGE(text, static_cast<std::size_t>(end - text.c_str()), used);
  }

 public:
  void whole_numbers_have_nothing_beside_them() {
    int number = 0;
    CPPUNIT_ASSERT(parse_whole("-12", number));
    CPPUNIT_ASSERT_EQUAL(-12, number);
    for (const char* text : {"", " 1", "1 ", "1x", "99999999999", "-", "+1"})
      CPPUNIT_ASSERT_MESSAGE(text, !parse_whole(std::string_view{text}, number));
  }

  void agrees_with_the_c_library() {
    for (const char* text : {"",
                             " ",
                             "0",
                             "1",
                             "-1",
                             "+1",
                             "1.5",
                             ".5",
                             "-.5",
                             "5.",
                             "1e3",
                             "1e+3",
                             "1e",
                             "1e+",
                             "0x1F",
                             "0x",
                             "0xg",
                             "-0x1f",
                             "0x1.8p1",
                             "010",
                             "08",
                             "12abc",
                             "-13.7",
                             "inf",
                             "INF",
                             "-inf",
                             "infinity",
                             "infinit",
                             "nan",
                             "NaN",
                             "nan(12)",
                             "U",
                             "--1",
                             "+-1",
                             "- 1",
                             "1 2",
                             "18446744073709551615",
                             "18446744073709551616",
                             "-1",
                             "9223372036854775807",
                             "9223372036854775808",
                             "-9223372036854775808",
                             "-9223372036854775809",
                             "1e400",
                             "-1e400",
                             "1e-400",
                             "\t\n 7",
                             "0b1",
                             "1_000",
                             "0x8000000000000000",
                             "-18446744073709551615"})
      compare(text);
  }

  void agrees_with_the_c_library_on_random_text() {
    std::mt19937 random{7};
    constexpr std::string_view kLetters = "0123456789+-.exXaAfFpPinINnu ";
    for (int i = 0; i < 20000; ++i) {
      std::string text;
      for (auto size = random() % 9; size > 0; --size) text += kLetters[random() % kLetters.size()];
      compare(text);
    }
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(NumbersTest);

}  // namespace vital::test

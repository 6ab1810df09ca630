// SPDX-License-Identifier: MIT
#include "lib/take_number.h"

#include <cppunit/extensions/HelperMacros.h>

namespace vital::test {

class TakeNumberTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(TakeNumberTest);
  CPPUNIT_TEST(takes_number_by_number);
  CPPUNIT_TEST(leaves_what_is_no_number);
  CPPUNIT_TEST(needs_something_behind_the_number);
  CPPUNIT_TEST_SUITE_END();

 public:
  void takes_number_by_number() {
    std::string_view text = "  12\t345 18446744073709551615\n";
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{12}, taken(text));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{345}, taken(text));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{18446744073709551615U}, taken(text));
    CPPUNIT_ASSERT_EQUAL(std::string_view{"\n"}, text);
  }

  void leaves_what_is_no_number() {
    for (const std::string_view refused :
         {"", " ", "\n", "x 1\n", "-1\n", "+1\n", "1x\n", "1.5\n", "18446744073709551616\n"}) {
      std::string_view text = refused;
      std::uint64_t number = 7;
      CPPUNIT_ASSERT(!take_number(text, number));
      CPPUNIT_ASSERT_EQUAL(refused, text);
    }
  }

  void needs_something_behind_the_number() {  // a 1 may be what is left of 100
    std::string_view text = " 1";
    std::uint64_t number = 0;
    CPPUNIT_ASSERT(!take_number(text, number));
  }

 private:
  static std::uint64_t taken(std::string_view& text) {
    std::uint64_t number = 0;
    CPPUNIT_ASSERT(take_number(text, number));
    return number;
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TakeNumberTest);

}  // namespace vital::test

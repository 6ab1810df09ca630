// SPDX-License-Identifier: MIT
#include "tools/nagios_range.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>

namespace vital::test {

class NagiosRangeTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(NagiosRangeTest);
  CPPUNIT_TEST(everything_is_good_until_a_range_is_given);
  CPPUNIT_TEST(bounds_are_good_values);
  CPPUNIT_TEST(a_bound_may_be_missing);
  CPPUNIT_TEST(an_at_sign_turns_it_around);
  CPPUNIT_TEST(the_last_range_counts_but_an_at_sign_stays);
  CPPUNIT_TEST(garbage_is_zero);
  CPPUNIT_TEST_SUITE_END();

  /// Which of -1, 0, 1 ... 5 are bad.
  static std::string bad(std::string_view text) {
    NagiosRange range;
    range.read(text);
    std::string result;
    for (int value = -1; value <= 5; ++value)
      if (range.is_bad(value)) result += std::to_string(value) + " ";
    return result;
  }

 public:
  void everything_is_good_until_a_range_is_given() {
    CPPUNIT_ASSERT(!NagiosRange{}.is_bad(-1e300));
    CPPUNIT_ASSERT(!NagiosRange{}.is_bad(1e300));
  }
  void bounds_are_good_values() {
    CPPUNIT_ASSERT_EQUAL(std::string{"-1 4 5 "}, bad("3"));
    CPPUNIT_ASSERT_EQUAL(std::string{"-1 0 1 4 5 "}, bad("2:3"));
    CPPUNIT_ASSERT_EQUAL(std::string{"-1 0 1 2 3 4 5 "}, bad("3:2"));
  }
  void a_bound_may_be_missing() {
    CPPUNIT_ASSERT_EQUAL(std::string{"-1 0 1 "}, bad("2:"));
    CPPUNIT_ASSERT_EQUAL(std::string{"-1 0 1 "}, bad("2:~"));
    CPPUNIT_ASSERT_EQUAL(std::string{"4 5 "}, bad(":3"));
    CPPUNIT_ASSERT_EQUAL(std::string{"4 5 "}, bad("~:3"));
    CPPUNIT_ASSERT_EQUAL(std::string{"-1 "}, bad(""));
    CPPUNIT_ASSERT_EQUAL(std::string{"-1 "}, bad("~"));
    CPPUNIT_ASSERT_EQUAL(std::string{}, bad(":"));
  }
  void an_at_sign_turns_it_around() {
    CPPUNIT_ASSERT_EQUAL(std::string{"2 3 "}, bad("@2:3"));
    CPPUNIT_ASSERT_EQUAL(std::string{"-1 0 1 2 3 4 5 "}, bad("@:"));
    CPPUNIT_ASSERT_EQUAL(std::string{}, bad("@3:2"));
  }
  void the_last_range_counts_but_an_at_sign_stays() {
    NagiosRange range;
    range.read("@1:2");
    range.read("4:5");
    CPPUNIT_ASSERT(range.is_bad(4));
    CPPUNIT_ASSERT(!range.is_bad(1));
  }
  void garbage_is_zero() {
    CPPUNIT_ASSERT_EQUAL(std::string{"-1 1 2 3 4 5 "}, bad("x"));
    CPPUNIT_ASSERT_EQUAL(std::string{"-1 0 1 4 5 "}, bad("2x:3y"));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(NagiosRangeTest);

}  // namespace vital::test

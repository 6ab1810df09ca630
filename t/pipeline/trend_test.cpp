// SPDX-License-Identifier: MIT
#include "pipeline/trend.h"

#include <cppunit/extensions/HelperMacros.h>

#include <cmath>

namespace vital::test {

class TrendTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(TrendTest);
  CPPUNIT_TEST(a_straight_line_is_found_exactly);
  CPPUNIT_TEST(nothing_is_said_before_half_of_the_window);
  CPPUNIT_TEST(noise_is_averaged_out);
  CPPUNIT_TEST(what_left_the_window_counts_no_longer);
  CPPUNIT_TEST(large_numbers_over_a_year_keep_their_slope);
  CPPUNIT_TEST_SUITE_END();

  static Time at(double seconds) { return time_of(1'700'000'000.0 + seconds); }

 public:
  void a_straight_line_is_found_exactly() {
    Trend trend{span_of_seconds(3600)};
    for (int i = 0; i <= 360; ++i) trend.add(at(10 * i), 500 - 0.25 * i);
    const auto line = trend.line();
    CPPUNIT_ASSERT(line);
    CPPUNIT_ASSERT_DOUBLES_EQUAL(410, line->value, 1e-6);
    CPPUNIT_ASSERT_DOUBLES_EQUAL(-0.025, line->slope, 1e-9);
  }

  void nothing_is_said_before_half_of_the_window() {
    Trend trend{span_of_seconds(1000)};
    CPPUNIT_ASSERT(!trend.line());
    for (int i = 0; i < 50; ++i) trend.add(at(10 * i), i);
    CPPUNIT_ASSERT(!trend.line());
    trend.add(at(500), 50);
    CPPUNIT_ASSERT(trend.line());
  }

  void noise_is_averaged_out() {
    Trend trend{span_of_seconds(3600)};
    for (int i = 0; i <= 360; ++i) trend.add(at(10 * i), i + (i % 2 == 0 ? 40 : -40));
    CPPUNIT_ASSERT_DOUBLES_EQUAL(0.1, trend.line()->slope, 0.002);
  }

  void what_left_the_window_counts_no_longer() {
    Trend trend{span_of_seconds(600)};
    for (int i = 0; i < 100; ++i) trend.add(at(10 * i), -5 * i);
    for (int i = 100; i < 300; ++i) trend.add(at(10 * i), i);
    CPPUNIT_ASSERT_DOUBLES_EQUAL(0.1, trend.line()->slope, 1e-9);
  }

  void large_numbers_over_a_year_keep_their_slope() {
    Trend trend{span_of_seconds(86400)};
    for (int i = 0; i < 365 * 24 * 12; ++i) trend.add(at(300.0 * i), 2e12 + 1000.0 * i);
    CPPUNIT_ASSERT_DOUBLES_EQUAL(1000.0 / 300, trend.line()->slope, 1e-6);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TrendTest);

}  // namespace vital::test

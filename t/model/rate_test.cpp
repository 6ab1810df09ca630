// SPDX-License-Identifier: MIT
#include "model/rate.h"

#include <cppunit/extensions/HelperMacros.h>

#include <cmath>
#include <random>

namespace vital::test {

class RateTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(RateTest);
  CPPUNIT_TEST(counters_wrap_at_the_next_width);
  CPPUNIT_TEST(derives_may_step_back);
  CPPUNIT_TEST(gauges_and_absolutes_need_no_history);
  CPPUNIT_TEST(rates_summed_over_time_give_back_the_difference);
  CPPUNIT_TEST_SUITE_END();

  static constexpr Span kTen = span_of_seconds(10);

 public:
  void counters_wrap_at_the_next_width() {
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{10}, counter_difference(4294967290, 4));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, counter_difference(4294967295, 0));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{18446744073709551615u},
                         counter_difference(4294967297, 4294967296));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{6}, counter_difference(18446744073709551613u, 3));
    CPPUNIT_ASSERT_EQUAL(
        1.0, rate_between(Kind::counter, {.counter = 4294967290}, {.counter = 4}, kTen));
  }

  void derives_may_step_back() {
    CPPUNIT_ASSERT_EQUAL(-5.0, rate_between(Kind::derive, {.derive = 100}, {.derive = 50}, kTen));
    CPPUNIT_ASSERT_EQUAL(
        0.1, rate_between(Kind::derive, {.derive = INT64_MAX}, {.derive = INT64_MIN}, kTen));
  }

  void gauges_and_absolutes_need_no_history() {
    CPPUNIT_ASSERT_EQUAL(4.5, first_rate(Kind::gauge, {.gauge = 4.5}, kTen));
    CPPUNIT_ASSERT_EQUAL(7.0, first_rate(Kind::absolute, {.absolute = 70}, kTen));
    CPPUNIT_ASSERT(std::isnan(first_rate(Kind::absolute, {.absolute = 70}, Span::zero())));
    CPPUNIT_ASSERT(std::isnan(first_rate(Kind::counter, {.counter = 70}, kTen)));
    CPPUNIT_ASSERT(std::isnan(first_rate(Kind::derive, {.derive = 70}, kTen)));
    CPPUNIT_ASSERT_EQUAL(7.0,
                         rate_between(Kind::absolute, {.absolute = 1}, {.absolute = 70}, kTen));
  }

  void rates_summed_over_time_give_back_the_difference() {
    std::mt19937_64 random{3};
    std::uint64_t total = 0xfffff000, expected = 0;
    double sum = 0;
    for (int i = 0; i < 1000; ++i) {
      const std::uint64_t step = random() % 1000;
      const std::uint64_t next = (total + step) & 0xffffffff;  // a 32-bit counter of an old kernel
      const Span length = span_of_seconds(1 + static_cast<std::int64_t>(random() % 20));
      sum += rate_between(Kind::counter, {.counter = total}, {.counter = next}, length) *
             seconds(length);
      expected += step;
      total = next;
    }
    CPPUNIT_ASSERT_DOUBLES_EQUAL(static_cast<double>(expected), sum, 1e-3);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RateTest);

}  // namespace vital::test

// SPDX-License-Identifier: MIT
#include "base/time.h"

#include <cppunit/extensions/HelperMacros.h>

#include <limits>
#include <string>

namespace vital::test {

class TimeTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(TimeTest);
  CPPUNIT_TEST(converts_seconds_and_nanoseconds);
  CPPUNIT_TEST(rounds_as_files_and_wires_want_it);
  CPPUNIT_TEST(takes_any_double);
  CPPUNIT_TEST_SUITE_END();

 public:
  void converts_seconds_and_nanoseconds() {
    CPPUNIT_ASSERT_EQUAL(std::int64_t{1825361100800000000},
                         time_of(1700000000.0).time_since_epoch().count());
    CPPUNIT_ASSERT_EQUAL(std::int64_t{1} << 29, span_of(std::chrono::milliseconds{500}).count());
    CPPUNIT_ASSERT_EQUAL(-(std::int64_t{1} << 29),
                         span_of(-std::chrono::milliseconds{500}).count());
    for (const std::int64_t ns : {0L, 1L, 999'999'999L, 1'700'000'000'123'456'789L, -5L})
      CPPUNIT_ASSERT_EQUAL(ns, nanoseconds(span_of(Nanoseconds{ns})).count());
    CPPUNIT_ASSERT_EQUAL(1700000000.25, seconds(time_of(timespec{1700000000, 250'000'000})));
  }

  void rounds_as_files_and_wires_want_it() {
    CPPUNIT_ASSERT_EQUAL(std::int64_t{11}, rounded_seconds(time_of(10.5)));
    CPPUNIT_ASSERT_EQUAL(std::int64_t{10}, rounded_seconds(time_of(10.499)));
    CPPUNIT_ASSERT_EQUAL(std::int64_t{10600}, rounded_milliseconds(time_of(10.6)));
    CPPUNIT_ASSERT_EQUAL(std::int64_t{1000}, rounded_milliseconds(time_of(0.9999)));
  }

  void takes_any_double() {
    const double infinity = std::numeric_limits<double>::infinity();
    CPPUNIT_ASSERT(span_of(infinity) > span_of_seconds(7'000'000'000));
    CPPUNIT_ASSERT(span_of(-infinity) < Span::zero());
    CPPUNIT_ASSERT(span_of(std::numeric_limits<double>::quiet_NaN()) < Span::zero());
    CPPUNIT_ASSERT(span_of(1e300) > Span::zero());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TimeTest);

}  // namespace vital::test

// SPDX-License-Identifier: MIT
#include "aggregation/totals.h"

#include <cppunit/extensions/HelperMacros.h>

namespace vital::test {

class TotalsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(TotalsTest);
  CPPUNIT_TEST(a_gauge_is_itself);
  CPPUNIT_TEST(a_total_gives_its_rates_back);
  CPPUNIT_TEST(a_count_keeps_its_fraction);
  CPPUNIT_TEST(what_cannot_be_begins_anew);
  CPPUNIT_TEST_SUITE_END();

 public:
  void a_gauge_is_itself() {
    aggregation::Totals totals;
    CPPUNIT_ASSERT_EQUAL(-1.5, totals.add(Kind::gauge, -1.5, time_of(10))->gauge);
  }

  void a_total_gives_its_rates_back() {
    aggregation::Totals totals;
    CPPUNIT_ASSERT(!totals.add(Kind::derive, 2.75, time_of(10)));
    double exact = 2.75;
    std::int64_t last = 0;
    for (int i = 2; i < 1000; ++i) {
      last = totals.add(Kind::derive, 0.3 * (i % 7), time_of(10 * i))->derive;
      exact += 3 * (i % 7);
      CPPUNIT_ASSERT(std::abs(exact - static_cast<double>(last)) < 1.0 + 1e-6);
    }
    CPPUNIT_ASSERT(last > 8000);
  }

  void a_count_keeps_its_fraction() {
    aggregation::Totals totals;
    CPPUNIT_ASSERT(!totals.add(Kind::absolute, 0.25, time_of(1)));
    std::uint64_t sum = 0;
    for (int i = 2; i < 42; ++i) sum += totals.add(Kind::absolute, 0.25, time_of(i))->absolute;
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{10}, sum);
  }

  void what_cannot_be_begins_anew() {
    aggregation::Totals totals;
    CPPUNIT_ASSERT(!totals.add(Kind::counter, 5, time_of(10)));
    CPPUNIT_ASSERT(totals.add(Kind::counter, 5, time_of(20)));
    CPPUNIT_ASSERT(!totals.add(Kind::counter, -1, time_of(30)));
    CPPUNIT_ASSERT(!totals.add(Kind::counter, 5, time_of(40)));
    CPPUNIT_ASSERT(!totals.add(Kind::counter, 5, time_of(40)));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TotalsTest);

}  // namespace vital::test

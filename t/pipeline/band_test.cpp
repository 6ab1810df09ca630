// SPDX-License-Identifier: MIT
#include "pipeline/band.h"

#include <cppunit/extensions/HelperMacros.h>

namespace vital::test {

class BandTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(BandTest);
  CPPUNIT_TEST(the_same_hour_of_past_days_counts);
  CPPUNIT_TEST(days_that_are_too_old_are_forgotten);
  CPPUNIT_TEST(what_was_saved_comes_back);
  CPPUNIT_TEST_SUITE_END();

  static constexpr double kDay = 86400, kHour = 3600;
  static Time at(double seconds) { return time_of(1'699'920'000.0 + seconds); }  // a midnight

 public:
  void the_same_hour_of_past_days_counts() {
    Band band{7};
    for (int day = 0; day < 3; ++day)
      for (int hour = 0; hour < 24; ++hour) {
        band.add(at(day * kDay + hour * kHour), 100.0 * hour + 10);
        band.add(at(day * kDay + hour * kHour + 1800), 100.0 * hour - 10);
      }
    const auto usual = band.usual(at(3 * kDay + 5 * kHour + 60), 7);
    CPPUNIT_ASSERT(usual);
    CPPUNIT_ASSERT_EQUAL(3u, usual->days);
    CPPUNIT_ASSERT_DOUBLES_EQUAL(500, usual->mean, 1e-9);
    CPPUNIT_ASSERT_DOUBLES_EQUAL(10, usual->deviation, 1e-9);
    CPPUNIT_ASSERT_EQUAL(2u, band.usual(at(3 * kDay), 2)->days);
  }

  void days_that_are_too_old_are_forgotten() {
    Band band{2};
    band.add(at(0), 1);
    band.add(at(kDay), 3);
    CPPUNIT_ASSERT_EQUAL(2u, band.usual(at(2 * kDay), 2)->days);
    CPPUNIT_ASSERT_EQUAL(1u, band.usual(at(3 * kDay), 2)->days);
    CPPUNIT_ASSERT(!band.usual(at(4 * kDay), 2));
    CPPUNIT_ASSERT(!band.usual(at(2 * kDay + kHour), 2));
  }

  void what_was_saved_comes_back() {
    Band band{3};
    for (int hour = 0; hour < 48; ++hour) band.add(at(hour * kHour), hour);
    ByteWriter out;
    band.save(out);
    Band other{3};
    ByteReader in{out.view()};
    other.restore(in);
    CPPUNIT_ASSERT(in.done());
    CPPUNIT_ASSERT_EQUAL(12.0, other.usual(at(2 * kDay + 12 * kHour), 2)->mean - 12);
    for (std::size_t length = 0; length < out.size(); ++length) {
      Band cut{3};
      ByteReader short_in{out.view().substr(0, length)};
      cut.restore(short_in);
      CPPUNIT_ASSERT(!short_in.ok());
    }
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(BandTest);

}  // namespace vital::test

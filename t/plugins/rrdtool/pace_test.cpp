// SPDX-License-Identifier: MIT
#include "rrdtool/pace.h"

#include <cppunit/extensions/HelperMacros.h>

namespace vital::test {
using namespace std::chrono_literals;
using rrdtool::Pace;

class PaceTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(PaceTest);
  CPPUNIT_TEST(without_a_limit_all_may_go);
  CPPUNIT_TEST(spreads_a_few_a_second);
  CPPUNIT_TEST(gives_many_a_second_in_portions);
  CPPUNIT_TEST(saves_nothing_up_while_there_is_nothing_to_do);
  CPPUNIT_TEST_SUITE_END();

  static int taken(Pace& pace, Steady now) {
    int count = 0;
    while (count < 100'000 && pace.take(now)) ++count;
    return count;
  }
  /// Sleeps as the pace says for so long: how many were done, and how often it woke.
  static std::pair<int, int> run(Pace& pace, Steady begin, Nanoseconds length) {
    int count = 0, wakes = 0;
    for (Steady now = begin; now < begin + length; now = std::max(pace.next(), now)) {
      count += taken(pace, now);
      ++wakes;
    }
    return {count, wakes};
  }
  const Steady begin_{1h};

 public:
  void without_a_limit_all_may_go() {
    Pace pace{0};
    CPPUNIT_ASSERT_EQUAL(100'000, taken(pace, begin_));
  }

  void spreads_a_few_a_second() {
    Pace pace{2};
    CPPUNIT_ASSERT_EQUAL(1, taken(pace, begin_));
    CPPUNIT_ASSERT_EQUAL(0, taken(pace, begin_ + 300ms));
    const auto [count, wakes] = run(pace, begin_ + 300ms, 10s);
    CPPUNIT_ASSERT(count == 20 || count == 21);
    CPPUNIT_ASSERT(wakes <= count + 1);
  }

  void gives_many_a_second_in_portions() {
    Pace pace{5000};
    const auto [count, wakes] = run(pace, begin_, 10s);
    CPPUNIT_ASSERT_DOUBLES_EQUAL(50'000, count, 600);
    CPPUNIT_ASSERT_DOUBLES_EQUAL(100, wakes, 3);
  }

  void saves_nothing_up_while_there_is_nothing_to_do() {
    Pace pace{10};
    CPPUNIT_ASSERT(pace.take(begin_));
    CPPUNIT_ASSERT(taken(pace, begin_ + 1h) <= 2);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PaceTest);

}  // namespace vital::test

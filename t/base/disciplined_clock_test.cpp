// SPDX-License-Identifier: MIT
#include "base/disciplined_clock.h"

#include <cppunit/extensions/HelperMacros.h>

#include "support/fake_clock.h"

namespace vital::test {
using namespace std::chrono_literals;

class DisciplinedClockTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(DisciplinedClockTest);
  CPPUNIT_TEST(follows_the_host_while_nobody_sets_it);
  CPPUNIT_TEST(follows_a_step_forward_at_once);
  CPPUNIT_TEST(absorbs_a_small_step_back_and_is_caught_up_with);
  CPPUNIT_TEST(a_step_forward_uses_up_the_lead_first);
  CPPUNIT_TEST(follows_a_large_step_back_and_counts_it);
  CPPUNIT_TEST(many_small_steps_back_add_up);
  CPPUNIT_TEST(knows_when_a_time_will_come);
  CPPUNIT_TEST_SUITE_END();

  FakeClock host_;
  DisciplinedClock clock_{host_};

  double ahead() const { return seconds(clock_.wall() - host_.wall()); }

 public:
  void follows_the_host_while_nobody_sets_it() {
    for (int i = 0; i < 100; ++i) {
      host_.advance(10s);
      CPPUNIT_ASSERT_DOUBLES_EQUAL(0, ahead(), 1e-8);
    }
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, clock_.resets());
  }

  void follows_a_step_forward_at_once() {
    host_.step_wall(span_of_seconds(3600));
    CPPUNIT_ASSERT_DOUBLES_EQUAL(0, ahead(), 1e-8);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, clock_.resets());
  }

  void absorbs_a_small_step_back_and_is_caught_up_with() {
    const Time before = clock_.wall();
    host_.step_wall(span_of_seconds(-30));
    CPPUNIT_ASSERT(clock_.wall() >= before);
    CPPUNIT_ASSERT_DOUBLES_EQUAL(30, ahead(), 1e-8);
    Time last = clock_.wall();
    for (int i = 0; i < 60; ++i) {
      host_.advance(10s);
      const Time now = clock_.wall();
      CPPUNIT_ASSERT(now > last);
      last = now;
    }
    CPPUNIT_ASSERT_DOUBLES_EQUAL(0, ahead(), 1e-6);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, clock_.resets());
  }

  void a_step_forward_uses_up_the_lead_first() {
    host_.step_wall(span_of_seconds(-30));
    const Time before = clock_.wall();
    host_.step_wall(span_of_seconds(20));
    CPPUNIT_ASSERT_DOUBLES_EQUAL(10, ahead(), 1e-8);
    CPPUNIT_ASSERT(clock_.wall() >= before);
    host_.step_wall(span_of_seconds(20));
    CPPUNIT_ASSERT_DOUBLES_EQUAL(0, ahead(), 1e-8);
  }

  void follows_a_large_step_back_and_counts_it() {
    host_.step_wall(span_of_seconds(-3600));
    CPPUNIT_ASSERT_DOUBLES_EQUAL(0, ahead(), 1e-8);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, clock_.resets());
  }

  void many_small_steps_back_add_up() {
    for (int i = 0; i < 3; ++i) {
      host_.step_wall(span_of_seconds(-25));
      (void)clock_.wall();
    }
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, clock_.resets());
    CPPUNIT_ASSERT_DOUBLES_EQUAL(0, ahead(), 1e-8);
  }

  void knows_when_a_time_will_come() {
    for (const int back : {0, 3, 30}) {
      host_.step_wall(span_of_seconds(-back));
      const Time goal = clock_.wall() + span_of_seconds(10);
      const Steady moment = clock_.when(goal);
      host_.advance(moment - host_.now());
      CPPUNIT_ASSERT_DOUBLES_EQUAL(0, seconds(clock_.wall() - goal), 1e-5);
    }
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DisciplinedClockTest);

}  // namespace vital::test

// SPDX-License-Identifier: MIT
#include "lib/failover.h"

#include <cppunit/extensions/HelperMacros.h>

namespace vital::test {
using namespace std::chrono_literals;

class FailoverTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(FailoverTest);
  CPPUNIT_TEST(the_first_is_used_while_it_works);
  CPPUNIT_TEST(the_next_takes_over_and_the_first_is_tried_again);
  CPPUNIT_TEST(goes_around_when_none_works);
  CPPUNIT_TEST(a_lone_one_is_always_it);
  CPPUNIT_TEST_SUITE_END();

  static constexpr Steady kNow{1h};

 public:
  void the_first_is_used_while_it_works() {
    Failover failover{2, 60s};
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, failover.pick(kNow));
    CPPUNIT_ASSERT(!failover.works(0));
    CPPUNIT_ASSERT(!failover.is_due(kNow + 1h));
  }

  void the_next_takes_over_and_the_first_is_tried_again() {
    Failover failover{2, 60s};
    failover.failed(0, kNow);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, failover.pick(kNow));
    CPPUNIT_ASSERT(failover.works(1));
    CPPUNIT_ASSERT(!failover.works(1));
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, failover.pick(kNow + 59s));
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, failover.pick(kNow + 60s));
    failover.failed(0, kNow + 60s);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, failover.pick(kNow + 60s));
    CPPUNIT_ASSERT(!failover.works(1));
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, failover.pick(kNow + 120s));
    CPPUNIT_ASSERT(failover.works(0));
    CPPUNIT_ASSERT(!failover.is_due(kNow + 1h));
  }

  void goes_around_when_none_works() {
    Failover failover{3, 60s};
    for (const std::size_t which : {0U, 1U, 2U, 0U}) {
      CPPUNIT_ASSERT_EQUAL(which, failover.pick(kNow));
      failover.failed(which, kNow);
    }
  }

  void a_lone_one_is_always_it() {
    Failover failover{1, 60s};
    failover.failed(0, kNow);
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, failover.pick(kNow));
    CPPUNIT_ASSERT(!failover.is_due(kNow + 1h));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(FailoverTest);

}  // namespace vital::test

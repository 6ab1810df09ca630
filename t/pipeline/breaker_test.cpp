// SPDX-License-Identifier: MIT
#include "pipeline/breaker.h"

#include <cppunit/extensions/HelperMacros.h>

namespace vital::test {
using namespace std::chrono_literals;

class BreakerTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(BreakerTest);
  CPPUNIT_TEST(a_failure_opens_it_and_success_closes_it);
  CPPUNIT_TEST(only_an_open_one_is_probed);
  CPPUNIT_TEST(pauses_double_up_to_the_longest);
  CPPUNIT_TEST(pauses_differ);
  CPPUNIT_TEST(what_the_far_end_asks_for_is_kept);
  CPPUNIT_TEST_SUITE_END();

  static constexpr Steady kNow{1h};

  /// The longest of many pauses behind so many failures in a row.
  static Nanoseconds longest_after(int failures) {
    Nanoseconds longest{};
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      Breaker breaker{span_of_seconds(1), span_of_seconds(10), seed};
      for (int i = 0; i < failures; ++i) breaker.open(kNow);
      longest = std::max(longest, Nanoseconds{breaker.next_probe() - kNow});
    }
    return longest;
  }

 public:
  void a_failure_opens_it_and_success_closes_it() {
    Breaker breaker{span_of_seconds(1), span_of_seconds(10), 1};
    CPPUNIT_ASSERT(breaker.state() == Breaker::State::closed);
    breaker.open(kNow);
    CPPUNIT_ASSERT(breaker.state() == Breaker::State::open);
    breaker.probe();
    CPPUNIT_ASSERT(breaker.state() == Breaker::State::probing);
    breaker.close();
    CPPUNIT_ASSERT(breaker.state() == Breaker::State::closed);
  }

  void only_an_open_one_is_probed() {
    Breaker breaker{span_of_seconds(1), span_of_seconds(10), 1};
    breaker.probe();
    CPPUNIT_ASSERT(breaker.state() == Breaker::State::closed);
  }

  void pauses_double_up_to_the_longest() {
    for (const auto& [failures, most] : {std::pair{1, 1s}, {2, 2s}, {4, 8s}, {5, 10s}, {90, 10s}}) {
      const Nanoseconds longest = longest_after(failures);
      CPPUNIT_ASSERT(longest <= most);
      CPPUNIT_ASSERT(longest > most * 9 / 10);
    }
  }

  void pauses_differ() {
    Breaker one{span_of_seconds(1), span_of_seconds(10), 1};
    Breaker other{span_of_seconds(1), span_of_seconds(10), 2};
    one.open(kNow);
    other.open(kNow);
    CPPUNIT_ASSERT(one.next_probe() != other.next_probe());
  }

  void what_the_far_end_asks_for_is_kept() {
    Breaker breaker{span_of_seconds(1), span_of_seconds(10), 1};
    breaker.open(kNow, 120s);
    CPPUNIT_ASSERT(breaker.next_probe() == kNow + 120s);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(BreakerTest);

}  // namespace vital::test

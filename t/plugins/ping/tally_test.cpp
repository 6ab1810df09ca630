// SPDX-License-Identifier: MIT
#include "ping/tally.h"

#include <cppunit/extensions/HelperMacros.h>

#include <cmath>
#include <random>

namespace vital::test {
using ping::Answer;
using ping::Tally;

class TallyTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(TallyTest);
  CPPUNIT_TEST(nothing_sent_is_nothing_known);
  CPPUNIT_TEST(no_reply_has_no_latency);
  CPPUNIT_TEST(one_reply_does_not_deviate);
  CPPUNIT_TEST(counts_replies_and_losses);
  CPPUNIT_TEST(what_was_not_sent_is_not_lost);
  CPPUNIT_TEST(equal_replies_never_deviate);
  CPPUNIT_TEST(agrees_with_the_textbook);
  CPPUNIT_TEST_SUITE_END();

  static Tally tally_of(std::initializer_list<Answer> answers) {
    Tally tally;
    for (const Answer& answer : answers) tally.count(answer);
    return tally;
  }
  static constexpr Answer reply(double milliseconds) {
    return {.sent = true, .milliseconds = milliseconds};
  }
  static constexpr Answer kLost{.sent = true};

 public:
  void nothing_sent_is_nothing_known() {
    const Tally tally;
    CPPUNIT_ASSERT_EQUAL(std::uint32_t{0}, tally.sent());
    CPPUNIT_ASSERT(std::isnan(tally.average()));
    CPPUNIT_ASSERT(std::isnan(tally.deviation()));
    CPPUNIT_ASSERT(std::isnan(tally.drop_rate()));
  }

  void no_reply_has_no_latency() {
    const Tally tally = tally_of({kLost, kLost});
    CPPUNIT_ASSERT(std::isnan(tally.average()));
    CPPUNIT_ASSERT(std::isnan(tally.deviation()));
    CPPUNIT_ASSERT_EQUAL(1.0, tally.drop_rate());
  }

  void one_reply_does_not_deviate() {
    const Tally tally = tally_of({reply(2.5)});
    CPPUNIT_ASSERT_EQUAL(2.5, tally.average());
    CPPUNIT_ASSERT_EQUAL(0.0, tally.deviation());
    CPPUNIT_ASSERT_EQUAL(0.0, tally.drop_rate());
  }

  void counts_replies_and_losses() {
    const Tally tally = tally_of({reply(1), kLost, reply(2), reply(3)});
    CPPUNIT_ASSERT_EQUAL(std::uint32_t{4}, tally.sent());
    CPPUNIT_ASSERT_EQUAL(std::uint32_t{3}, tally.received());
    CPPUNIT_ASSERT_DOUBLES_EQUAL(2.0, tally.average(), 1e-12);
    CPPUNIT_ASSERT_DOUBLES_EQUAL(1.0, tally.deviation(), 1e-12);
    CPPUNIT_ASSERT_EQUAL(0.25, tally.drop_rate());
  }

  void what_was_not_sent_is_not_lost() {
    const Tally tally = tally_of({reply(1), Answer{}, Answer{}});
    CPPUNIT_ASSERT_EQUAL(std::uint32_t{1}, tally.sent());
    CPPUNIT_ASSERT_EQUAL(0.0, tally.drop_rate());
  }

  void equal_replies_never_deviate() {
    Tally tally;
    for (int i = 0; i < 1000; ++i) tally.count(reply(0.1));
    CPPUNIT_ASSERT_DOUBLES_EQUAL(0.0, tally.deviation(), 1e-12);
  }

  void agrees_with_the_textbook() {
    std::mt19937 random{1};
    std::uniform_real_distribution<double> latency{0.01, 900};
    Tally tally;
    double sum = 0, squares = 0;
    constexpr int kCount = 500;
    for (int i = 0; i < kCount; ++i) {
      const double milliseconds = latency(random);
      sum += milliseconds;
      squares += milliseconds * milliseconds;
      tally.count(reply(milliseconds));
    }
    const double variance = (kCount * squares - sum * sum) / (kCount * (kCount - 1.0));
    CPPUNIT_ASSERT_DOUBLES_EQUAL(sum / kCount, tally.average(), 1e-9);
    CPPUNIT_ASSERT_DOUBLES_EQUAL(std::sqrt(variance), tally.deviation(), 1e-9);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TallyTest);

}  // namespace vital::test

// SPDX-License-Identifier: MIT
#include <cppunit/extensions/HelperMacros.h>

#include <set>

#include "rrd_support.h"

namespace vital::test {

/// When values that wait are written.
class RrdCacheTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(RrdCacheTest);
  CPPUNIT_TEST(writes_at_once_without_a_cache);
  CPPUNIT_TEST(writes_a_file_when_its_first_value_is_old_enough);
  CPPUNIT_TEST(each_file_has_its_own_time);
  CPPUNIT_TEST(values_without_successors_are_found_by_the_search);
  CPPUNIT_TEST(the_search_allows_for_the_random_part);
  CPPUNIT_TEST(flush_writes_everything);
  CPPUNIT_TEST(flush_spares_what_is_younger_than_its_timeout);
  CPPUNIT_TEST(flush_of_one_file_writes_no_other);
  CPPUNIT_TEST(flush_of_an_unknown_file_says_so);
  CPPUNIT_TEST(writes_no_more_files_a_second_than_allowed);
  CPPUNIT_TEST(a_flush_does_not_wait_for_its_turn);
  CPPUNIT_TEST(values_of_a_file_meet_in_one_update_while_they_queue);
  CPPUNIT_TEST(is_not_woken_for_nothing);
  CPPUNIT_TEST(a_series_that_comes_back_finds_its_values);
  CPPUNIT_TEST(forgets_files_that_nobody_writes);
  CPPUNIT_TEST_SUITE_END();

  static std::string name(int i) { return "h/p/gauge-" + std::to_string(i); }
  static std::size_t files_at(const RrdPlugin& test, int files, std::int64_t time) {
    std::size_t count = 0;
    for (int i = 0; i < files; ++i) count += test.last(name(i)) == time;
    return count;
  }

 public:
  void writes_at_once_without_a_cache() {
    RrdPlugin test;
    for (const double time : {0.0, 10.0}) {
      test.put("h/p/gauge", time, "1");
      test.settle();
      CPPUNIT_ASSERT_EQUAL(static_cast<std::int64_t>(time), test.last("h/p/gauge"));
    }
  }

  void writes_a_file_when_its_first_value_is_old_enough() {
    RrdPlugin test{"CacheTimeout 30"};
    for (const double time : {0.0, 10.0, 20.0}) {
      test.put("h/p/gauge", time, "1");
      test.pass(10);
    }
    CPPUNIT_ASSERT_EQUAL(std::int64_t{-1}, test.last("h/p/gauge"));  // made, and empty
    CPPUNIT_ASSERT_EQUAL(std::string{"queued 3"}, test.ledger());
    test.put("h/p/gauge", 30, "1");
    test.settle();
    CPPUNIT_ASSERT_EQUAL(std::int64_t{30}, test.last("h/p/gauge"));
    CPPUNIT_ASSERT_EQUAL(std::string{"delivered 4"}, test.ledger());
    for (const double time : {40.0, 50.0, 60.0}) test.put("h/p/gauge", time, "1");
    test.settle();
    CPPUNIT_ASSERT_EQUAL(std::string{"delivered 4 queued 3"}, test.ledger());
    test.put("h/p/gauge", 70, "1");
    test.settle();
    CPPUNIT_ASSERT_EQUAL(std::string{"delivered 8"}, test.ledger());
  }

  void each_file_has_its_own_time() {
    constexpr int kFiles = 40;
    RrdPlugin test{"CacheTimeout 100\nRandomTimeout 50"};
    std::set<std::int64_t> times;
    for (int time = 0; time <= 150; time += 10) {
      for (int i = 0; i < kFiles; ++i) test.put(name(i), time, "1");
      test.settle();
      for (int i = 0; i < kFiles; ++i)
        if (test.last(name(i)) == time) times.insert(time);
      if (time < 50) CPPUNIT_ASSERT(times.empty());
    }
    CPPUNIT_ASSERT_MESSAGE(std::to_string(times.size()), times.size() > 5);
    for (int i = 0; i < kFiles; ++i) CPPUNIT_ASSERT(test.last(name(i)) >= 50);
  }

  void values_without_successors_are_found_by_the_search() {
    RrdPlugin test{"CacheTimeout 30\nCacheFlush 100"};
    test.put("h/p/gauge", 0, "1");
    test.pass(99);
    CPPUNIT_ASSERT_EQUAL(std::string{"queued 1"}, test.ledger());
    test.pass(1);
    CPPUNIT_ASSERT_EQUAL(std::string{"delivered 1"}, test.ledger());
    test.pass(80);
    test.put("h/p/gauge", 180, "1");
    test.pass(20);  // it is too young for this search
    CPPUNIT_ASSERT_EQUAL(std::string{"delivered 1 queued 1"}, test.ledger());
    test.pass(100);
    CPPUNIT_ASSERT_EQUAL(std::string{"delivered 2"}, test.ledger());
  }

  void the_search_allows_for_the_random_part() {
    RrdPlugin test{"CacheTimeout 30\nCacheFlush 40\nRandomTimeout 20"};
    test.put("h/p/gauge", 0, "1");
    test.pass(40);
    CPPUNIT_ASSERT_EQUAL(std::string{"queued 1"}, test.ledger());
    test.pass(40);
    CPPUNIT_ASSERT_EQUAL(std::string{"delivered 1"}, test.ledger());
  }

  void flush_writes_everything() {
    RrdPlugin test{"CacheTimeout 1000"};
    for (int i = 0; i < 50; ++i)
      for (const double time : {0.0, 10.0}) test.put(name(i), time, "1");
    CPPUNIT_ASSERT(test.plugin.flush());  // the files are not made yet
    CPPUNIT_ASSERT_EQUAL(std::size_t{50}, files_at(test, 50, 10));
    CPPUNIT_ASSERT_EQUAL(std::string{"delivered 100"}, test.ledger());
  }

  void flush_spares_what_is_younger_than_its_timeout() {
    RrdPlugin test{"CacheTimeout 1000"};
    test.put(name(0), 0, "1");
    test.pass(50);
    test.put(name(1), 50, "1");
    test.pass(10);
    CPPUNIT_ASSERT(test.plugin.flush({.older_than = span_of_seconds(60), .identifier = {}}));
    CPPUNIT_ASSERT_EQUAL(std::string{"delivered 1 queued 1"}, test.ledger());
    CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, test.last(name(0)));
    CPPUNIT_ASSERT(test.plugin.flush({.older_than = span_of_seconds(60), .identifier = name(1)}));
    CPPUNIT_ASSERT_EQUAL(std::string{"delivered 1 queued 1"}, test.ledger());
    CPPUNIT_ASSERT(test.plugin.flush({.older_than = span_of_seconds(10), .identifier = name(1)}));
    CPPUNIT_ASSERT_EQUAL(std::string{"delivered 2"}, test.ledger());
  }

  void flush_of_one_file_writes_no_other() {
    RrdPlugin test{"CacheTimeout 1000"};
    for (int i = 0; i < 3; ++i) test.put(name(i), 0, "1");
    CPPUNIT_ASSERT(test.plugin.flush({.older_than = {}, .identifier = name(1)}));
    CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, test.last(name(1)));
    CPPUNIT_ASSERT_EQUAL(std::string{"delivered 1 queued 2"}, test.ledger());
  }

  void flush_of_an_unknown_file_says_so() {
    RrdPlugin test{"CacheTimeout 1000"};
    CPPUNIT_ASSERT(test.plugin.flush({.older_than = {}, .identifier = "h/p/gauge"}));
    CPPUNIT_ASSERT_EQUAL(std::string{"info: rrdtool: no values of h/p/gauge to flush\n"},
                         test.plugin.logged());
  }

  void writes_no_more_files_a_second_than_allowed() {
    constexpr int kFiles = 60;
    RrdPlugin test{"WritesPerSecond 5"};
    for (int i = 0; i < kFiles; ++i) test.put(name(i), 0, "1");
    test.settle();
    CPPUNIT_ASSERT(test.plugin.flush());
    for (int i = 0; i < kFiles; ++i) test.put(name(i), 10, "1");
    test.settle();
    CPPUNIT_ASSERT(files_at(test, kFiles, 10) <= 1);
    std::size_t before = files_at(test, kFiles, 10);
    for (int i = 0; i < 10; ++i) {
      for (int step = 0; step < 100; ++step) test.pass(0.01);
      const std::size_t now = files_at(test, kFiles, 10);
      CPPUNIT_ASSERT_MESSAGE(std::to_string(now - before), now - before >= 4 && now - before <= 6);
      before = now;
    }
  }

  void a_flush_does_not_wait_for_its_turn() {
    RrdPlugin test{"WritesPerSecond 0.1"};
    for (int i = 0; i < 20; ++i) test.put(name(i), 0, "1");
    test.settle();
    CPPUNIT_ASSERT(test.plugin.flush({.older_than = {}, .identifier = name(19)}));
    CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, test.last(name(19)));
    CPPUNIT_ASSERT(test.plugin.ledger().snapshot().queued > 10);
    CPPUNIT_ASSERT(test.plugin.flush());
    CPPUNIT_ASSERT_EQUAL(std::string{"delivered 20"}, test.ledger());
  }

  void values_of_a_file_meet_in_one_update_while_they_queue() {
    RrdPlugin test{"WritesPerSecond 1"};
    for (const double time : {0.0, 10.0, 20.0, 30.0})
      for (int i = 0; i < 3; ++i) test.put(name(i), time, "1");
    test.settle();
    for (int i = 0; i < 3; ++i) test.pass(1);
    CPPUNIT_ASSERT_EQUAL(std::string{"delivered 12"}, test.ledger());
  }

  void is_not_woken_for_nothing() {
    RrdPlugin idle;
    CPPUNIT_ASSERT(!idle.plugin.wake());
    idle.put("h/p/gauge", 0, "1");
    idle.settle();
    idle.plugin.fake_clock().advance(std::chrono::hours{24});
    CPPUNIT_ASSERT(!idle.plugin.wake());
    RrdPlugin cached{"CacheTimeout 30"};
    cached.plugin.fake_clock().advance(std::chrono::hours{24});
    CPPUNIT_ASSERT(!cached.plugin.wake());
  }

  void a_series_that_comes_back_finds_its_values() {
    RrdPlugin test{"CacheTimeout 1000"};
    test.put(name(0), 0, "1");
    test.plugin.series().retire_unheld();
    for (int i = 1; i < 5; ++i) test.put(name(i), 0, "1");  // one of them gets its place
    test.put(name(0), 10, "2");
    CPPUNIT_ASSERT_EQUAL(std::string{"queued 6"}, test.ledger());
    CPPUNIT_ASSERT(test.plugin.flush());
    CPPUNIT_ASSERT_EQUAL(std::string{"2"},
                         rrd_values(test.path(name(0)), FakeClock::kBegin, FakeClock::kBegin + 10));
    CPPUNIT_ASSERT_EQUAL(std::string{"delivered 6"}, test.ledger());
  }

  void forgets_files_that_nobody_writes() {
    RrdPlugin test;
    test.put(name(0), 0, "1");
    test.settle();
    test.plugin.fake_clock().advance(std::chrono::hours{2});
    test.put(name(1), 7200, "1");  // looks for them
    CPPUNIT_ASSERT(test.plugin.flush({.older_than = {}, .identifier = name(0)}));
    CPPUNIT_ASSERT_EQUAL(std::string{"info: rrdtool: no values of h/p/gauge-0 to flush\n"},
                         test.plugin.logged());
    test.put(name(2), 7200, "1");
    test.put(name(0), 7200, "1");
    test.settle();
    CPPUNIT_ASSERT_EQUAL(std::string{"delivered 4"}, test.ledger());
    CPPUNIT_ASSERT_EQUAL(std::int64_t{7200}, test.last(name(0)));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RrdCacheTest);

}  // namespace vital::test

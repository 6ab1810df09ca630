// SPDX-License-Identifier: MIT
#include "cpu/usage.h"

#include <cppunit/extensions/HelperMacros.h>

namespace vital::test {

class CpuUsageTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(CpuUsageTest);
  CPPUNIT_TEST(needs_two_reads);
  CPPUNIT_TEST(tells_what_was_spent_in_each_state);
  CPPUNIT_TEST(adds_up_to_the_difference);
  CPPUNIT_TEST(counts_nothing_twice_when_a_state_steps_back);
  CPPUNIT_TEST(starts_anew_when_all_steps_back);
  CPPUNIT_TEST(starts_anew_when_states_come_or_go);
  CPPUNIT_TEST(takes_guests_out_of_user_and_nice);
  CPPUNIT_TEST(leaves_guests_out);
  CPPUNIT_TEST(adds_cpus_with_different_states);
  CPPUNIT_TEST_SUITE_END();

 public:
  void needs_two_reads() {
    cpu::Meter meter;
    cpu::Usage usage;
    CPPUNIT_ASSERT(!meter.advance(times({1, 2, 3, 4}), usage));
    CPPUNIT_ASSERT(meter.advance(times({1, 2, 3, 4}), usage));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, usage.total());
  }

  void tells_what_was_spent_in_each_state() {
    cpu::Meter meter;
    cpu::Usage usage;
    CPPUNIT_ASSERT(!meter.advance(times({10, 20, 30, 40}), usage));
    CPPUNIT_ASSERT(meter.advance(times({11, 22, 33, 44}), usage));
    CPPUNIT_ASSERT_EQUAL(std::string{"1 2 3 4"}, shown(usage));
  }

  void adds_up_to_the_difference() {
    cpu::Meter meter;
    cpu::Usage usage, sum;
    CPPUNIT_ASSERT(!meter.advance(times({10, 20, 30, 40}), usage));
    std::uint64_t now[] = {10, 20, 30, 40};
    for (std::uint64_t read = 1; read <= 100; ++read) {
      for (std::uint64_t state = 0; state < 4; ++state) now[state] += read * (state + 3) % 7;
      now[1] -= read % 2 * std::min<std::uint64_t>(now[1], 3);  // steps back now and then
      CPPUNIT_ASSERT(meter.advance(times({now[0], now[1], now[2], now[3] + read * 9}), usage));
      sum.add(usage);
    }
    CPPUNIT_ASSERT_EQUAL(now[0] - 10, sum.ticks[0]);
    CPPUNIT_ASSERT_EQUAL(now[2] - 30, sum.ticks[2]);
    CPPUNIT_ASSERT(sum.ticks[1] >= now[1] - 20 && sum.ticks[1] <= now[1] - 20 + 3);
  }

  void counts_nothing_twice_when_a_state_steps_back() {
    cpu::Meter meter;
    cpu::Usage usage;
    CPPUNIT_ASSERT(!meter.advance(times({0, 0, 0, 100, 50}), usage));
    CPPUNIT_ASSERT(meter.advance(times({0, 0, 0, 115, 45}), usage));  // 5 of wait become idle
    CPPUNIT_ASSERT_EQUAL(std::string{"0 0 0 15 0"}, shown(usage));
    CPPUNIT_ASSERT(meter.advance(times({0, 0, 0, 120, 52}), usage));
    CPPUNIT_ASSERT_EQUAL(std::string{"0 0 0 5 2"}, shown(usage));
  }

  void starts_anew_when_all_steps_back() {
    cpu::Meter meter;
    cpu::Usage usage;
    CPPUNIT_ASSERT(!meter.advance(times({1000, 0, 0, 5000}), usage));
    CPPUNIT_ASSERT(!meter.advance(times({1001, 0, 0, 20}), usage));  // was unplugged in between
    CPPUNIT_ASSERT(meter.advance(times({1002, 0, 0, 30}), usage));
    CPPUNIT_ASSERT_EQUAL(std::string{"1 0 0 10"}, shown(usage));
  }

  void starts_anew_when_states_come_or_go() {
    cpu::Meter meter;
    cpu::Usage usage;
    CPPUNIT_ASSERT(!meter.advance(times({1, 2, 3, 4}), usage));
    CPPUNIT_ASSERT(!meter.advance(times({1, 2, 3, 4, 5, 6, 7}), usage));
    CPPUNIT_ASSERT(meter.advance(times({1, 2, 3, 5, 5, 6, 7}), usage));
    CPPUNIT_ASSERT_EQUAL(std::string{"0 0 0 1 0 0 0"}, shown(usage));
  }

  void takes_guests_out_of_user_and_nice() {
    CpuTimes both = times({100, 50, 0, 0, 0, 0, 0, 0, 30, 60});
    cpu::count(cpu::Guests::separate, both);
    CPPUNIT_ASSERT_EQUAL(std::size_t{10}, both.states);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{70}, both.ticks[CpuTimes::user]);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, both.ticks[CpuTimes::nice]);
    CpuTimes one = times({100, 50, 0, 0, 0, 0, 0, 0, 30});  // Linux 2.6.24 to 2.6.32
    cpu::count(cpu::Guests::separate, one);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{70}, one.ticks[CpuTimes::user]);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{50}, one.ticks[CpuTimes::nice]);
    CpuTimes included = times({100, 50, 0, 0, 0, 0, 0, 0, 30, 60});
    cpu::count(cpu::Guests::included, included);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{100}, included.ticks[CpuTimes::user]);
  }

  void leaves_guests_out() {
    CpuTimes both = times({100, 50, 0, 0, 0, 0, 0, 0, 30, 60});
    cpu::count(cpu::Guests::hidden, both);
    CPPUNIT_ASSERT_EQUAL(std::size_t{8}, both.states);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{100}, both.ticks[CpuTimes::user]);
    CpuTimes old = times({1, 2, 3, 4});
    cpu::count(cpu::Guests::hidden, old);
    CPPUNIT_ASSERT_EQUAL(std::size_t{4}, old.states);
  }

  void adds_cpus_with_different_states() {
    cpu::Usage together{.ticks = {1, 2, 3, 4}, .states = 4};
    together.add({.ticks = {10, 20, 30, 40, 50}, .states = 5});
    CPPUNIT_ASSERT_EQUAL(std::string{"11 22 33 44 50"}, shown(together));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{160}, together.total());
  }

 private:
  static CpuTimes times(std::initializer_list<std::uint64_t> ticks) {
    CpuTimes times{.number = "0", .states = ticks.size()};
    std::copy(ticks.begin(), ticks.end(), times.ticks.begin());
    return times;
  }
  static std::string shown(const cpu::Usage& usage) {
    std::string line;
    for (std::size_t state = 0; state < usage.states; ++state)
      line += (state == 0 ? "" : " ") + std::to_string(usage.ticks[state]);
    return line;
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(CpuUsageTest);

}  // namespace vital::test

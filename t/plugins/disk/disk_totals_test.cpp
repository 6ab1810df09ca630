// SPDX-License-Identifier: MIT
#include "disk/disk_totals.h"

#include <cppunit/extensions/HelperMacros.h>

#include <vector>

namespace vital::test {
namespace {

constexpr std::uint64_t k32 = std::uint64_t{1} << 32;

disk::BlockDevice device(disk::Transfers reads, disk::Transfers writes, std::uint64_t read_time = 0,
                         std::uint64_t write_time = 0) {
  return {.major = 8,
          .minor = 0,
          .name = "sda",
          .reads = reads,
          .writes = writes,
          .queue = disk::Queue{0, 0, read_time, write_time, 0, 0, 0}};
}

}  // namespace

class DiskTotalsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(DiskTotalsTest);
  CPPUNIT_TEST(has_nothing_to_report_of_a_new_device);
  CPPUNIT_TEST(counts_octets_by_sectors_of_512);
  CPPUNIT_TEST(goes_on_across_a_wrap_at_32_bits);
  CPPUNIT_TEST(gives_back_the_difference_whatever_the_steps);
  CPPUNIT_TEST(begins_anew_when_counters_go_back);
  CPPUNIT_TEST(begins_anew_when_all_counters_look_wrapped);
  CPPUNIT_TEST(does_not_take_a_large_counter_for_a_wrapped_one);
  CPPUNIT_TEST(averages_the_time_of_an_operation);
  CPPUNIT_TEST(adds_no_time_without_operations);
  CPPUNIT_TEST(averages_across_a_wrap_of_the_times);
  CPPUNIT_TEST(lets_a_time_that_went_back_be_lower);
  CPPUNIT_TEST_SUITE_END();

 public:
  void has_nothing_to_report_of_a_new_device() {
    disk::DiskTotals totals;
    CPPUNIT_ASSERT(!totals.advance(device({1, 8}, {0, 0}), 10));
    CPPUNIT_ASSERT(totals.advance(device({1, 8}, {0, 0}), 10));
  }

  void counts_octets_by_sectors_of_512() {
    disk::DiskTotals totals;
    static_cast<void>(totals.advance(device({1, 8}, {2, 16}), 10));
    static_cast<void>(totals.advance(device({2, 9}, {2, 16}), 10));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{9 * 512}, totals.octets().read);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{16 * 512}, totals.octets().write);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, totals.operations().read);
  }

  void goes_on_across_a_wrap_at_32_bits() {
    disk::DiskTotals totals;
    static_cast<void>(totals.advance(device({100, k32 - 10}, {0, 0}), 10));
    CPPUNIT_ASSERT(totals.advance(device({101, 20}, {0, 0}), 10));
    CPPUNIT_ASSERT_EQUAL((k32 + 20) * 512, totals.octets().read);
    CPPUNIT_ASSERT(totals.advance(device({102, 30}, {0, 0}), 10));
    CPPUNIT_ASSERT_EQUAL((k32 + 30) * 512, totals.octets().read);
  }

  void gives_back_the_difference_whatever_the_steps() {
    std::uint64_t sectors = 1000;
    disk::DiskTotals totals;
    static_cast<void>(totals.advance(device({1, sectors}, {0, 0}), 10));
    const std::uint64_t begin = totals.octets().read, first = sectors;
    for (std::uint64_t step = 1; step < (k32 >> 1); step = step * 3 + 1) {
      sectors += step;
      CPPUNIT_ASSERT(totals.advance(device({1, sectors % k32}, {0, 0}), 10));
    }
    CPPUNIT_ASSERT_EQUAL((sectors - first) * 512, totals.octets().read - begin);
  }

  void begins_anew_when_counters_go_back() {
    disk::DiskTotals totals;
    static_cast<void>(totals.advance(device({1000, 90000}, {5, 40}), 10));
    CPPUNIT_ASSERT(totals.advance(device({1001, 90008}, {5, 40}), 10));
    CPPUNIT_ASSERT(!totals.advance(device({3, 24}, {5, 40}), 10));
    CPPUNIT_ASSERT(totals.advance(device({4, 32}, {5, 40}), 10));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{32 * 512}, totals.octets().read);
  }

  void begins_anew_when_all_counters_look_wrapped() {
    disk::DiskTotals totals;
    static_cast<void>(totals.advance(device({k32 - 100, k32 - 200}, {0, 0}), 10));
    CPPUNIT_ASSERT(!totals.advance(device({3, 24}, {0, 0}), 10));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{24 * 512}, totals.octets().read);
  }

  void does_not_take_a_large_counter_for_a_wrapped_one() {
    disk::DiskTotals totals;
    static_cast<void>(totals.advance(device({1, 3 * k32}, {0, 0}), 10));
    CPPUNIT_ASSERT(!totals.advance(device({1, 8}, {0, 0}), 10));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{8 * 512}, totals.octets().read);
  }

  void averages_the_time_of_an_operation() {
    disk::DiskTotals totals;
    static_cast<void>(totals.advance(device({10, 80}, {4, 32}, 30, 40), 10));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{30}, totals.time().read);    // 3 ms on average, for 10 s
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{100}, totals.time().write);  // 10 ms
    CPPUNIT_ASSERT(totals.advance(device({13, 104}, {6, 48}, 37, 45), 10));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{30 + 23}, totals.time().read);  // 7/3 ms, rounded at the end
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{100 + 25}, totals.time().write);
  }

  void adds_no_time_without_operations() {
    disk::DiskTotals totals;
    static_cast<void>(totals.advance(device({10, 80}, {0, 0}, 30), 10));
    CPPUNIT_ASSERT(totals.advance(device({10, 80}, {0, 0}, 90), 10));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{30}, totals.time().read);
  }

  void averages_across_a_wrap_of_the_times() {
    disk::DiskTotals totals;
    static_cast<void>(totals.advance(device({10, 80}, {0, 0}, k32 - 10), 1));
    const std::uint64_t before = totals.time().read;
    CPPUNIT_ASSERT(totals.advance(device({12, 96}, {0, 0}, 10), 1));
    CPPUNIT_ASSERT_EQUAL(before + 10, totals.time().read);
  }

  void lets_a_time_that_went_back_be_lower() {
    disk::DiskTotals totals;
    disk::BlockDevice now = device({10, 80}, {0, 0}, 1000);
    now.queue->busy_time = 500;
    static_cast<void>(totals.advance(now, 1));
    const std::uint64_t before = totals.time().read;
    now = device({12, 96}, {0, 0}, 900);
    now.queue->busy_time = 490;
    CPPUNIT_ASSERT(totals.advance(now, 1));
    CPPUNIT_ASSERT_EQUAL(before, totals.time().read);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{490}, totals.busy_time());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DiskTotalsTest);

}  // namespace vital::test

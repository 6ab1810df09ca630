// SPDX-License-Identifier: MIT
#include <numeric>

#include <cppunit/extensions/HelperMacros.h>

#include "lib/proc_stat.h"
#include "support/truncations.h"

namespace vital::test {

class CpuLinesTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(CpuLinesTest);
  CPPUNIT_TEST(reads_the_cpus_of_a_new_kernel);
  CPPUNIT_TEST(tells_which_states_an_old_kernel_has);
  CPPUNIT_TEST(passes_over_malformed_lines);
  CPPUNIT_TEST(stops_behind_the_cpus);
  CPPUNIT_TEST(knows_when_it_is_cut_short);
  CPPUNIT_TEST(gives_a_beginning_of_every_truncation);
  CPPUNIT_TEST_SUITE_END();

 public:
  void reads_the_cpus_of_a_new_kernel() {
    CPPUNIT_ASSERT_EQUAL(std::string{"0: 53731 12053 12329 598102 514 0 69 6509 0 0\n"
                                     "1: 67394 8682 14121 584385 1472 0 600 6398 0 0\n"},
                         all(Fixture{"linux-6.18-vm"}.text("proc/stat")));
    CPPUNIT_ASSERT_EQUAL(std::string{"0: 112 242 1897 1833 11 0 91 0 0 0\n"
                                     "1: 76 308 2588 1044 1 0 81 0 0 0\n"},
                         all(Fixture{"linux-6.1-qemu"}.text("proc/stat")));
  }

  void tells_which_states_an_old_kernel_has() {
    const std::string_view lines[] = {
        "cpu0 1132 34 1441 11311718\n",                       // 2.4
        "cpu0 4705 356 584 3699176 23060 23 10\n",            // 2.6.0
        "cpu0 4705 356 584 3699176 23060 23 10 7\n",          // 2.6.11
        "cpu0 4705 356 584 3699176 23060 23 10 7 350\n",      // 2.6.24
        "cpu0 4705 356 584 3699176 23060 23 10 7 350 60\n",   // 2.6.33
        "cpu0 4705 356 584 3699176 23060 23 10 7 350 60 9\n"  // one day
    };
    const std::size_t states[] = {4, 7, 8, 9, 10, 10};
    for (std::size_t i = 0; i < std::size(lines); ++i) {
      CpuLines cpus{lines[i]};
      CpuTimes times;
      CPPUNIT_ASSERT(cpus.next(times));
      CPPUNIT_ASSERT_EQUAL(states[i], times.states);
    }
  }

  void passes_over_malformed_lines() {
    CPPUNIT_ASSERT_EQUAL(std::string{"7: 1 2 3 4\n"}, all("cpu 1 2 3 4\n"
                                                          "cpu0 1 2 3\n"
                                                          "cpu1 1 2 3 x\n"
                                                          "cpu2 1 2 3 4 x 6\n"
                                                          "cpu3 1 2 3 -4\n"
                                                          "cpux 1 2 3 4\n"
                                                          "cpu4\n"
                                                          "cpu5 1 2 3 99999999999999999999\n"
                                                          "cpu7 1 2 3 4\n"));
  }

  void stops_behind_the_cpus() {
    CPPUNIT_ASSERT_EQUAL(std::string{"0: 1 2 3 4\n"},
                         all("page 5 6\ncpu0 1 2 3 4\nctxt 9\ncpu1 1 2 3 4\n"));
    CpuLines cpus{"cpu0 1 2 3 4\nctxt 9\nbtime 1"};
    CpuTimes times;
    while (cpus.next(times)) {
    }
    CPPUNIT_ASSERT(!cpus.truncated());
  }

  void knows_when_it_is_cut_short() {
    CpuLines cpus{"cpu 1 2 3 4\ncpu0 1 2 3 4\ncpu1 1 2 3 4"};
    CpuTimes times;
    while (cpus.next(times)) {
    }
    CPPUNIT_ASSERT(cpus.truncated());
  }

  void gives_a_beginning_of_every_truncation() {
    assert_truncations_are_beginnings("proc/stat", records);
  }

 private:
  static std::vector<std::string> records(std::string_view text) {
    std::vector<std::string> found;
    CpuLines cpus{text};
    for (CpuTimes times; cpus.next(times);) {
      std::string record{times.number};
      record += ':';
      for (std::size_t state = 0; state < times.states; ++state)
        record += " " + std::to_string(times.ticks[state]);
      found.push_back(record + "\n");
    }
    return found;
  }
  static std::string all(std::string_view text) {
    const auto found = records(text);
    return std::accumulate(found.begin(), found.end(), std::string{});
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(CpuLinesTest);

}  // namespace vital::test

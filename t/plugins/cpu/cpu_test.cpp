// SPDX-License-Identifier: MIT
#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>

#include "support/plugin_under_test.h"

namespace vital::test {

class CpuTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(CpuTest);
  CPPUNIT_TEST(reports_totals_of_each_state);
  CPPUNIT_TEST(reports_guests_on_request);
  CPPUNIT_TEST(reports_guests_within_user_on_request);
  CPPUNIT_TEST(reports_only_the_states_that_an_old_kernel_has);
  CPPUNIT_TEST(reports_shares_of_each_state);
  CPPUNIT_TEST(reports_shares_of_all_cpus);
  CPPUNIT_TEST(reports_active_shares);
  CPPUNIT_TEST(reports_one_active_share_for_the_host);
  CPPUNIT_TEST(reports_shares_with_guests);
  CPPUNIT_TEST(says_nothing_of_a_cpu_for_which_no_time_passed);
  CPPUNIT_TEST(starts_anew_with_a_cpu_that_was_offline);
  CPPUNIT_TEST(begins_with_a_cpu_that_appears);
  CPPUNIT_TEST(never_reports_a_negative_share);
  CPPUNIT_TEST(counts_the_cpus_that_are_online);
  CPPUNIT_TEST(knows_the_cpu_that_is_offline);
  CPPUNIT_TEST(works_on_every_machine);
  CPPUNIT_TEST(fails_while_the_file_is_malformed_and_recovers);
  CPPUNIT_TEST(allocates_nothing_once_it_runs);
  CPPUNIT_TEST_SUITE_END();

 public:
  void reports_totals_of_each_state() {
    PluginUnderTest cpu{"cpu", Fixture{"linux-6.18-vm"}};
    CPPUNIT_ASSERT(cpu.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"cpu-0/cpu-user 53731\n"
                                     "cpu-0/cpu-nice 12053\n"
                                     "cpu-0/cpu-system 12329\n"
                                     "cpu-0/cpu-idle 598102\n"
                                     "cpu-0/cpu-wait 514\n"
                                     "cpu-0/cpu-interrupt 0\n"
                                     "cpu-0/cpu-softirq 69\n"
                                     "cpu-0/cpu-steal 6509\n"
                                     "cpu-1/cpu-user 67394\n"
                                     "cpu-1/cpu-nice 8682\n"
                                     "cpu-1/cpu-system 14121\n"
                                     "cpu-1/cpu-idle 584385\n"
                                     "cpu-1/cpu-wait 1472\n"
                                     "cpu-1/cpu-interrupt 0\n"
                                     "cpu-1/cpu-softirq 600\n"
                                     "cpu-1/cpu-steal 6398\n"},
                         cpu.recorded());
  }

  void reports_guests_on_request() {
    Reading cpu{"ReportGuestState true"};
    cpu.read("cpu0 100 20 3 4 5 6 7 8 90 11\n");
    CPPUNIT_ASSERT_EQUAL(std::string{"cpu-0/cpu-user 10\n"
                                     "cpu-0/cpu-nice 9\n"
                                     "cpu-0/cpu-system 3\n"
                                     "cpu-0/cpu-idle 4\n"
                                     "cpu-0/cpu-wait 5\n"
                                     "cpu-0/cpu-interrupt 6\n"
                                     "cpu-0/cpu-softirq 7\n"
                                     "cpu-0/cpu-steal 8\n"
                                     "cpu-0/cpu-guest 90\n"
                                     "cpu-0/cpu-guest_nice 11\n"},
                         cpu.recorded());
  }

  void reports_guests_within_user_on_request() {
    Reading cpu{"ReportGuestState true\nSubtractGuestState false"};
    cpu.read("cpu0 100 20 0 0 0 0 0 0 90\n");
    CPPUNIT_ASSERT_EQUAL(std::string{"cpu-0/cpu-user 100\n"
                                     "cpu-0/cpu-nice 20\n"
                                     "cpu-0/cpu-system 0\n"
                                     "cpu-0/cpu-idle 0\n"
                                     "cpu-0/cpu-wait 0\n"
                                     "cpu-0/cpu-interrupt 0\n"
                                     "cpu-0/cpu-softirq 0\n"
                                     "cpu-0/cpu-steal 0\n"
                                     "cpu-0/cpu-guest 90\n"},
                         cpu.recorded());
  }

  void reports_only_the_states_that_an_old_kernel_has() {
    Reading cpu{"ReportGuestState true"};
    cpu.read("cpu  1132 34 1441 11311718\ncpu0 1132 34 1441 11311718\n");
    CPPUNIT_ASSERT_EQUAL(std::string{"cpu-0/cpu-user 1132\n"
                                     "cpu-0/cpu-nice 34\n"
                                     "cpu-0/cpu-system 1441\n"
                                     "cpu-0/cpu-idle 11311718\n"},
                         cpu.recorded());
  }

  void reports_shares_of_each_state() {
    Reading cpu{"ValuesPercentage true"};
    cpu.read("cpu0 100 10 20 500 30 5 6 7 0 0\n");
    CPPUNIT_ASSERT_EQUAL(std::string{}, cpu.recorded());
    cpu.read("cpu0 110 10 30 570 35 6 8 9 0 0\n");
    CPPUNIT_ASSERT_EQUAL(std::string{"cpu-0/percent-user 10\n"
                                     "cpu-0/percent-nice 0\n"
                                     "cpu-0/percent-system 10\n"
                                     "cpu-0/percent-idle 70\n"
                                     "cpu-0/percent-wait 5\n"
                                     "cpu-0/percent-interrupt 1\n"
                                     "cpu-0/percent-softirq 2\n"
                                     "cpu-0/percent-steal 2\n"},
                         cpu.recorded());
  }

  void reports_shares_of_all_cpus() {
    Reading cpu{"ReportByCpu false"};
    cpu.read("cpu0 10 10 10 10\ncpu1 10 10 10 10\n");
    cpu.read("cpu0 20 10 10 50\ncpu1 40 10 20 20\n");
    CPPUNIT_ASSERT_EQUAL(std::string{"cpu/percent-user 40\n"
                                     "cpu/percent-nice 0\n"
                                     "cpu/percent-system 10\n"
                                     "cpu/percent-idle 50\n"},
                         cpu.recorded());
  }

  void reports_active_shares() {
    Reading cpu{"ReportByState false"};
    cpu.read("cpu0 10 10 10 10 10 0 0\ncpu1 10 10 10 10 10 0 0\n");
    cpu.read("cpu0 20 10 10 40 20 0 0\ncpu1 10 10 10 30 10 0 0\n");
    CPPUNIT_ASSERT_EQUAL(std::string{"cpu-0/percent-active 40\ncpu-1/percent-active 0\n"},
                         cpu.recorded());
  }

  void reports_one_active_share_for_the_host() {
    Reading cpu{"ReportByCpu false\nReportByState false\nValuesPercentage false"};
    cpu.read("cpu0 10 10 10 10\ncpu1 10 10 10 10\n");
    cpu.read("cpu0 20 10 10 10\ncpu1 10 10 10 40\n");
    CPPUNIT_ASSERT_EQUAL(std::string{"cpu/percent-active 25\n"}, cpu.recorded());
  }

  void reports_shares_with_guests() {
    Reading cpu{"ReportGuestState true\nReportByCpu false"};
    cpu.read("cpu0 10 10 10 10 0 0 0 0 5 0\n");
    cpu.read("cpu0 60 10 10 60 0 0 0 0 45 0\n");
    CPPUNIT_ASSERT_EQUAL(std::string{"cpu/percent-user 10\n"
                                     "cpu/percent-nice 0\n"
                                     "cpu/percent-system 0\n"
                                     "cpu/percent-idle 50\n"
                                     "cpu/percent-wait 0\n"
                                     "cpu/percent-interrupt 0\n"
                                     "cpu/percent-softirq 0\n"
                                     "cpu/percent-steal 0\n"
                                     "cpu/percent-guest 40\n"
                                     "cpu/percent-guest_nice 0\n"},
                         cpu.recorded());
  }

  void says_nothing_of_a_cpu_for_which_no_time_passed() {
    Reading cpu{"ReportByState false"};
    cpu.read("cpu0 10 10 10 10\ncpu1 10 10 10 10\n");
    cpu.read("cpu0 10 10 10 10\ncpu1 20 10 10 10\n");
    CPPUNIT_ASSERT_EQUAL(std::string{"cpu-1/percent-active 100\n"}, cpu.recorded());
  }

  void starts_anew_with_a_cpu_that_was_offline() {
    Reading each{"ReportByState false"}, together{"ReportByState false\nReportByCpu false"};
    const char* const reads[] = {"cpu0 0 0 0 100\ncpu1 500 0 0 500\n",
                                 "cpu0 10 0 0 190\ncpu1 510 0 0 590\n", "cpu0 20 0 0 280\n",
                                 "cpu0 30 0 0 370\ncpu1 999 0 0 595\n",
                                 "cpu0 40 0 0 460\ncpu1 1009 0 0 685\n"};
    const std::string both = "cpu-0/percent-active 10\ncpu-1/percent-active 10\n";
    const std::string first = "cpu-0/percent-active 10\n";
    const std::string wanted[] = {"", both, first, first, both};
    for (std::size_t i = 0; i < std::size(reads); ++i) {
      each.read(reads[i]);
      CPPUNIT_ASSERT_EQUAL(wanted[i], each.recorded());
      together.read(reads[i]);
      CPPUNIT_ASSERT_EQUAL(std::string{i == 0 ? "" : "cpu/percent-active 10\n"},
                           together.recorded());
    }
  }

  void begins_with_a_cpu_that_appears() {
    Reading cpu{"ReportByState false"};
    cpu.read("cpu0 10 0 0 10\ncpu2 10 0 0 10\n");
    cpu.read("cpu0 20 0 0 20\ncpu1 10 0 0 10\ncpu2 20 0 0 20\n");
    CPPUNIT_ASSERT_EQUAL(std::string{"cpu-0/percent-active 50\ncpu-2/percent-active 50\n"},
                         cpu.recorded());
    cpu.read("cpu0 30 0 0 30\ncpu1 20 0 0 20\ncpu2 30 0 0 30\n");
    CPPUNIT_ASSERT_EQUAL(std::string{"cpu-0/percent-active 50\ncpu-1/percent-active 50\n"
                                     "cpu-2/percent-active 50\n"},
                         cpu.recorded());
  }

  void never_reports_a_negative_share() {
    Reading cpu{"ValuesPercentage true"};
    cpu.read("cpu0 10 10 10 100 50 0 0\n");
    cpu.read("cpu0 15 10 10 115 45 0 0\n");
    CPPUNIT_ASSERT_EQUAL(std::string{"cpu-0/percent-user 25\n"
                                     "cpu-0/percent-nice 0\n"
                                     "cpu-0/percent-system 0\n"
                                     "cpu-0/percent-idle 75\n"
                                     "cpu-0/percent-wait 0\n"
                                     "cpu-0/percent-interrupt 0\n"
                                     "cpu-0/percent-softirq 0\n"},
                         cpu.recorded());
  }

  void counts_the_cpus_that_are_online() {
    Reading cpu{"ReportNumCpu true\nReportByCpu false"};
    cpu.read("cpu0 10 10 10 10\ncpu1 10 10 10 10\ncpu3 10 10 10 10\n");
    CPPUNIT_ASSERT_EQUAL(std::string{"cpu/count 3\n"}, cpu.recorded());
    cpu.read("cpu0 10 10 10 10\ncpu3 10 10 10 10\n");
    CPPUNIT_ASSERT_EQUAL(std::string{"cpu/count 2\n"}, cpu.recorded());
  }

  void knows_the_cpu_that_is_offline() {
    PluginUnderTest cpu{"cpu", Fixture{"linux-5.10-qemu-4cpu"}, "ReportNumCpu true"};
    CPPUNIT_ASSERT(cpu.read());
    const std::string recorded = cpu.recorded();
    CPPUNIT_ASSERT(recorded.find("cpu-1/cpu-nice 396\n") != std::string::npos);
    CPPUNIT_ASSERT(recorded.find("cpu-2/") == std::string::npos);
    CPPUNIT_ASSERT(recorded.find("cpu-3/") != std::string::npos);
    CPPUNIT_ASSERT(recorded.ends_with("cpu/count 3\n"));
  }

  void works_on_every_machine() {
    for (const std::string& machine : Fixture::machines()) {
      PluginUnderTest cpu{"cpu", Fixture{machine}, "ReportGuestState true"};
      CPPUNIT_ASSERT(cpu.read());
      const std::string recorded = cpu.recorded();
      const auto lines = std::count(recorded.begin(), recorded.end(), '\n');
      CPPUNIT_ASSERT_MESSAGE(machine, lines > 0 && lines % 10 == 0);
    }
  }

  void fails_while_the_file_is_malformed_and_recovers() {
    Reading cpu{"ReportNumCpu true\nReportByState false"};
    cpu.read("cpu0 10 0 0 10\n");
    CPPUNIT_ASSERT_EQUAL(std::string{"cpu/count 1\n"}, cpu.recorded());
    for (const char* const text : {"", "cpu 1 2 3 4\n", "ctxt 5\n", "cpu0 1 2\n", "cpu0 20 0 0 10"})
      CPPUNIT_ASSERT(!cpu.attempt(text));
    CPPUNIT_ASSERT_EQUAL(std::string{}, cpu.recorded());
    cpu.read("cpu0 30 0 0 10\n");
    CPPUNIT_ASSERT_EQUAL(std::string{"cpu/count 1\n"}, cpu.recorded());
    cpu.read("cpu0 40 0 0 20\n");
    CPPUNIT_ASSERT_EQUAL(std::string{"cpu-0/percent-active 50\ncpu/count 1\n"}, cpu.recorded());
  }

  void allocates_nothing_once_it_runs() {
    for (const char* const options :
         {"", "ValuesPercentage true", "ReportByCpu false\nReportNumCpu true",
          "ReportByState false", "ReportGuestState true"}) {
      Reading cpu{options};
      cpu.read("cpu0 10 10 10 10 10 10 10 10 10 10\ncpu1 10 10 10 10 10 10 10 10 10 10\n");
      cpu.read("cpu0 20 20 10 10 10 10 10 10 10 10\ncpu1 20 10 10 10 10 10 10 10 10 10\n");
      cpu.read("cpu0 30 30 10 10 10 10 10 10 10 10\ncpu1 30 10 10 10 10 10 10 10 10 10\n");
      CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, cpu.allocations());
    }
  }

 private:
  /// The plugin over one file that changes.
  class Reading {
   public:
    explicit Reading(std::string_view options) : cpu_{"cpu", root_.path(), options} {}

    void read(std::string_view stat) {
      root_.write("proc/stat", stat);
      CPPUNIT_ASSERT(cpu_.read());
    }
    Status attempt(std::string_view stat) {
      root_.write("proc/stat", stat);
      return cpu_.read();
    }
    std::string recorded() { return cpu_.recorded(); }
    std::uint64_t allocations() const noexcept { return cpu_.allocations(); }

   private:
    TemporaryDirectory root_;
    PluginUnderTest cpu_;
  };
};

CPPUNIT_TEST_SUITE_REGISTRATION(CpuTest);

}  // namespace vital::test

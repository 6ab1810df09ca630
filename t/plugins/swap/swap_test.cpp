// SPDX-License-Identifier: MIT
#include <cppunit/extensions/HelperMacros.h>

#include "support/plugin_under_test.h"

namespace vital::test {

class SwapTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(SwapTest);
  CPPUNIT_TEST(reports_all_devices_together);
  CPPUNIT_TEST(reports_each_device);
  CPPUNIT_TEST(reports_files_with_odd_names);
  CPPUNIT_TEST(reports_traffic_in_bytes);
  CPPUNIT_TEST(reports_percentages);
  CPPUNIT_TEST(reports_what_is_wanted_alone);
  CPPUNIT_TEST(knows_no_percentages_without_swap);
  CPPUNIT_TEST(leaves_out_what_the_kernel_lacks);
  CPPUNIT_TEST(leaves_out_used_when_more_is_cached_than_taken);
  CPPUNIT_TEST(follows_devices_that_come_and_go);
  CPPUNIT_TEST(goes_on_with_one_half_while_the_other_fails);
  CPPUNIT_TEST(fails_when_both_halves_fail);
  CPPUNIT_TEST(is_silent_on_a_kernel_without_swap);
  CPPUNIT_TEST(allocates_nothing_once_it_runs);
  CPPUNIT_TEST_SUITE_END();

 public:
  void reports_all_devices_together() {
    PluginUnderTest swap{"swap", Fixture{"linux-6.1-qemu"}};
    CPPUNIT_ASSERT(swap.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"swap/swap-cached 663552\n"
                                     "swap/swap-free 59502592\n"
                                     "swap/swap-used 6938624\n"
                                     "swap/swap_io-in 10179\n"
                                     "swap/swap_io-out 11732\n"},
                         swap.sorted());
  }

  void reports_each_device() {
    PluginUnderTest swap{"swap", Fixture{"linux-6.1-qemu"}, "ReportByDevice true"};
    CPPUNIT_ASSERT(swap.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"swap-dev_zram0/swap-free 59502592\n"
                                     "swap-dev_zram0/swap-used 7602176\n"
                                     "swap/swap_io-in 10179\n"
                                     "swap/swap_io-out 11732\n"},
                         swap.sorted());
  }

  void reports_files_with_odd_names() {
    PluginUnderTest swap{"swap", Fixture{"linux-5.10-qemu-4cpu"}, "ReportByDevice true"};
    CPPUNIT_ASSERT(swap.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"swap-dev_sdc1/swap-free 20967424\n"
                                     "swap-dev_sdc1/swap-used 0\n"
                                     "swap-mnt_data_swap\\040file/swap-free 31387648\n"
                                     "swap-mnt_data_swap\\040file/swap-used 10530816\n"
                                     "swap/swap_io-in 9682\n"
                                     "swap/swap_io-out 12629\n"},
                         swap.sorted());
  }

  void reports_traffic_in_bytes() {
    PluginUnderTest swap{"swap", Fixture{"linux-6.1-qemu"},
                         "ReportBytes true\nValuesAbsolute false"};
    CPPUNIT_ASSERT(swap.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"swap/swap_io-in 41693184\n"
                                     "swap/swap_io-out 48054272\n"},
                         swap.sorted());
  }

  void reports_percentages() {
    const Files root;
    CPPUNIT_ASSERT_EQUAL(std::string{"swap/percent-used 58.6\n"
                                     "swap/percent-free 40\n"
                                     "swap/percent-cached 1.4\n"
                                     "swap/swap_io-in 11\n"
                                     "swap/swap_io-out 22\n"},
                         root.reported("ValuesAbsolute false\nValuesPercentage true"));
    CPPUNIT_ASSERT_EQUAL(
        std::string{"swap-dev_sda2/swap-used 307200\n"
                    "swap-dev_sda2/percent-used 30\n"
                    "swap-dev_sda2/swap-free 716800\n"
                    "swap-dev_sda2/percent-free 70\n"
                    "swap-a\\040b\\040(deleted)/swap-used 0\n"
                    "swap-a\\040b\\040(deleted)/percent-used 0\n"
                    "swap-a\\040b\\040(deleted)/swap-free 2048000\n"
                    "swap-a\\040b\\040(deleted)/percent-free 100\n"},
        root.reported("ReportByDevice true\nValuesPercentage true\nReportIO false"));
  }

  void reports_what_is_wanted_alone() {
    const Files root;
    CPPUNIT_ASSERT_EQUAL(std::string{"swap/swap_io-in 11\nswap/swap_io-out 22\n"},
                         root.reported("ValuesAbsolute false"));
    CPPUNIT_ASSERT_EQUAL(
        std::string{"swap/swap-used 300032\nswap/swap-free 204800\nswap/swap-cached 7168\n"},
        root.reported("ReportIO false"));
    CPPUNIT_ASSERT_THROW(root.reported("ReportIO false\nValuesAbsolute false"), ConfigError);
  }

  void knows_no_percentages_without_swap() {
    const Files root;
    root.write("proc/meminfo", "SwapCached: 0 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n");
    CPPUNIT_ASSERT_EQUAL(std::string{"swap/swap-used 0\n"
                                     "swap/percent-used nan\n"
                                     "swap/swap-free 0\n"
                                     "swap/percent-free nan\n"
                                     "swap/swap-cached 0\n"
                                     "swap/percent-cached nan\n"},
                         root.reported("ValuesPercentage true\nReportIO false"));
    root.write("proc/swaps", "Filename Type Size Used Priority\n");
    CPPUNIT_ASSERT_EQUAL(
        std::string{}, root.reported("ValuesPercentage true\nReportIO false\nReportByDevice true"));
  }

  void leaves_out_what_the_kernel_lacks() {
    const Files root;
    root.write("proc/meminfo", "SwapTotal: 500 kB\nSwapFree: 200 kB\n");
    root.write("proc/vmstat", "pgpgin 5\n");
    CPPUNIT_ASSERT_EQUAL(std::string{"swap/swap-used 307200\nswap/swap-free 204800\n"},
                         root.reported(""));
  }

  void leaves_out_used_when_more_is_cached_than_taken() {
    const Files root;
    root.write("proc/meminfo", "SwapCached: 301 kB\nSwapTotal: 500 kB\nSwapFree: 200 kB\n");
    CPPUNIT_ASSERT_EQUAL(std::string{"swap/swap-free 204800\nswap/swap-cached 308224\n"},
                         root.reported("ReportIO false"));
  }

  void follows_devices_that_come_and_go() {
    const Files root;
    PluginUnderTest swap{"swap", root.path(), "ReportByDevice true\nReportIO false"};
    CPPUNIT_ASSERT(swap.read());
    swap.recorded();
    root.write("proc/swaps", "Filename Type Size Used Priority\n/new file 1 0 -2\n");
    CPPUNIT_ASSERT(swap.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"swap-new/swap-used 0\nswap-new/swap-free 1024\n"},
                         swap.recorded());
    root.write("proc/swaps", "Filename Type Size Used Priority\n/dev/sda2 file 2 0 -2\n");
    CPPUNIT_ASSERT(swap.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"swap-dev_sda2/swap-used 0\nswap-dev_sda2/swap-free 2048\n"},
                         swap.recorded());
  }

  void goes_on_with_one_half_while_the_other_fails() {
    const Files root;
    PluginUnderTest swap{"swap", root.path()};
    root.write("proc/meminfo", "SwapTotal: 500 kB\nSwapFree: 600 kB\n");
    CPPUNIT_ASSERT(swap.read());
    CPPUNIT_ASSERT(swap.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"swap/swap_io-in 11\nswap/swap_io-out 22\n"
                                     "swap/swap_io-in 11\nswap/swap_io-out 22\n"},
                         swap.recorded());
    root.write("proc/meminfo", "SwapTotal: 500 kB\nSwapFree: 500 kB\n");
    CPPUNIT_ASSERT(swap.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"warning: swap: reading the swap space fails: malformed: "
                                     "SwapFree is more than SwapTotal\n"
                                     "notice: swap: reading the swap space works again after 2 "
                                     "failures\n"},
                         swap.logged());
  }

  void fails_when_both_halves_fail() {
    const Files root;
    PluginUnderTest swap{"swap", root.path()};
    root.write("proc/meminfo", "");
    root.write("proc/vmstat", "pswpin x\n");
    CPPUNIT_ASSERT(!swap.read());
    CPPUNIT_ASSERT_EQUAL(std::string{}, swap.recorded());
    CPPUNIT_ASSERT_EQUAL(std::string{}, swap.logged());  // the daemon says it
  }

  void is_silent_on_a_kernel_without_swap() {
    const Files root;
    root.remove("proc/swaps");
    PluginUnderTest swap{"swap", root.path(), "ReportByDevice true"};
    CPPUNIT_ASSERT(swap.read());
    CPPUNIT_ASSERT_EQUAL(std::string{}, swap.logged());
  }

  void allocates_nothing_once_it_runs() {
    for (const char* const options : {"", "ReportByDevice true\nValuesPercentage true"}) {
      PluginUnderTest swap{"swap", Fixture{"linux-6.1-qemu"}, options};
      CPPUNIT_ASSERT(swap.read());
      CPPUNIT_ASSERT(swap.read());
      CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, swap.allocations());
    }
  }

 private:
  class Files : public TemporaryDirectory {
   public:
    Files() {
      write("proc/meminfo", "SwapCached: 7 kB\nSwapTotal: 500 kB\nSwapFree: 200 kB\n");
      write("proc/vmstat", "nr_free_pages 5\npswpin 11\npswpout 22\n");
      write("proc/swaps",
            "Filename\t\t\t\tType\t\tSize\tUsed\tPriority\n"
            "/dev/sda2                  partition\t1000\t\t300\t\t-2\n"
            "/a\\040b\\040(deleted)    file\t\t2000\t\t0\t\t-3\n");
    }
    std::string reported(std::string_view options) const {
      PluginUnderTest swap{"swap", path(), options};
      CPPUNIT_ASSERT(swap.read());
      return swap.recorded();
    }
  };
};

CPPUNIT_TEST_SUITE_REGISTRATION(SwapTest);

}  // namespace vital::test

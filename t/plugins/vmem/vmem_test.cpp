// SPDX-License-Identifier: MIT
#include <cppunit/extensions/HelperMacros.h>

#include "support/plugin_under_test.h"

namespace vital::test {

class VmemTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(VmemTest);
  CPPUNIT_TEST(reports_an_overview);
  CPPUNIT_TEST(reports_everything_when_verbose);
  CPPUNIT_TEST(reports_zones_of_an_old_kernel);
  CPPUNIT_TEST(reports_pairs_only_when_both_are_there);
  CPPUNIT_TEST(passes_over_malformed_lines);
  CPPUNIT_TEST(follows_lines_that_come_and_go);
  CPPUNIT_TEST(works_on_every_machine);
  CPPUNIT_TEST(allocates_nothing_once_it_runs);
  CPPUNIT_TEST(fails_while_the_file_is_cut_short_and_recovers);
  CPPUNIT_TEST_SUITE_END();

 public:
  void reports_an_overview() {
    PluginUnderTest vmem{"vmem", Fixture{"linux-6.1-qemu"}};
    CPPUNIT_ASSERT(vmem.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"vmem/vmpage_action-dirtied 2291\n"
                                     "vmem/vmpage_action-written 14022\n"
                                     "vmem/vmpage_faults 38268 4\n"
                                     "vmem/vmpage_io-memory 19459 9156\n"
                                     "vmem/vmpage_io-swap 10179 11732\n"
                                     "vmem/vmpage_number-active_anon 9158\n"
                                     "vmem/vmpage_number-active_file 25\n"
                                     "vmem/vmpage_number-anon_pages 417\n"
                                     "vmem/vmpage_number-anon_transparent_hugepages 0\n"
                                     "vmem/vmpage_number-bounce 0\n"
                                     "vmem/vmpage_number-dirty 1\n"
                                     "vmem/vmpage_number-dirty_background_threshold 78\n"
                                     "vmem/vmpage_number-dirty_threshold 156\n"
                                     "vmem/vmpage_number-file_hugepages 0\n"
                                     "vmem/vmpage_number-file_pages 18135\n"
                                     "vmem/vmpage_number-file_pmdmapped 0\n"
                                     "vmem/vmpage_number-foll_pin_acquired 0\n"
                                     "vmem/vmpage_number-foll_pin_released 0\n"
                                     "vmem/vmpage_number-free_cma 0\n"
                                     "vmem/vmpage_number-free_pages 1337\n"
                                     "vmem/vmpage_number-inactive_anon 9348\n"
                                     "vmem/vmpage_number-inactive_file 1\n"
                                     "vmem/vmpage_number-isolated_anon 0\n"
                                     "vmem/vmpage_number-isolated_file 0\n"
                                     "vmem/vmpage_number-kernel_misc_reclaimable 0\n"
                                     "vmem/vmpage_number-kernel_stack 1520\n"
                                     "vmem/vmpage_number-mapped 608\n"
                                     "vmem/vmpage_number-mlock 16\n"
                                     "vmem/vmpage_number-page_table_pages 87\n"
                                     "vmem/vmpage_number-sec_page_table_pages 0\n"
                                     "vmem/vmpage_number-shmem 17946\n"
                                     "vmem/vmpage_number-shmem_hugepages 0\n"
                                     "vmem/vmpage_number-shmem_pmdmapped 0\n"
                                     "vmem/vmpage_number-slab_reclaimable 2840\n"
                                     "vmem/vmpage_number-slab_unreclaimable 2759\n"
                                     "vmem/vmpage_number-swapcached 162\n"
                                     "vmem/vmpage_number-throttled_written 0\n"
                                     "vmem/vmpage_number-unevictable 16\n"
                                     "vmem/vmpage_number-unstable 0\n"
                                     "vmem/vmpage_number-vmscan_immediate_reclaim 0\n"
                                     "vmem/vmpage_number-vmscan_write 11732\n"
                                     "vmem/vmpage_number-writeback 0\n"
                                     "vmem/vmpage_number-writeback_temp 0\n"
                                     "vmem/vmpage_number-zone_active_anon 9158\n"
                                     "vmem/vmpage_number-zone_active_file 25\n"
                                     "vmem/vmpage_number-zone_inactive_anon 9348\n"
                                     "vmem/vmpage_number-zone_inactive_file 1\n"
                                     "vmem/vmpage_number-zone_unevictable 16\n"
                                     "vmem/vmpage_number-zone_write_pending 1\n"
                                     "vmem/vmpage_number-zspages 362\n"},
                         vmem.sorted());
  }

  void reports_everything_when_verbose() {
    PluginUnderTest vmem{"vmem", Fixture{"linux-6.18-vm"}, "Verbose true"};
    CPPUNIT_ASSERT(vmem.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"vmem-anon/vmpage_action-steal 0\n"
                                     "vmem-device/vmpage_action-alloc 0\n"
                                     "vmem-direct/vmpage_action-steal 0\n"
                                     "vmem-dma/vmpage_action-alloc 0\n"
                                     "vmem-dma32/vmpage_action-alloc 0\n"
                                     "vmem-file/vmpage_action-steal 0\n"
                                     "vmem-khugepaged/vmpage_action-steal 0\n"
                                     "vmem-kswapd/vmpage_action-steal 0\n"
                                     "vmem-movable/vmpage_action-alloc 0\n"
                                     "vmem-normal/vmpage_action-alloc 38531755\n"
                                     "vmem-proactive/vmpage_action-steal 0\n"
                                     "vmem-throttle/vmpage_action-scan_direct 0\n"
                                     "vmem/vmpage_action-activate 835258\n"
                                     "vmem/vmpage_action-deactivate 2884\n"
                                     "vmem/vmpage_action-dirtied 2530119\n"
                                     "vmem/vmpage_action-free 39556721\n"
                                     "vmem/vmpage_action-written 1962923\n"
                                     "vmem/vmpage_faults 36952466 9393\n"
                                     "vmem/vmpage_io-memory 6584299 7863486\n"
                                     "vmem/vmpage_io-swap 0 0\n"
                                     "vmem/vmpage_number-active_anon 374\n"
                                     "vmem/vmpage_number-active_file 77114\n"
                                     "vmem/vmpage_number-anon_pages 44910\n"
                                     "vmem/vmpage_number-anon_transparent_hugepages 0\n"
                                     "vmem/vmpage_number-balloon_pages 0\n"
                                     "vmem/vmpage_number-dirty 8017\n"
                                     "vmem/vmpage_number-dirty_background_threshold 598013\n"
                                     "vmem/vmpage_number-dirty_threshold 1197488\n"
                                     "vmem/vmpage_number-file_hugepages 0\n"
                                     "vmem/vmpage_number-file_pages 292904\n"
                                     "vmem/vmpage_number-file_pmdmapped 0\n"
                                     "vmem/vmpage_number-foll_pin_acquired 237\n"
                                     "vmem/vmpage_number-foll_pin_released 237\n"
                                     "vmem/vmpage_number-free_cma 0\n"
                                     "vmem/vmpage_number-free_pages 990994\n"
                                     "vmem/vmpage_number-free_pages_blocks 814592\n"
                                     "vmem/vmpage_number-hugetlb 0\n"
                                     "vmem/vmpage_number-inactive_anon 42162\n"
                                     "vmem/vmpage_number-inactive_file 213576\n"
                                     "vmem/vmpage_number-iommu_pages 0\n"
                                     "vmem/vmpage_number-isolated_anon 0\n"
                                     "vmem/vmpage_number-isolated_file 0\n"
                                     "vmem/vmpage_number-kernel_file_pages 0\n"
                                     "vmem/vmpage_number-kernel_misc_reclaimable 0\n"
                                     "vmem/vmpage_number-kernel_stack 2012\n"
                                     "vmem/vmpage_number-mapped 10389\n"
                                     "vmem/vmpage_number-memmap_boot_pages 98304\n"
                                     "vmem/vmpage_number-memmap_pages 0\n"
                                     "vmem/vmpage_number-mlock 4306\n"
                                     "vmem/vmpage_number-page_table_pages 839\n"
                                     "vmem/vmpage_number-sec_page_table_pages 0\n"
                                     "vmem/vmpage_number-shmem 2214\n"
                                     "vmem/vmpage_number-shmem_hugepages 0\n"
                                     "vmem/vmpage_number-shmem_pmdmapped 0\n"
                                     "vmem/vmpage_number-slab_reclaimable 53341\n"
                                     "vmem/vmpage_number-slab_unreclaimable 7622\n"
                                     "vmem/vmpage_number-swapcached 0\n"
                                     "vmem/vmpage_number-throttled_written 0\n"
                                     "vmem/vmpage_number-unevictable 4573\n"
                                     "vmem/vmpage_number-unstable 0\n"
                                     "vmem/vmpage_number-vmscan_immediate_reclaim 43397\n"
                                     "vmem/vmpage_number-vmscan_write 0\n"
                                     "vmem/vmpage_number-writeback 0\n"
                                     "vmem/vmpage_number-zone_active_anon 374\n"
                                     "vmem/vmpage_number-zone_active_file 77114\n"
                                     "vmem/vmpage_number-zone_inactive_anon 42162\n"
                                     "vmem/vmpage_number-zone_inactive_file 213576\n"
                                     "vmem/vmpage_number-zone_unevictable 4573\n"
                                     "vmem/vmpage_number-zone_write_pending 8017\n"
                                     "vmem/vmpage_number-zspages 0\n"},
                         vmem.sorted());
  }

  void reports_zones_of_an_old_kernel() {
    PluginUnderTest vmem{"vmem", Fixture{"linux-3.10-qemu"}, "Verbose true"};
    CPPUNIT_ASSERT(vmem.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"vmem-dma/vmpage_action-alloc 3865\n"
                                     "vmem-dma/vmpage_action-refill 0\n"
                                     "vmem-dma/vmpage_action-scan_direct 0\n"
                                     "vmem-dma/vmpage_action-scan_kswapd 0\n"
                                     "vmem-dma/vmpage_action-steal_direct 0\n"
                                     "vmem-dma/vmpage_action-steal_kswapd 0\n"
                                     "vmem-dma32/vmpage_action-alloc 52886\n"
                                     "vmem-dma32/vmpage_action-refill 483\n"
                                     "vmem-dma32/vmpage_action-scan_direct 1799\n"
                                     "vmem-dma32/vmpage_action-scan_kswapd 16413\n"
                                     "vmem-dma32/vmpage_action-steal_direct 457\n"
                                     "vmem-dma32/vmpage_action-steal_kswapd 9003\n"
                                     "vmem-movable/vmpage_action-alloc 0\n"
                                     "vmem-movable/vmpage_action-refill 0\n"
                                     "vmem-movable/vmpage_action-scan_direct 0\n"
                                     "vmem-movable/vmpage_action-scan_kswapd 0\n"
                                     "vmem-movable/vmpage_action-steal_direct 0\n"
                                     "vmem-movable/vmpage_action-steal_kswapd 0\n"
                                     "vmem-normal/vmpage_action-alloc 0\n"
                                     "vmem-normal/vmpage_action-refill 0\n"
                                     "vmem-normal/vmpage_action-scan_direct 0\n"
                                     "vmem-normal/vmpage_action-scan_kswapd 0\n"
                                     "vmem-normal/vmpage_action-steal_direct 0\n"
                                     "vmem-normal/vmpage_action-steal_kswapd 0\n"
                                     "vmem-throttle/vmpage_action-scan_direct 0\n"
                                     "vmem/vmpage_action-activate 2766\n"
                                     "vmem/vmpage_action-deactivate 201\n"
                                     "vmem/vmpage_action-dirtied 2292\n"
                                     "vmem/vmpage_action-free 57481\n"
                                     "vmem/vmpage_action-written 8080\n"
                                     "vmem/vmpage_faults 72668 0\n"
                                     "vmem/vmpage_io-memory 24097 32310\n"
                                     "vmem/vmpage_io-swap 2256 5789\n"
                                     "vmem/vmpage_number-active_anon 3425\n"
                                     "vmem/vmpage_number-active_file 18\n"
                                     "vmem/vmpage_number-anon_pages 1185\n"
                                     "vmem/vmpage_number-anon_transparent_hugepages 0\n"
                                     "vmem/vmpage_number-bounce 0\n"
                                     "vmem/vmpage_number-dirty 1\n"
                                     "vmem/vmpage_number-dirty_background_threshold 0\n"
                                     "vmem/vmpage_number-dirty_threshold 0\n"
                                     "vmem/vmpage_number-file_pages 15794\n"
                                     "vmem/vmpage_number-free_cma 0\n"
                                     "vmem/vmpage_number-free_pages 719\n"
                                     "vmem/vmpage_number-inactive_anon 12533\n"
                                     "vmem/vmpage_number-inactive_file 4\n"
                                     "vmem/vmpage_number-isolated_anon 0\n"
                                     "vmem/vmpage_number-isolated_file 0\n"
                                     "vmem/vmpage_number-kernel_stack 60\n"
                                     "vmem/vmpage_number-mapped 214\n"
                                     "vmem/vmpage_number-mlock 16\n"
                                     "vmem/vmpage_number-page_table_pages 45\n"
                                     "vmem/vmpage_number-shmem 14743\n"
                                     "vmem/vmpage_number-slab_reclaimable 439\n"
                                     "vmem/vmpage_number-slab_unreclaimable 986\n"
                                     "vmem/vmpage_number-unevictable 988\n"
                                     "vmem/vmpage_number-unstable 0\n"
                                     "vmem/vmpage_number-vmscan_immediate_reclaim 0\n"
                                     "vmem/vmpage_number-vmscan_write 5789\n"
                                     "vmem/vmpage_number-writeback 0\n"
                                     "vmem/vmpage_number-writeback_temp 0\n"},
                         vmem.sorted());
  }

  void reports_pairs_only_when_both_are_there() {
    CPPUNIT_ASSERT_EQUAL(std::string{"vmem/vmpage_faults 5 6\n"},
                         reported("pgpgin 1\npswpout 2\npgfault 5\npgmajfault 6\n"));
  }

  void passes_over_malformed_lines() {
    CPPUNIT_ASSERT_EQUAL(std::string{"vmem/vmpage_number-f 7\n"},
                         reported("nr_a x\nnr_b\nnr_c -5\nnr_d 5 6\nnr_e 5x\nnr_f 7\npgpgin x\n"
                                  "pgpgout 5\n"));
  }

  void follows_lines_that_come_and_go() {
    const TemporaryDirectory root;
    PluginUnderTest vmem{"vmem", root.path()};
    for (const char* const text :
         {"nr_a 1\nx 2\nnr_c 3\n", "nr_b 4\nx 5\nnr_c 6\n", "nr_c 7\nnr_a 8\n"}) {
      root.write("proc/vmstat", text);
      CPPUNIT_ASSERT(vmem.read());
    }
    CPPUNIT_ASSERT_EQUAL(std::string{"vmem/vmpage_number-a 1\n"
                                     "vmem/vmpage_number-c 3\n"
                                     "vmem/vmpage_number-b 4\n"
                                     "vmem/vmpage_number-c 6\n"
                                     "vmem/vmpage_number-c 7\n"
                                     "vmem/vmpage_number-a 8\n"},
                         vmem.recorded());
  }

  void works_on_every_machine() {
    for (const std::string& machine : Fixture::machines()) {
      PluginUnderTest vmem{"vmem", Fixture{machine}, "Verbose true"};
      CPPUNIT_ASSERT(vmem.read());
      const std::string recorded = vmem.recorded();
      for (const char* const name : {"vmem/vmpage_number-free_pages ", "vmem/vmpage_io-memory ",
                                     "vmem/vmpage_faults ", "vmem/vmpage_action-free "})
        CPPUNIT_ASSERT_MESSAGE(machine, recorded.find(name) != std::string::npos);
    }
  }

  void allocates_nothing_once_it_runs() {
    PluginUnderTest vmem{"vmem", Fixture{"linux-6.18-vm"}, "Verbose true"};
    CPPUNIT_ASSERT(vmem.read());
    CPPUNIT_ASSERT(vmem.read());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, vmem.allocations());
  }

  void fails_while_the_file_is_cut_short_and_recovers() {
    const TemporaryDirectory root;
    PluginUnderTest vmem{"vmem", root.path()};
    CPPUNIT_ASSERT(!vmem.read());
    root.write("proc/vmstat", "nr_a 1\nnr_b 2");
    CPPUNIT_ASSERT(!vmem.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"vmem/vmpage_number-a 1\n"}, vmem.recorded());
    root.write("proc/vmstat", "nr_a 1\nnr_b 23\n");
    CPPUNIT_ASSERT(vmem.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"vmem/vmpage_number-a 1\nvmem/vmpage_number-b 23\n"},
                         vmem.recorded());
  }

 private:
  static std::string reported(std::string_view vmstat) {
    const TemporaryDirectory root;
    root.write("proc/vmstat", vmstat);
    PluginUnderTest vmem{"vmem", root.path()};
    CPPUNIT_ASSERT(vmem.read());
    return vmem.recorded();
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(VmemTest);

}  // namespace vital::test

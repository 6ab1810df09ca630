// SPDX-License-Identifier: MIT
#include "vmem/vmpage.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>

namespace vital::test {

class VmpageTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(VmpageTest);
  CPPUNIT_TEST(knows_states_of_pages);
  CPPUNIT_TEST(knows_pairs);
  CPPUNIT_TEST(knows_actions_when_verbose);
  CPPUNIT_TEST(ignores_the_rest);
  CPPUNIT_TEST_SUITE_END();

 public:
  void knows_states_of_pages() {
    CPPUNIT_ASSERT_EQUAL(std::string{"vmpage_number-free_pages"}, shown("nr_free_pages"));
    CPPUNIT_ASSERT_EQUAL(std::string{"vmpage_number-dirty"}, shown("nr_dirty"));
    CPPUNIT_ASSERT_EQUAL(std::string{"-/vmpage_action-dirtied"}, shown("nr_dirtied"));
    CPPUNIT_ASSERT_EQUAL(std::string{"-/vmpage_action-written"}, shown("nr_written"));
  }

  void knows_pairs() {
    CPPUNIT_ASSERT_EQUAL(std::string{"vmpage_io-memory 0"}, shown("pgpgin"));
    CPPUNIT_ASSERT_EQUAL(std::string{"vmpage_io-memory 1"}, shown("pgpgout"));
    CPPUNIT_ASSERT_EQUAL(std::string{"vmpage_io-swap 0"}, shown("pswpin"));
    CPPUNIT_ASSERT_EQUAL(std::string{"vmpage_io-swap 1"}, shown("pswpout"));
    CPPUNIT_ASSERT_EQUAL(std::string{"vmpage_faults- 0"}, shown("pgfault"));
    CPPUNIT_ASSERT_EQUAL(std::string{"vmpage_faults- 1"}, shown("pgmajfault"));
  }

  void knows_actions_when_verbose() {
    const char* const names[][2] = {
        {"pgalloc_dma", "dma/vmpage_action-alloc"},
        {"pgrefill_normal", "normal/vmpage_action-refill"},
        {"pgsteal_kswapd_high", "high/vmpage_action-steal_kswapd"},
        {"pgsteal_direct_dma32", "dma32/vmpage_action-steal_direct"},
        {"pgsteal_kswapd", "kswapd/vmpage_action-steal"},
        {"pgsteal_movable", "movable/vmpage_action-steal"},
        {"pgscan_kswapd_dma", "dma/vmpage_action-scan_kswapd"},
        {"pgscan_direct_throttle", "throttle/vmpage_action-scan_direct"},
        {"pgfree", "-/vmpage_action-free"},
        {"pgactivate", "-/vmpage_action-activate"},
        {"pgdeactivate", "-/vmpage_action-deactivate"}};
    for (const auto& [name, action] : names) {
      CPPUNIT_ASSERT_EQUAL(std::string{action}, shown(name, true));
      CPPUNIT_ASSERT_EQUAL(std::string{"ignored"}, shown(name));
    }
  }

  void ignores_the_rest() {
    for (const char* const name :
         {"", "nr", "numa_hit", "pgrefill", "pgscan_kswapd", "pgscan_anon", "pgfault_x", "pgfreed",
          "allocstall", "thp_fault_alloc", "pageoutrun"})
      CPPUNIT_ASSERT_EQUAL(std::string{"ignored"}, shown(name, true));
  }

 private:
  static std::string shown(std::string_view name, bool verbose = false) {
    const vmem::Vmpage page = vmem::classify(name, verbose);
    switch (page.kind) {
      case vmem::Vmpage::Kind::ignored:
        return "ignored";
      case vmem::Vmpage::Kind::number:
        return "vmpage_number-" + std::string{page.instance};
      case vmem::Vmpage::Kind::action:
        return (page.zone.empty() ? "-" : std::string{page.zone}) + "/vmpage_action-" +
               std::string{page.instance};
      case vmem::Vmpage::Kind::pair: {
        const vmem::Pair& pair = vmem::kPairs[page.pair];
        return std::string{pair.type} + "-" + std::string{pair.instance} + " " +
               std::to_string(page.side);
      }
    }
    return {};
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(VmpageTest);

}  // namespace vital::test

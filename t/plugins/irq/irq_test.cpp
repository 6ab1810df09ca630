// SPDX-License-Identifier: MIT
#include <cppunit/extensions/HelperMacros.h>

#include "support/plugin_under_test.h"

namespace vital::test {

class IrqTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(IrqTest);
  CPPUNIT_TEST(reports_each_interrupt);
  CPPUNIT_TEST(reports_each_interrupt_of_another_processor);
  CPPUNIT_TEST(reports_each_interrupt_of_a_new_kernel);
  CPPUNIT_TEST(reports_only_the_selected);
  CPPUNIT_TEST(leaves_out_the_selected);
  CPPUNIT_TEST(takes_numbers_without_quotes);
  CPPUNIT_TEST(reports_a_name_once);
  CPPUNIT_TEST(follows_interrupts_that_come_and_go);
  CPPUNIT_TEST(works_on_every_machine);
  CPPUNIT_TEST(allocates_nothing_once_it_runs);
  CPPUNIT_TEST(fails_while_the_file_is_malformed_and_recovers);
  CPPUNIT_TEST_SUITE_END();

 public:
  void reports_each_interrupt() {
    PluginUnderTest irq{"irq", Fixture{"linux-6.1-qemu"}};
    CPPUNIT_ASSERT(irq.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"irq/irq-0 128\n"
                                     "irq/irq-1 9\n"
                                     "irq/irq-12 3\n"
                                     "irq/irq-24 0\n"
                                     "irq/irq-25 19\n"
                                     "irq/irq-26 70\n"
                                     "irq/irq-27 0\n"
                                     "irq/irq-28 3\n"
                                     "irq/irq-29 0\n"
                                     "irq/irq-30 0\n"
                                     "irq/irq-31 7\n"
                                     "irq/irq-32 16\n"
                                     "irq/irq-33 12\n"
                                     "irq/irq-34 0\n"
                                     "irq/irq-35 37\n"
                                     "irq/irq-36 57\n"
                                     "irq/irq-4 26\n"
                                     "irq/irq-8 1\n"
                                     "irq/irq-9 0\n"
                                     "irq/irq-CAL 3563\n"
                                     "irq/irq-DFR 0\n"
                                     "irq/irq-ERR 0\n"
                                     "irq/irq-IWI 0\n"
                                     "irq/irq-LOC 14876\n"
                                     "irq/irq-MCE 0\n"
                                     "irq/irq-MCP 2\n"
                                     "irq/irq-MIS 0\n"
                                     "irq/irq-NMI 0\n"
                                     "irq/irq-NPI 0\n"
                                     "irq/irq-PIN 0\n"
                                     "irq/irq-PIW 0\n"
                                     "irq/irq-PMI 0\n"
                                     "irq/irq-RES 1145\n"
                                     "irq/irq-RTR 0\n"
                                     "irq/irq-SPU 0\n"
                                     "irq/irq-THR 0\n"
                                     "irq/irq-TLB 25\n"
                                     "irq/irq-TRM 0\n"},
                         irq.sorted());
  }

  void reports_each_interrupt_of_another_processor() {
    PluginUnderTest irq{"irq", Fixture{"linux-6.1-arm64-rpi3"}};
    CPPUNIT_ASSERT(irq.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"irq/irq-108 41677\n"
                                     "irq/irq-109 0\n"
                                     "irq/irq-111 0\n"
                                     "irq/irq-2 15\n"
                                     "irq/irq-51 56583\n"
                                     "irq/irq-58 88\n"
                                     "irq/irq-95 0\n"
                                     "irq/irq-98 45\n"
                                     "irq/irq-99 0\n"
                                     "irq/irq-Err 0\n"
                                     "irq/irq-IPI0 1116\n"
                                     "irq/irq-IPI1 6724\n"
                                     "irq/irq-IPI2 0\n"
                                     "irq/irq-IPI3 0\n"
                                     "irq/irq-IPI4 0\n"
                                     "irq/irq-IPI5 0\n"
                                     "irq/irq-IPI6 0\n"},
                         irq.sorted());
  }

  void reports_each_interrupt_of_a_new_kernel() {
    PluginUnderTest irq{"irq", Fixture{"linux-7.3-qemu"}};
    CPPUNIT_ASSERT(irq.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"irq/irq-0 247\n"
                                     "irq/irq-1 13\n"
                                     "irq/irq-12 3\n"
                                     "irq/irq-24 0\n"
                                     "irq/irq-25 92\n"
                                     "irq/irq-26 0\n"
                                     "irq/irq-27 3\n"
                                     "irq/irq-28 0\n"
                                     "irq/irq-29 7\n"
                                     "irq/irq-30 9\n"
                                     "irq/irq-31 10\n"
                                     "irq/irq-32 21\n"
                                     "irq/irq-4 26\n"
                                     "irq/irq-8 1\n"
                                     "irq/irq-9 0\n"
                                     "irq/irq-CAL 0\n"
                                     "irq/irq-DFR 0\n"
                                     "irq/irq-IWI 4\n"
                                     "irq/irq-LOC 16012\n"
                                     "irq/irq-MCE 0\n"
                                     "irq/irq-MCP 0\n"
                                     "irq/irq-NMI 0\n"
                                     "irq/irq-NPI 0\n"
                                     "irq/irq-PIN 0\n"
                                     "irq/irq-PIW 0\n"
                                     "irq/irq-PMI 0\n"
                                     "irq/irq-RES 0\n"
                                     "irq/irq-THR 0\n"
                                     "irq/irq-TLB 0\n"
                                     "irq/irq-TRM 0\n"
                                     "irq/irq-VPMI 0\n"},
                         irq.sorted());
  }

  void reports_only_the_selected() {
    PluginUnderTest irq{"irq", Fixture{"linux-6.1-qemu"}, "Irq \"26\"\nIrq \"/^T/\"\nIrq ERR"};
    CPPUNIT_ASSERT(irq.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"irq/irq-26 70\n"
                                     "irq/irq-TLB 25\n"
                                     "irq/irq-TRM 0\n"
                                     "irq/irq-THR 0\n"
                                     "irq/irq-ERR 0\n"},
                         irq.recorded());
  }

  void leaves_out_the_selected() {
    PluginUnderTest irq{"irq", Fixture{"linux-6.1-qemu"},
                        "Irq \"/^[0-9]/\"\nIrq \"/^.[^L].$/\"\nIgnoreSelected true"};
    CPPUNIT_ASSERT(irq.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"irq/irq-TLB 25\n"}, irq.recorded());
  }

  void takes_numbers_without_quotes() {
    PluginUnderTest irq{"irq", Fixture{"linux-6.1-qemu"}, "Irq 26\nIrq 1"};
    CPPUNIT_ASSERT(irq.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"irq/irq-1 9\nirq/irq-26 70\n"}, irq.recorded());
  }

  void reports_a_name_once() {  // PowerPC has two lines LOC
    const TemporaryDirectory root;
    root.write("proc/interrupts", " CPU0\nLOC: 5 events\nLOC: 6 others\nSPU: 7\n");
    PluginUnderTest irq{"irq", root.path()};
    CPPUNIT_ASSERT(irq.read());
    CPPUNIT_ASSERT(irq.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"irq/irq-LOC 5\nirq/irq-SPU 7\n"
                                     "irq/irq-LOC 5\nirq/irq-SPU 7\n"},
                         irq.recorded());
  }

  void follows_interrupts_that_come_and_go() {
    const TemporaryDirectory root;
    PluginUnderTest irq{"irq", root.path()};
    root.write("proc/interrupts", " CPU0 CPU1\n 1: 5 5\n 9: 6 6\n");
    CPPUNIT_ASSERT(irq.read());
    root.write("proc/interrupts", " CPU0 CPU1\n 5: 5 5\n 9: 7 6\n");
    CPPUNIT_ASSERT(irq.read());
    root.write("proc/interrupts", " CPU0\n 1: 6\n 5: 5\n 9: 7\n");
    CPPUNIT_ASSERT(irq.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"irq/irq-1 10\nirq/irq-9 12\n"
                                     "irq/irq-5 10\nirq/irq-9 13\n"
                                     "irq/irq-1 6\nirq/irq-5 5\nirq/irq-9 7\n"},
                         irq.recorded());
  }

  void works_on_every_machine() {
    for (const std::string& machine : Fixture::machines()) {
      PluginUnderTest irq{"irq", Fixture{machine}};
      CPPUNIT_ASSERT(irq.read());
      CPPUNIT_ASSERT_MESSAGE(machine, irq.recorded().find("irq/irq-") == 0);
    }
  }

  void allocates_nothing_once_it_runs() {
    for (const char* const options : {"", "Irq \"/^[0-9]/\"\nIgnoreSelected true"}) {
      PluginUnderTest irq{"irq", Fixture{"linux-6.18-vm"}, options};
      CPPUNIT_ASSERT(irq.read());
      CPPUNIT_ASSERT(irq.read());
      CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, irq.allocations());
    }
  }

  void fails_while_the_file_is_malformed_and_recovers() {
    const TemporaryDirectory root;
    PluginUnderTest irq{"irq", root.path()};
    for (const char* const text : {"", " 1: 5\n"}) {
      root.write("proc/interrupts", text);
      CPPUNIT_ASSERT(!irq.read());
    }
    CPPUNIT_ASSERT_EQUAL(std::string{}, irq.recorded());
    root.write("proc/interrupts", " CPU0\n 1: 5\n 2: 6");
    CPPUNIT_ASSERT(!irq.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"irq/irq-1 5\n"}, irq.recorded());
    root.write("proc/interrupts", " CPU0\n 1: 5\n 2: 67\n");
    CPPUNIT_ASSERT(irq.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"irq/irq-1 5\nirq/irq-2 67\n"}, irq.recorded());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(IrqTest);

}  // namespace vital::test

// SPDX-License-Identifier: MIT
#include "irq/interrupts.h"

#include <cppunit/extensions/HelperMacros.h>

#include <map>

#include "base/fields.h"
#include "support/truncations.h"

namespace vital::test {

class InterruptsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(InterruptsTest);
  CPPUNIT_TEST(sums_the_cpus);
  CPPUNIT_TEST(agrees_with_the_totals_that_stat_has);
  CPPUNIT_TEST(reads_what_is_counted_once);
  CPPUNIT_TEST(has_no_total_without_a_number);
  CPPUNIT_TEST(reads_as_many_numbers_as_there_are_cpus);
  CPPUNIT_TEST(reads_many_cpus);
  CPPUNIT_TEST(passes_over_malformed_lines);
  CPPUNIT_TEST(needs_the_line_of_cpus);
  CPPUNIT_TEST(gives_a_beginning_of_every_truncation);
  CPPUNIT_TEST_SUITE_END();

 public:
  void sums_the_cpus() {
    const std::string_view text =
        "           CPU0       CPU1       \n"
        "  0:        128          3   IO-APIC   2-edge      timer\n"
        "NMI:          1          2   Non-maskable interrupts\n"
        "IPI10:        5          6\n";
    CPPUNIT_ASSERT(records(text) == (std::vector<std::string>{"0 131", "NMI 3", "IPI10 11"}));
  }

  void agrees_with_the_totals_that_stat_has() {
    for (const std::string& machine : Fixture::machines()) {
      const auto stat = totals_of_stat(Fixture{machine}.text("proc/stat"));
      const std::string text = Fixture{machine}.text("proc/interrupts");
      irq::InterruptLines lines{text};
      std::size_t compared = 0;
      for (irq::Interrupt interrupt{}; lines.next(interrupt);) {
        const auto found = stat.find(std::string{interrupt.name});
        if (found == stat.end()) continue;
        // The two files were copied one after the other. stat also has what a CPU that is offline
        // now has counted; its column is not there.
        const bool all_online =
            text.find("CPU" + std::to_string(interrupt.cpus - 1)) < text.find('\n');
        const std::uint64_t total = *interrupt.total();
        CPPUNIT_ASSERT_MESSAGE(machine, !all_online || total >= found->second);
        CPPUNIT_ASSERT_MESSAGE(machine, total <= found->second + found->second / 10 + 100);
        ++compared;
      }
      CPPUNIT_ASSERT_MESSAGE(machine, compared > 1);
    }
  }

  void reads_what_is_counted_once() {
    CPPUNIT_ASSERT(records("  CPU0  CPU1\nERR:     9\nMIS:     0\nErr: 4 bad things\n") ==
                   (std::vector<std::string>{"ERR 9", "MIS 0", "Err 4"}));
  }

  void has_no_total_without_a_number() {  // ARM
    CPPUNIT_ASSERT(records("  CPU0  CPU1\nFIQ:              usb_fiq\nX:\n") ==
                   (std::vector<std::string>{"FIQ -", "X -"}));
  }

  void reads_as_many_numbers_as_there_are_cpus() {
    CPPUNIT_ASSERT(records("  CPU0  CPU3\n 16:  5  6  7 Level  timer\n") ==
                   (std::vector<std::string>{"16 11"}));
  }

  void reads_many_cpus() {
    std::string head = "   ", line = "LOC:";
    for (int cpu = 0; cpu < 1000; ++cpu) {
      head += " CPU" + std::to_string(cpu);
      line += " 4294967295";
    }
    CPPUNIT_ASSERT(records(head + "\n" + line + " Local timer interrupts\n") ==
                   (std::vector<std::string>{"LOC 4294967295000"}));
  }

  void passes_over_malformed_lines() {
    CPPUNIT_ASSERT(
        records(
            "  CPU0\n\nfoo\n : 5\n:\n a b: 5\n 7: 5\n 8: x\n 9: -5\n 10: 99999999999999999999\n") ==
        (std::vector<std::string>{"7 5", "8 -", "9 -", "10 -"}));
  }

  void needs_the_line_of_cpus() {
    for (const std::string_view text : {"", "\n", "  0:   5\n", "  CPU0", " 0: 5\n 1: 6\n"}) {
      irq::InterruptLines lines{text};
      irq::Interrupt interrupt{};
      CPPUNIT_ASSERT(!lines.headed());
      CPPUNIT_ASSERT(!lines.next(interrupt));
    }
  }

  void gives_a_beginning_of_every_truncation() {
    assert_truncations_are_beginnings("proc/interrupts", records);
  }

 private:
  static std::vector<std::string> records(std::string_view text) {
    std::vector<std::string> found;
    irq::InterruptLines lines{text};
    for (irq::Interrupt interrupt{}; lines.next(interrupt);) {
      const auto total = interrupt.total();
      found.push_back(std::string{interrupt.name} + " " + (total ? std::to_string(*total) : "-"));
    }
    return found;
  }

  /// The numbered interrupts of the line "intr ALL 0 1 2 ...".
  static std::map<std::string, std::uint64_t> totals_of_stat(const std::string& text) {
    std::map<std::string, std::uint64_t> totals;
    Fields fields{std::string_view{text}.substr(text.find("intr "))};
    CPPUNIT_ASSERT(fields.skip(2));
    std::uint64_t total = 0;
    for (int number = 0; fields.next(total); ++number) totals[std::to_string(number)] = total;
    return totals;
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(InterruptsTest);

}  // namespace vital::test

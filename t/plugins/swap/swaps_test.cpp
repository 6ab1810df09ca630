// SPDX-License-Identifier: MIT
#include "swap/swaps.h"

#include <cppunit/extensions/HelperMacros.h>

#include "support/truncations.h"

namespace vital::test {

class SwapsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(SwapsTest);
  CPPUNIT_TEST(reads_the_devices);
  CPPUNIT_TEST(has_none_without_swap);
  CPPUNIT_TEST(passes_over_malformed_lines);
  CPPUNIT_TEST(knows_when_it_is_cut_short);
  CPPUNIT_TEST(gives_a_beginning_of_every_truncation);
  CPPUNIT_TEST_SUITE_END();

 public:
  void reads_the_devices() {
    const auto found = records(Fixture{"linux-6.1-qemu"}.text("proc/swaps"));
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, found.size());
    CPPUNIT_ASSERT_EQUAL(std::string{"/dev/zram0 67104768 7602176"}, found[0]);
  }

  void has_none_without_swap() {
    CPPUNIT_ASSERT(records(Fixture{"linux-6.18-vm"}.text("proc/swaps")).empty());
  }

  void passes_over_malformed_lines() {
    const auto found = records(std::string{kHeadline} +
                               "/dev/a partition 10 5 -2\n"
                               "/dev/b partition x 5 -2\n"
                               "/dev/c partition 10 y -2\n"
                               "/dev/d partition 10 5\n"
                               "/dev/e partition 10 5 -2 7\n"
                               "/dev/f partition 10 11 -2\n"
                               "/dev/g partition 99999999999999999 11 -2\n"
                               "\n"
                               "/a\\040b\\040(deleted)\t\tfile\t\t20\t\t6\t\t5\n");
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, found.size());
    CPPUNIT_ASSERT_EQUAL(std::string{"/dev/a 10240 5120"}, found[0]);
    CPPUNIT_ASSERT_EQUAL(std::string{"/a\\040b\\040(deleted) 20480 6144"}, found[1]);
  }

  void knows_when_it_is_cut_short() {
    for (const std::string& text : {std::string{}, std::string{"Filename"},
                                    std::string{kHeadline} + "/dev/a partition 10 5 -2"}) {
      swap::SwapLines lines{text};
      swap::SwapDevice device{};
      CPPUNIT_ASSERT(!lines.next(device));
      CPPUNIT_ASSERT(lines.truncated());
    }
    swap::SwapLines lines{kHeadline};
    swap::SwapDevice device{};
    CPPUNIT_ASSERT(!lines.next(device));
    CPPUNIT_ASSERT(!lines.truncated());
  }

  void gives_a_beginning_of_every_truncation() {
    assert_truncations_are_beginnings("proc/swaps", records);
  }

 private:
  static constexpr std::string_view kHeadline = "Filename\t\t\t\tType\t\tSize\tUsed\tPriority\n";

  static std::vector<std::string> records(std::string_view text) {
    std::vector<std::string> found;
    swap::SwapLines lines{text};
    for (swap::SwapDevice device{}; lines.next(device);)
      found.push_back(std::string{device.name} + " " + std::to_string(device.size) + " " +
                      std::to_string(device.used));
    return found;
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SwapsTest);

}  // namespace vital::test

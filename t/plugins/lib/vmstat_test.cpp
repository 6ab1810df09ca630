// SPDX-License-Identifier: MIT
#include "lib/vmstat.h"

#include <cppunit/extensions/HelperMacros.h>

#include "support/truncations.h"

namespace vital::test {

class VmstatTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(VmstatTest);
  CPPUNIT_TEST(reads_the_swap_traffic);
  CPPUNIT_TEST(finds_no_traffic_without_swap);
  CPPUNIT_TEST(rejects_malformed_traffic);
  CPPUNIT_TEST(passes_over_lines_that_are_no_pairs);
  CPPUNIT_TEST(gives_a_beginning_of_every_truncation);
  CPPUNIT_TEST(rejects_traffic_that_is_cut_short);
  CPPUNIT_TEST_SUITE_END();

 public:
  void reads_the_swap_traffic() {
    const auto pages = parse_swap_pages(Fixture{"linux-6.1-qemu"}.text("proc/vmstat"));
    CPPUNIT_ASSERT(pages);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{10179}, pages->in);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{11732}, pages->out);
    const auto none = parse_swap_pages(Fixture{"linux-6.18-vm"}.text("proc/vmstat"));
    CPPUNIT_ASSERT(none);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, none->in);
  }

  void finds_no_traffic_without_swap() {
    const auto pages = parse_swap_pages("pgpgin 5\npgpgout 6\npswpin_other 7\n");
    CPPUNIT_ASSERT(!pages);
    CPPUNIT_ASSERT(pages.error().code() == Errc::absent);
  }

  void rejects_malformed_traffic() {
    CPPUNIT_ASSERT(!parse_swap_pages("pswpin x\npswpout 5\n"));
    CPPUNIT_ASSERT(!parse_swap_pages("pswpin 5\npswpout 5 6\n"));
    CPPUNIT_ASSERT(!parse_swap_pages("pswpin 5\npswpout -5\n"));
  }

  void passes_over_lines_that_are_no_pairs() {
    const auto found = records("nr_a 1\n\nnr_b\n 5\nnr_c x\nnr_d 2\n");
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, found.size());
    CPPUNIT_ASSERT_EQUAL(std::string{"nr_a 1"}, found[0]);
    CPPUNIT_ASSERT_EQUAL(std::string{"nr_d 2"}, found[1]);
  }

  void gives_a_beginning_of_every_truncation() {
    assert_truncations_are_beginnings("proc/vmstat", records);
  }

  void rejects_traffic_that_is_cut_short() {
    const std::string_view whole = "pswpin 10179\npswpout 11732\n";
    for (std::size_t length = 0; length < whole.size(); ++length)
      CPPUNIT_ASSERT(!parse_swap_pages(whole.substr(0, length)));
  }

 private:
  static std::vector<std::string> records(std::string_view text) {
    std::vector<std::string> found;
    VmstatLines lines{text};
    std::uint64_t number = 0;
    for (VmstatLines::Line line; lines.next(line);)
      if (line.number(number))
        found.push_back(std::string{line.name} + " " + std::to_string(number));
    return found;
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(VmstatTest);

}  // namespace vital::test

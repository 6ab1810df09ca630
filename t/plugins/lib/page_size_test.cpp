// SPDX-License-Identifier: MIT
#include "lib/page_size.h"

#include <cppunit/extensions/HelperMacros.h>

#include "support/fixture.h"

namespace vital::test {

class PageSizeTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(PageSizeTest);
  CPPUNIT_TEST(is_told_by_the_free_memory);
  CPPUNIT_TEST(is_the_nearest_power_of_two);
  CPPUNIT_TEST(is_not_told_without_free_memory);
  CPPUNIT_TEST(comes_from_the_files_below_the_root);
  CPPUNIT_TEST_SUITE_END();

 public:
  void is_told_by_the_free_memory() {
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{4096}, size("MemFree: 5348 kB\n", "nr_free_pages 1337\n"));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{65536}, size("MemFree: 85568 kB\n", "nr_free_pages 1337\n"));
  }

  void is_the_nearest_power_of_two() {  // the two were read one after the other
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{16384}, size("MemFree: 20000 kB\n", "nr_free_pages 1000\n"));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{16384}, size("MemFree: 13000 kB\n", "nr_free_pages 1000\n"));
  }

  void is_not_told_without_free_memory() {
    CPPUNIT_ASSERT(!estimate_page_size("MemFree: 5348 kB\n", "nr_mapped 5\n"));
    CPPUNIT_ASSERT(!estimate_page_size("MemFree: 0 kB\n", "nr_free_pages 0\n"));
    CPPUNIT_ASSERT(!estimate_page_size("MemTotal: 4 kB\n", "nr_free_pages 1\n"));
    CPPUNIT_ASSERT(!estimate_page_size("", ""));
  }

  void comes_from_the_files_below_the_root() {
    for (const std::string& machine : Fixture::machines()) {
      const auto bytes = page_size(Root{Fixture{machine}.path()});
      CPPUNIT_ASSERT_MESSAGE(machine, bytes && *bytes >= 4096);
    }
    CPPUNIT_ASSERT(page_size(Root{"/"}));
    CPPUNIT_ASSERT(!page_size(Root{Fixture{"linux-6.18-vm"}.path() + "/sys"}));
  }

 private:
  static std::uint64_t size(std::string_view meminfo, std::string_view vmstat) {
    const auto bytes = estimate_page_size(meminfo, vmstat);
    CPPUNIT_ASSERT(bytes);
    return *bytes;
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PageSizeTest);

}  // namespace vital::test

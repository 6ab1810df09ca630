// SPDX-License-Identifier: MIT
#include "lib/meminfo.h"

#include <cppunit/extensions/HelperMacros.h>

#include "support/fixture.h"

namespace vital::test {

class MeminfoTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(MeminfoTest);
  CPPUNIT_TEST(reads_a_new_kernel);
  CPPUNIT_TEST(leaves_out_what_an_old_kernel_lacks);
  CPPUNIT_TEST(leaves_out_what_is_malformed);
  CPPUNIT_TEST(takes_any_order);
  CPPUNIT_TEST(needs_one_line);
  CPPUNIT_TEST(never_makes_a_wrong_number_of_a_truncation);
  CPPUNIT_TEST_SUITE_END();

 public:
  void reads_a_new_kernel() {
    CPPUNIT_ASSERT_EQUAL(std::string{"123236352 5476352 102400 73535488 663552 67104768 59502592 "
                                     "22933504 11632640 11300864"},
                         shown(Fixture{"linux-6.1-qemu"}.text("proc/meminfo")));
    CPPUNIT_ASSERT_EQUAL(std::string{"25276510208 23469617152 18403328 1181331456 0 0 0 "
                                     "249704448 218484736 31219712"},
                         shown(Fixture{"linux-6.18-vm"}.text("proc/meminfo")));
  }

  void leaves_out_what_an_old_kernel_lacks() {  // 2.4 has a table first, and no slab
    CPPUNIT_ASSERT_EQUAL(
        std::string{"263929856 12558336 12439552 104140800 0 534601728 534601728 - - -"},
        shown("        total:    used:    free:  shared: buffers:  cached:\n"
              "Mem:  263929856 251371520 12558336        0 12439552 104140800\n"
              "Swap: 534601728        0 534601728\n"
              "MemTotal:       257744 kB\n"
              "MemFree:         12264 kB\n"
              "MemShared:           0 kB\n"
              "Buffers:         12148 kB\n"
              "Cached:         101700 kB\n"
              "SwapCached:          0 kB\n"
              "HighTotal:           0 kB\n"
              "SwapTotal:      522072 kB\n"
              "SwapFree:       522072 kB\n"));
  }

  void leaves_out_what_is_malformed() {
    CPPUNIT_ASSERT_EQUAL(std::string{"1024 - - - - - - 2048 - -"},
                         shown("MemTotal: 1 kB\n"
                               "MemFree: x kB\n"
                               "Buffers: 5\n"
                               "Cached: 5 MB\n"
                               "SwapCached:\n"
                               "SwapTotal: -4 kB\n"
                               "SwapFree: 18446744073709551615 kB\n"  // as some containers have it
                               "Slab: 2 kB\n"
                               "SReclaimable: 1 2 kB\n"));
  }

  void takes_any_order() {
    CPPUNIT_ASSERT_EQUAL(std::string{"3072 2048 - - - - - 1024 - -"},
                         shown("Slab: 1 kB\nMemFree: 2 kB\nMemTotal: 3 kB\n"));
  }

  void needs_one_line() {
    CPPUNIT_ASSERT(!parse_meminfo(""));
    CPPUNIT_ASSERT(!parse_meminfo("Foo: 5 kB\n"));
  }

  void never_makes_a_wrong_number_of_a_truncation() {
    for (const std::string& machine : Fixture::machines()) {
      const std::string whole = Fixture{machine}.text("proc/meminfo");
      const auto all = parse_meminfo(whole);
      CPPUNIT_ASSERT(all);
      for (std::size_t length = 0; length < whole.size(); ++length) {
        const auto some = parse_meminfo(std::string_view{whole}.substr(0, length));
        if (!some) continue;
        for (const auto field : kFields)
          CPPUNIT_ASSERT(!((*some).*field) || (*some).*field == (*all).*field);
      }
    }
  }

 private:
  static constexpr Meminfo::Bytes Meminfo::*kFields[] = {
      &Meminfo::mem_total,     &Meminfo::mem_free,   &Meminfo::buffers,   &Meminfo::cached,
      &Meminfo::swap_cached,   &Meminfo::swap_total, &Meminfo::swap_free, &Meminfo::slab,
      &Meminfo::s_reclaimable, &Meminfo::s_unreclaim};

  static std::string shown(std::string_view text) {
    const auto memory = parse_meminfo(text);
    CPPUNIT_ASSERT(memory);
    std::string line;
    for (const auto field : kFields) {
      if (!line.empty()) line += ' ';
      const Meminfo::Bytes bytes = (*memory).*field;
      line += bytes ? std::to_string(*bytes) : "-";
    }
    return line;
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(MeminfoTest);

}  // namespace vital::test

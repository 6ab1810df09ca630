// SPDX-License-Identifier: MIT
#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>

#include "support/plugin_under_test.h"

namespace vital::test {

class MemoryTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(MemoryTest);
  CPPUNIT_TEST(reports_bytes);
  CPPUNIT_TEST(reports_bytes_of_an_old_kernel);
  CPPUNIT_TEST(reports_percentages_too);
  CPPUNIT_TEST(reports_percentages_alone);
  CPPUNIT_TEST(reports_slab_whole_where_the_kernel_does);
  CPPUNIT_TEST(leaves_out_what_the_kernel_lacks);
  CPPUNIT_TEST(leaves_out_used_when_the_parts_are_more_than_the_whole);
  CPPUNIT_TEST(works_on_every_machine);
  CPPUNIT_TEST(allocates_nothing_once_it_runs);
  CPPUNIT_TEST(fails_while_the_file_is_malformed_and_recovers);
  CPPUNIT_TEST_SUITE_END();

 public:
  void reports_bytes() {
    PluginUnderTest memory{"memory", Fixture{"linux-6.1-qemu"}};
    CPPUNIT_ASSERT(memory.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"memory/memory-buffered 102400\n"
                                     "memory/memory-cached 73535488\n"
                                     "memory/memory-free 5476352\n"
                                     "memory/memory-slab_recl 11632640\n"
                                     "memory/memory-slab_unrecl 11300864\n"
                                     "memory/memory-used 21188608\n"},
                         memory.sorted());
  }

  void reports_bytes_of_an_old_kernel() {
    PluginUnderTest memory{"memory", Fixture{"linux-3.10-qemu"}};
    CPPUNIT_ASSERT(memory.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"memory/memory-buffered 49152\n"
                                     "memory/memory-cached 64405504\n"
                                     "memory/memory-free 2924544\n"
                                     "memory/memory-slab_recl 1798144\n"
                                     "memory/memory-slab_unrecl 4038656\n"
                                     "memory/memory-used 8146944\n"},
                         memory.sorted());
  }

  void reports_percentages_too() {
    CPPUNIT_ASSERT_EQUAL(std::string{"memory/memory-used 614400\n"
                                     "memory/percent-used 60\n"
                                     "memory/memory-buffered 51200\n"
                                     "memory/percent-buffered 5\n"
                                     "memory/memory-cached 153600\n"
                                     "memory/percent-cached 15\n"
                                     "memory/memory-free 102400\n"
                                     "memory/percent-free 10\n"
                                     "memory/memory-slab_recl 81920\n"
                                     "memory/percent-slab_recl 8\n"
                                     "memory/memory-slab_unrecl 20480\n"
                                     "memory/percent-slab_unrecl 2\n"},
                         reported("ValuesPercentage true",
                                  "MemTotal: 1000 kB\nMemFree: 100 kB\nBuffers: 50 kB\n"
                                  "Cached: 150 kB\nSlab: 100 kB\nSReclaimable: 80 kB\n"
                                  "SUnreclaim: 20 kB\n"));
  }

  void reports_percentages_alone() {
    CPPUNIT_ASSERT_EQUAL(std::string{"memory/percent-used 25\nmemory/percent-free 75\n"},
                         reported("ValuesAbsolute false\nValuesPercentage true",
                                  "MemTotal: 400 kB\nMemFree: 300 kB\n"));
    CPPUNIT_ASSERT_THROW(reported("ValuesAbsolute false", "MemTotal: 1 kB\nMemFree: 1 kB\n"),
                         ConfigError);
  }

  void reports_slab_whole_where_the_kernel_does() {  // 2.6.0 to 2.6.18
    CPPUNIT_ASSERT_EQUAL(std::string{"memory/memory-used 716800\n"
                                     "memory/memory-buffered 51200\n"
                                     "memory/memory-cached 51200\n"
                                     "memory/memory-free 102400\n"
                                     "memory/memory-slab 102400\n"},
                         reported("",
                                  "MemTotal: 1000 kB\nMemFree: 100 kB\nBuffers: 50 kB\n"
                                  "Cached: 50 kB\nSlab: 100 kB\n"));
  }

  void leaves_out_what_the_kernel_lacks() {  // 2.4: slab is part of used
    CPPUNIT_ASSERT_EQUAL(std::string{"memory/memory-used 819200\n"
                                     "memory/memory-buffered 51200\n"
                                     "memory/memory-cached 51200\n"
                                     "memory/memory-free 102400\n"},
                         reported("",
                                  "MemTotal: 1000 kB\nMemFree: 100 kB\nBuffers: 50 kB\n"
                                  "Cached: 50 kB\n"));
  }

  void leaves_out_used_when_the_parts_are_more_than_the_whole() {
    CPPUNIT_ASSERT_EQUAL(std::string{"memory/memory-cached 1024000\nmemory/memory-free 102400\n"},
                         reported("", "MemTotal: 1000 kB\nMemFree: 100 kB\nCached: 1000 kB\n"));
  }

  void works_on_every_machine() {
    for (const std::string& machine : Fixture::machines()) {
      PluginUnderTest memory{"memory", Fixture{machine}, "ValuesPercentage true"};
      CPPUNIT_ASSERT(memory.read());
      const std::string recorded = memory.recorded();
      CPPUNIT_ASSERT_EQUAL_MESSAGE(machine, std::ptrdiff_t{12},
                                   std::count(recorded.begin(), recorded.end(), '\n'));
    }
  }

  void allocates_nothing_once_it_runs() {
    PluginUnderTest memory{"memory", Fixture{"linux-6.18-vm"}, "ValuesPercentage true"};
    CPPUNIT_ASSERT(memory.read());
    CPPUNIT_ASSERT(memory.read());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, memory.allocations());
  }

  void fails_while_the_file_is_malformed_and_recovers() {
    const TemporaryDirectory root;
    PluginUnderTest memory{"memory", root.path()};
    for (const char* const text :
         {"", "Foo: 1 kB\n", "MemTotal: 10 kB\n", "MemFree: 10 kB\n",
          "MemTotal: 10 kB\nMemFree: x kB\n", "MemTotal: 10 kB\nMemFree: 5 kB\nCached: 1"}) {
      root.write("proc/meminfo", text);
      CPPUNIT_ASSERT(!memory.read());
    }
    CPPUNIT_ASSERT_EQUAL(std::string{}, memory.recorded());
    root.write("proc/meminfo", "MemTotal: 10 kB\nMemFree: 5 kB\n");
    CPPUNIT_ASSERT(memory.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"memory/memory-used 5120\nmemory/memory-free 5120\n"},
                         memory.recorded());
  }

 private:
  static std::string reported(std::string_view options, std::string_view meminfo) {
    const TemporaryDirectory root;
    root.write("proc/meminfo", meminfo);
    PluginUnderTest memory{"memory", root.path(), options};
    CPPUNIT_ASSERT(memory.read());
    return memory.recorded();
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(MemoryTest);

}  // namespace vital::test

// SPDX-License-Identifier: MIT
#include <cppunit/extensions/HelperMacros.h>

#include "support/plugin_under_test.h"

namespace vital::test {

class LoadTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(LoadTest);
  CPPUNIT_TEST(reports_three_averages);
  CPPUNIT_TEST(allocates_nothing_once_it_runs);
  CPPUNIT_TEST(fails_while_the_file_is_malformed_and_recovers);
  CPPUNIT_TEST_SUITE_END();

 public:
  void reports_three_averages() {
    PluginUnderTest load{"load", Fixture{"linux-6.18-vm"}};
    CPPUNIT_ASSERT(load.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"load/load 0.1 0.34 0.19\n"}, load.recorded());
  }

  void allocates_nothing_once_it_runs() {
    PluginUnderTest load{"load", Fixture{"linux-6.18-vm"}};
    CPPUNIT_ASSERT(load.read());
    CPPUNIT_ASSERT(load.read());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, load.allocations());
  }

  void fails_while_the_file_is_malformed_and_recovers() {
    const ChangingFixture root{Fixture{"linux-6.18-vm"}};
    PluginUnderTest load{"load", root.path()};
    root.write("proc/loadavg", "0.21 x 0.39 1/95 1234\n");
    CPPUNIT_ASSERT(!load.read());
    CPPUNIT_ASSERT_EQUAL(std::string{}, load.recorded());
    root.write("proc/loadavg", "1 2 3 1/95 1234\n");
    CPPUNIT_ASSERT(load.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"load/load 1 2 3\n"}, load.recorded());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LoadTest);

}  // namespace vital::test

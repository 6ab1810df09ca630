// SPDX-License-Identifier: MIT
#include <cppunit/extensions/HelperMacros.h>

#include "support/plugin_under_test.h"

namespace vital::test {

class ContextswitchTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ContextswitchTest);
  CPPUNIT_TEST(reports_switches);
  CPPUNIT_TEST(allocates_nothing_once_it_runs);
  CPPUNIT_TEST(fails_while_the_file_is_malformed_and_recovers);
  CPPUNIT_TEST_SUITE_END();

 public:
  void reports_switches() {
    CPPUNIT_ASSERT_EQUAL(std::string{"contextswitch/contextswitch 1862329\n"},
                         reported("linux-6.18-vm"));
    CPPUNIT_ASSERT_EQUAL(std::string{"contextswitch/contextswitch 10305\n"},
                         reported("linux-6.1-qemu"));
  }

  void allocates_nothing_once_it_runs() {
    PluginUnderTest switches{"contextswitch", Fixture{"linux-6.18-vm"}};
    CPPUNIT_ASSERT(switches.read());
    CPPUNIT_ASSERT(switches.read());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, switches.allocations());
  }

  void fails_while_the_file_is_malformed_and_recovers() {
    const TemporaryDirectory root;
    PluginUnderTest switches{"contextswitch", root.path()};
    for (const char* const text : {"", "cpu0 1 2 3 4\n", "ctxt x\n", "ctxt\n", "ctxt 5"}) {
      root.write("proc/stat", text);
      CPPUNIT_ASSERT(!switches.read());
    }
    CPPUNIT_ASSERT_EQUAL(std::string{}, switches.recorded());
    root.write("proc/stat", "intr 5 6\nctxt 57\nbtime 5\n");
    CPPUNIT_ASSERT(switches.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"contextswitch/contextswitch 57\n"}, switches.recorded());
  }

 private:
  static std::string reported(std::string_view machine) {
    PluginUnderTest switches{"contextswitch", Fixture{machine}};
    CPPUNIT_ASSERT(switches.read());
    return switches.recorded();
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ContextswitchTest);

}  // namespace vital::test

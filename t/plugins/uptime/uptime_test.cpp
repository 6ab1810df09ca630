// SPDX-License-Identifier: MIT
#include <cppunit/extensions/HelperMacros.h>

#include "support/plugin_under_test.h"
#include "uptime/proc_uptime.h"

namespace vital::test {

class UptimeTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(UptimeTest);
  CPPUNIT_TEST(counts_a_second_that_has_begun);
  CPPUNIT_TEST(counts_it_as_sysinfo_does_when_the_hundredths_are_cut_off);
  CPPUNIT_TEST(reads_every_machine);
  CPPUNIT_TEST(rejects_every_truncation);
  CPPUNIT_TEST(rejects_what_is_no_uptime);
  CPPUNIT_TEST(allocates_nothing_once_it_runs);
  CPPUNIT_TEST(fails_without_the_file_and_recovers);
  CPPUNIT_TEST_SUITE_END();

 public:
  void counts_a_second_that_has_begun() {
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{6823}, *uptime::parse_uptime("6822.16 11824.87\n"));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, *uptime::parse_uptime("0.99 1.10\n"));
  }

  void counts_it_as_sysinfo_does_when_the_hundredths_are_cut_off() {
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{48}, *uptime::parse_uptime("47.00 28.78\n"));
  }

  void reads_every_machine() {
    for (const std::string& machine : Fixture::machines())
      CPPUNIT_ASSERT(uptime::parse_uptime(Fixture{machine}.text("proc/uptime")));
    for (const auto& [machine, seconds] :
         {std::pair{"linux-3.10-qemu", "179"}, std::pair{"linux-5.10-qemu-4cpu", "90"},
          std::pair{"linux-6.1-arm64-rpi3", "101"}, std::pair{"linux-6.1-qemu", "48"},
          std::pair{"linux-6.12-qemu-numa", "71"}, std::pair{"linux-6.18-vm", "6823"},
          std::pair{"linux-7.3-qemu", "105"}}) {
      PluginUnderTest uptime{"uptime", Fixture{machine}};
      CPPUNIT_ASSERT(uptime.read());
      CPPUNIT_ASSERT_EQUAL(std::string{"uptime/uptime "} + seconds + "\n", uptime.recorded());
    }
  }

  void rejects_every_truncation() {
    for (const std::string& machine : Fixture::machines()) {
      const std::string whole = Fixture{machine}.text("proc/uptime");
      for (std::size_t length = 0; length < whole.size(); ++length)
        CPPUNIT_ASSERT(!uptime::parse_uptime(std::string_view{whole}.substr(0, length)));
    }
  }

  void rejects_what_is_no_uptime() {
    for (const char* text : {"\n", "x\n", "12 3\n", "12. 3\n", ".5 3\n", "-1.50 3\n", "1.5x 3\n",
                             "1e3.0 3\n", "99999999999999999999.00 1.00\n"})
      CPPUNIT_ASSERT(!uptime::parse_uptime(text));
  }

  void allocates_nothing_once_it_runs() {
    PluginUnderTest uptime{"uptime", Fixture{"linux-6.18-vm"}};
    CPPUNIT_ASSERT(uptime.read());
    CPPUNIT_ASSERT(uptime.read());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, uptime.allocations());
  }

  void fails_without_the_file_and_recovers() {
    const TemporaryDirectory root;
    PluginUnderTest uptime{"uptime", root.path()};
    CPPUNIT_ASSERT(!uptime.read());
    root.write("proc/uptime", "12.34 5.67\n");
    CPPUNIT_ASSERT(uptime.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"uptime/uptime 13\n"}, uptime.recorded());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(UptimeTest);

}  // namespace vital::test

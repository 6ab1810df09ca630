// SPDX-License-Identifier: MIT
#include <cppunit/extensions/HelperMacros.h>

#include "support/plugin_under_test.h"

namespace vital::test {

class CsvTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(CsvTest);
  CPPUNIT_TEST(appends_a_line_for_each_value);
  CPPUNIT_TEST(begins_a_file_each_day);
  CPPUNIT_TEST(makes_a_file_anew_that_was_removed);
  CPPUNIT_TEST(allocates_nothing_once_its_files_are_open);
  CPPUNIT_TEST_SUITE_END();

 public:
  void appends_a_line_for_each_value() {
    put("h/df/df 1700000000:1:2\nh/cpu-0/cpu-idle 1700000000.5:7\n");
    put("h/df/df 1700000010:1.5:U\n");
    CPPUNIT_ASSERT_EQUAL(std::string{"epoch,used,free\n"
                                     "1700000000.000,1.000000,2.000000\n"
                                     "1700000010.000,1.500000,nan\n"},
                         directory_.read("h/df/df-2023-11-14"));
    CPPUNIT_ASSERT_EQUAL(std::string{"epoch,value\n1700000000.500,7\n"},
                         directory_.read("h/cpu-0/cpu-idle-2023-11-14"));
  }

  void begins_a_file_each_day() {
    put("h/p/gauge 1700000000:1\n");
    csv_.fake_clock().advance(std::chrono::hours{24});
    put("h/p/gauge 1700086400:2\n");
    CPPUNIT_ASSERT_EQUAL(std::string{"epoch,value\n1700086400.000,2.000000\n"},
                         directory_.read("h/p/gauge-2023-11-15"));
  }

  void makes_a_file_anew_that_was_removed() {
    put("h/p/gauge 1700000000:1\n");
    directory_.remove("h/p/gauge-2023-11-14");
    csv_.fake_clock().advance(std::chrono::seconds{5});
    put("h/p/gauge 1700000005:2\n");
    CPPUNIT_ASSERT_EQUAL(std::string{"epoch,value\n1700000005.000,2.000000\n"},
                         directory_.read("h/p/gauge-2023-11-14"));
  }

  void allocates_nothing_once_its_files_are_open() {
    put("h/p/gauge 1700000000:1\n");
    put("h/p/gauge 1700000010:2\n");
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, csv_.allocations());
  }

 private:
  void put(std::string_view lines) { CPPUNIT_ASSERT(csv_.write(lines)); }

  TemporaryDirectory directory_;
  PluginUnderTest csv_{"csv", "/", "DataDir \"" + directory_.path() + "\""};
};

CPPUNIT_TEST_SUITE_REGISTRATION(CsvTest);

}  // namespace vital::test

// SPDX-License-Identifier: MIT
#include <cppunit/extensions/HelperMacros.h>

#include "support/plugin_under_test.h"

namespace vital::test {

class WriteLogTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(WriteLogTest);
  CPPUNIT_TEST(logs_each_value_as_graphite_lines);
  CPPUNIT_TEST(logs_each_value_as_json);
  CPPUNIT_TEST(logs_long_values_whole);
  CPPUNIT_TEST_SUITE_END();

 public:
  void logs_each_value_as_graphite_lines() {
    PluginUnderTest log{"write_log", "/"};
    CPPUNIT_ASSERT(log.write("a.b/df/df 1700000000:1:2\na.b/cpu-0/cpu-idle 1700000000.5:7\n"));
    CPPUNIT_ASSERT_EQUAL(std::string{"info: write_log values:\n"
                                     "a_b.df.df.used 1 1700000000\r\n"
                                     "a_b.df.df.free 2 1700000000\r\n\n"
                                     "info: write_log values:\n"
                                     "a_b.cpu-0.cpu-idle 7 1700000001\r\n\n"},
                         log.logged());
  }

  void logs_each_value_as_json() {
    PluginUnderTest log{"write_log", "/", "Format json"};
    CPPUNIT_ASSERT(log.write("h/p/gauge 1700000000:U"));
    CPPUNIT_ASSERT_EQUAL(
        std::string{"info: write_log values:\n"
                    R"([{"values":[null],"dstypes":["gauge"],"dsnames":["value"],)"
                    R"("time":1700000000.000,"interval":10.000,"host":"h","plugin":"p",)"
                    R"("plugin_instance":"","type":"gauge","type_instance":""}])"
                    "\n"},
        log.logged());
  }

  void logs_long_values_whole() {
    PluginUnderTest log{"write_log", "/"};
    const std::string host(100, 'h'), instance(120, 'i');
    CPPUNIT_ASSERT(log.write(host + "/p-" + instance + "/load-" + instance + " 1:1:2:3\n"));
    const std::string name = host + ".p-" + instance + ".load-" + instance + ".";
    CPPUNIT_ASSERT_EQUAL("info: write_log values:\n" + name + "shortterm 1 1\r\n" + name +
                             "midterm 2 1\r\n" + name + "longterm 3 1\r\n\n",
                         log.logged());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(WriteLogTest);

}  // namespace vital::test

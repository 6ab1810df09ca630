// SPDX-License-Identifier: MIT
#include <cppunit/extensions/HelperMacros.h>

#include "support/plugin_under_test.h"

namespace vital::test {

/// What arrives at a syslog is looked at in t/system/syslog.t.
class SyslogTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(SyslogTest);
  CPPUNIT_TEST(hears_of_notifications_when_asked);
  CPPUNIT_TEST(refuses_levels_that_it_does_not_know);
  CPPUNIT_TEST_SUITE_END();

 public:
  void hears_of_notifications_when_asked() {
    const auto notifiers = [](std::string_view options) {
      return PluginUnderTest{"syslog", "/", options}.notifiers();
    };
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, notifiers(""));
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, notifiers("NotifyLevel none"));
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, notifiers("NotifyLevel OKAY"));
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, notifiers("NotifyLevel warning"));
  }

  void refuses_levels_that_it_does_not_know() {
    CPPUNIT_ASSERT_THROW((PluginUnderTest{"syslog", "/", "LogLevel loud"}), ConfigError);
    CPPUNIT_ASSERT_THROW((PluginUnderTest{"syslog", "/", "NotifyLevel info"}), ConfigError);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SyslogTest);

}  // namespace vital::test

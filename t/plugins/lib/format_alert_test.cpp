// SPDX-License-Identifier: MIT
#include "lib/format_alert.h"

#include <cppunit/extensions/HelperMacros.h>

namespace vital::test {

class FormatAlertTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(FormatAlertTest);
  CPPUNIT_TEST(writes_an_alert_whole);
  CPPUNIT_TEST(a_type_that_begins_with_the_plugin_names_it_alone);
  CPPUNIT_TEST(the_type_instance_stands_for_a_missing_plugin_instance);
  CPPUNIT_TEST(meta_data_are_annotations);
  CPPUNIT_TEST(control_characters_are_escaped);
  CPPUNIT_TEST_SUITE_END();

  static Notification notification() {
    Notification notification;
    notification.level = Level::warning;
    notification.time = time_of(1'795'831'116.25);
    notification.message = "a \"b\"";
    notification.host = "h";
    notification.plugin = "p";
    notification.type = "gauge";
    return notification;
  }
  static bool says(const Notification& notification, std::string_view part) {
    return alert_json(notification).find(part) != std::string::npos;
  }

 public:
  void writes_an_alert_whole() {
    Notification test = notification();
    test.plugin_instance = "pi";
    test.type_instance = "ti";
    CPPUNIT_ASSERT_EQUAL(
        std::string{
            R"([{"labels":{"alertname":"collectd_p_gauge","instance":"h","p":"pi","type":"ti",)"
            R"("severity":"WARNING","service":"collectd"},"annotations":{"summary":"a \"b\""},)"
            R"("startsAt":"2026-11-28T01:58:36.250000000Z"}])"},
        alert_json(test));
  }

  void a_type_that_begins_with_the_plugin_names_it_alone() {
    Notification test = notification();
    test.plugin = "ga";
    CPPUNIT_ASSERT(says(test, R"("alertname":"collectd_gauge",)"));
    test.plugin = "";
    CPPUNIT_ASSERT(says(test, R"("alertname":"collectd_gauge",)"));
    test.plugin = "gauges";
    CPPUNIT_ASSERT(says(test, R"("alertname":"collectd_gauges_gauge",)"));
  }

  void the_type_instance_stands_for_a_missing_plugin_instance() {
    Notification test = notification();
    test.type_instance = "ti";
    CPPUNIT_ASSERT(says(test, R"("instance":"h","p":"ti","severity")"));
  }

  void meta_data_are_annotations() {
    Notification test = notification();
    test.meta.set("DataSource", std::string{"value"});
    test.meta.set("CurrentValue", 20.25);
    CPPUNIT_ASSERT(says(test, R"(,"DataSource":"value","CurrentValue":"20.25"})"));
  }

  void control_characters_are_escaped() {
    Notification test = notification();
    test.message = "a\nb\x01 \xc3\xa9";
    CPPUNIT_ASSERT(says(test, "\"a\\u000ab\\u0001 \xc3\xa9\""));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(FormatAlertTest);

}  // namespace vital::test

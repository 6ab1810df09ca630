// SPDX-License-Identifier: MIT
#include "notify_http/body.h"

#include <cppunit/extensions/HelperMacros.h>

namespace vital::test {

using namespace notify_http;

class NotifyHttpBodyTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(NotifyHttpBodyTest);
  CPPUNIT_TEST(a_template_is_filled_in);
  CPPUNIT_TEST(what_stands_for_nothing_is_a_mistake);
  CPPUNIT_TEST(what_is_put_in_cannot_leave_its_string);
  CPPUNIT_TEST(only_utf8_passes);
  CPPUNIT_TEST(an_object_has_all_parts);
  CPPUNIT_TEST(a_chat_gets_one_line);
  CPPUNIT_TEST(alertmanager_hears_what_begins_and_what_ends);
  CPPUNIT_TEST_SUITE_END();

  static Notification example(Level level = Level::warning) {
    Notification notification;
    notification.level = level;
    notification.time = time_of(1700000000.25);
    notification.host = "web1";
    notification.plugin = "df";
    notification.plugin_instance = "root";
    notification.type = "df_complex";
    notification.message = "\"90 %\" full";
    notification.meta.set("limit", 90.5);
    notification.meta.set("why", std::string{"growth"});
    return notification;
  }
  static std::string filled(std::string_view text) { return Template{text}.fill(example()); }
  static std::string escaped(std::string_view raw) {
    std::string text;
    append_escaped(raw, text);
    return text;
  }

 public:
  void a_template_is_filled_in() {
    CPPUNIT_ASSERT_EQUAL(std::string{"WARNING firing 1700000000.250 2023-11-14T22:13:20.250Z"},
                         filled("%{severity} %{state} %{time} %{time_utc}"));
    CPPUNIT_ASSERT_EQUAL(std::string{"web1/df-root/df_complex df root df_complex  "},
                         filled("%{identifier} %{plugin} %{plugin_instance} %{type} "
                                "%{type_instance} "));
    CPPUNIT_ASSERT_EQUAL(std::string{"90.5 growth  100 % 5%"},
                         filled("%{meta:limit} %{meta:why} %{meta:none} 100 % 5%%"));
  }

  void what_stands_for_nothing_is_a_mistake() {
    for (const char* const fine : {"", "%", "%{host}", "%%{x}", "{host}", "%{meta:x}"})
      CPPUNIT_ASSERT_EQUAL(std::string{}, Template::complaint(fine));
    for (const char* const bad : {"%{x}", "%{}", "%{host", "%{meta:}", "%{Host}"})
      CPPUNIT_ASSERT(!Template::complaint(bad).empty());
  }

  void what_is_put_in_cannot_leave_its_string() {
    CPPUNIT_ASSERT_EQUAL(std::string{R"({"text":"\"90 %\" full"})"},
                         filled(R"({"text":"%{message}"})"));
    CPPUNIT_ASSERT_EQUAL(std::string{R"(\\ \" \u000a\u0000\u001f)"},
                         escaped(std::string_view{"\\ \" \n\0\x1f", 7}));
  }

  void only_utf8_passes() {
    CPPUNIT_ASSERT_EQUAL(std::string{"\u00fc \u20ac \U0001f525"},
                         escaped("\u00fc \u20ac \U0001f525"));
    CPPUNIT_ASSERT_EQUAL(std::string{"?? ?a ??? ???? ?"},
                         escaped("\xc0\x80 \xc3"
                                 "a \xed\xa0\x80 \xf4\x90\x80\x80 \xe2"));
  }

  void an_object_has_all_parts() {
    CPPUNIT_ASSERT_EQUAL(
        std::string{R"({"severity":"WARNING","time":1700000000.250,"host":"web1","plugin":"df",)"
                    R"("plugin_instance":"root","type":"df_complex","type_instance":"",)"
                    R"("message":"\"90 %\" full","meta":{"limit":90.5,"why":"growth"}})"},
        whole_json(example()));
  }

  void a_chat_gets_one_line() {
    CPPUNIT_ASSERT_EQUAL(
        std::string{R"({"text":"WARNING web1/df-root/df_complex: \"90 %\" full"})"},
        chat_json(example()));
    CPPUNIT_ASSERT_EQUAL(std::string{R"({"text":"FAILURE: "})"}, chat_json({}));
  }

  void alertmanager_hears_what_begins_and_what_ends() {
    const auto alert = [](const char* severity, const char* member) {
      return std::string{R"({"labels":{"alertname":"df_complex","severity":")"} + severity +
             R"(","instance":"web1","plugin":"df","plugin_instance":"root","type":"df_complex"},)"
             R"("annotations":{"summary":"\"90 %\" full","limit":"90.5","why":"growth"},")" +
             member + R"(":"2023-11-14T22:13:20.250Z"})";
    };
    const auto both = [&](const char* critical, const char* warning) {
      return "[" + alert("critical", critical) + "," + alert("warning", warning) + "]";
    };
    CPPUNIT_ASSERT_EQUAL(both("endsAt", "startsAt"), alertmanager_json(example()));
    CPPUNIT_ASSERT_EQUAL(both("startsAt", "endsAt"), alertmanager_json(example(Level::failure)));
    CPPUNIT_ASSERT_EQUAL(both("endsAt", "endsAt"), alertmanager_json(example(Level::okay)));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(NotifyHttpBodyTest);

}  // namespace vital::test

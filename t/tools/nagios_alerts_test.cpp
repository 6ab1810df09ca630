// SPDX-License-Identifier: MIT
#include "tools/nagios_alerts.h"

#include <cppunit/extensions/HelperMacros.h>

namespace vital::test {

class NagiosAlertsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(NagiosAlertsTest);
  CPPUNIT_TEST(a_line_is_read_whole);
  CPPUNIT_TEST(what_names_nothing_is_malformed);
  CPPUNIT_TEST(a_plugin_is_not_one_whose_name_begins_so);
  CPPUNIT_TEST(no_message_can_break_the_format);
  CPPUNIT_TEST(a_name_is_said_once);
  CPPUNIT_TEST(more_than_nagios_reads_is_counted);
  CPPUNIT_TEST(what_is_silenced_is_told_but_does_not_count);
  CPPUNIT_TEST_SUITE_END();

 public:
  void a_line_is_read_whole() {
    const auto alert = parse_alert(
        "WARNING since=1700000000.5 identifier=\"h/a b/c\" later=x message=\"say \\\"no\\\"\"");
    CPPUNIT_ASSERT(alert);
    CPPUNIT_ASSERT(Level::warning == alert->level);
    CPPUNIT_ASSERT_EQUAL(1700000000.5, alert->since);
    CPPUNIT_ASSERT_EQUAL(std::string{"h/a b/c"}, alert->identifier);
    CPPUNIT_ASSERT_EQUAL(std::string{"say \"no\""}, alert->message);
  }
  void what_names_nothing_is_malformed() {
    for (const char* const line :
         {"", "LOUD identifier=h/a/b", "WARNING", "WARNING since=1", "WARNING identifier", "="})
      CPPUNIT_ASSERT(!parse_alert(line));
  }
  void a_plugin_is_not_one_whose_name_begins_so() {
    const auto has = [](const char* name, const char* identifier) {
      return AlertScope{"h", name}.has(identifier);
    };
    CPPUNIT_ASSERT(has("df", "h/df/x"));
    CPPUNIT_ASSERT(has("df/x", "H/df/x"));
    CPPUNIT_ASSERT(has("", "h/df/x"));
    CPPUNIT_ASSERT(has("df", "h/df-root/x"));
    CPPUNIT_ASSERT(has("df-root", "h/df-root/x"));
    CPPUNIT_ASSERT(!has("df-root", "h/df-root-2/x"));
    CPPUNIT_ASSERT(!has("df", "h/dfs/x"));
    CPPUNIT_ASSERT(!has("df/x", "h/df/x-y"));
    CPPUNIT_ASSERT(!has("df", "g/df/x"));
    CPPUNIT_ASSERT(!has("df", "h"));
  }
  void no_message_can_break_the_format() {
    AlertLine alert;
    alert.identifier = "h/a/b";
    alert.message = "a|b\nc";
    const Verdict verdict = judge({alert});
    CPPUNIT_ASSERT(verdict.text.starts_with(
        "CRITICAL: 1 failure, 0 warnings: h/a/b: a/b c | failures=1;;;; warnings=0;;;;\n"));
    CPPUNIT_ASSERT(verdict.text.ends_with(": a/b c\n"));
  }
  void a_name_is_said_once() {
    const auto said = [](const char* message) {
      AlertLine alert;
      alert.identifier = "h/p-i/t";
      alert.message = message;
      const std::string text = judge({alert}).text;
      return text.substr(0, text.find(" | "));
    };
    const std::string head = "CRITICAL: 1 failure, 0 warnings: h/p-i/t: ";
    CPPUNIT_ASSERT_EQUAL(head + "Data source \"x\" is low.",
                         said("Host h, plugin p (instance i) type t: Data source \"x\" is low."));
    CPPUNIT_ASSERT_EQUAL(head + "has gone", said("h/p-i/t has gone"));
    CPPUNIT_ASSERT_EQUAL(head + "Host g, plugin p type t: Data source \"x\" is low.",
                         said("Host g, plugin p type t: Data source \"x\" is low."));
    CPPUNIT_ASSERT_EQUAL(head + "h/p-i/tt has gone", said("h/p-i/tt has gone"));
  }
  void more_than_nagios_reads_is_counted() {
    AlertLine alert;
    alert.identifier = "h/p/t";
    alert.message = std::string(900, 'x');
    const Verdict verdict = judge(std::vector<AlertLine>(10, alert));
    CPPUNIT_ASSERT(verdict.text.ends_with("x\nand 4 more\n"));
    CPPUNIT_ASSERT(verdict.text.size() < 8000);
    CPPUNIT_ASSERT(judge(std::vector<AlertLine>(6, alert)).text.ends_with("x\n"));
  }
  void what_is_silenced_is_told_but_does_not_count() {
    auto silenced = parse_alert("FAILURE since=1 identifier=h/a/b message=old silence=3");
    auto warning = parse_alert("WARNING since=2 identifier=h/c/d message=new");
    CPPUNIT_ASSERT(silenced && warning);
    const Verdict alone = judge({*silenced});
    CPPUNIT_ASSERT(CheckState::okay == alone.state);
    CPPUNIT_ASSERT(alone.text.starts_with("OKAY: no alerts, 1 silenced | failures=0;;;;"));
    CPPUNIT_ASSERT(alone.text.ends_with(": old (silenced)\n"));
    const Verdict both = judge({*silenced, *warning});
    CPPUNIT_ASSERT(CheckState::warning == both.state);
    CPPUNIT_ASSERT(both.text.starts_with(
        "WARNING: 0 failures, 1 warning, 1 silenced: h/c/d: new | failures=0;;;; warnings=1"));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(NagiosAlertsTest);

}  // namespace vital::test

// SPDX-License-Identifier: MIT
#include "exec/commands.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>

namespace vital::test {

class ExecCommandsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ExecCommandsTest);
  CPPUNIT_TEST(takes_values_and_notifications);
  CPPUNIT_TEST(ignores_empty_lines_and_comments);
  CPPUNIT_TEST(says_what_is_wrong);
  CPPUNIT_TEST_SUITE_END();

  struct Record final : exec::Receiver {
    std::string text;
    void values(const PutvalParser& values) override {
      text.append(values.identifier().plugin).append(" ");
      text += std::to_string(values.size()) + "\n";
    }
    void notification(Notification notification) override { text += notification.message + "\n"; }
    void wrong(std::string_view line, std::string_view why) override {
      text.append(line).append(": ").append(why).append("\n");
    }
  };

  static std::string taken(std::string line) {
    Types types;
    types.add(*parse_data_set("gauge value:GAUGE:U:U"));
    exec::Commands commands{types};
    Record record;
    commands.take(line, time_of(1700000000.0), record);
    return record.text;
  }

 public:
  void takes_values_and_notifications() {
    CPPUNIT_ASSERT_EQUAL(std::string{"p 1\n"}, taken("PUTVAL h/p/gauge N:1"));
    CPPUNIT_ASSERT_EQUAL(std::string{"p 2\n"}, taken("putval\t\"h/p/gauge\" interval=5 1:1 2:2"));
    CPPUNIT_ASSERT_EQUAL(std::string{"Too much\n"},
                         taken("PutNotif severity=warning time=1 message=\"Too much\""));
  }

  void ignores_empty_lines_and_comments() {
    for (const char* line : {"", "  ", "\t", "# a comment", "#"})
      CPPUNIT_ASSERT_EQUAL(std::string{}, taken(line));
  }

  void says_what_is_wrong() {
    CPPUNIT_ASSERT_EQUAL(std::string{"PUTVALX h/p/gauge N:1: it is neither PUTVAL nor PUTNOTIF\n"},
                         taken("PUTVALX h/p/gauge N:1"));
    CPPUNIT_ASSERT_EQUAL(std::string{" PUTVAL h/p/gauge N:1: it is neither PUTVAL nor PUTNOTIF\n"},
                         taken(" PUTVAL h/p/gauge N:1"));
    CPPUNIT_ASSERT_EQUAL(std::string{"PUTVAL h/p/nope N:1: 1 Type `nope' isn't defined.\n"},
                         taken("PUTVAL h/p/nope N:1"));
    CPPUNIT_ASSERT_EQUAL(std::string{"PUTNOTIF time=1 message=x: Option `severity' missing.\n"},
                         taken("PUTNOTIF time=1 message=x"));
    CPPUNIT_ASSERT(taken("PUTVAL h/p/gauge x=1 N:1").find("Cannot parse option") !=
                   std::string::npos);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ExecCommandsTest);

}  // namespace vital::test

// SPDX-License-Identifier: MIT
#include "rrdcached/reply.h"

#include <cppunit/extensions/HelperMacros.h>

namespace vital::test {
using rrdcached::parse_figure;
using rrdcached::parse_head;

class RrdcachedReplyTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(RrdcachedReplyTest);
  CPPUNIT_TEST(a_head_has_a_number_and_a_text);
  CPPUNIT_TEST(complaints_are_of_a_command_and_may_have_several_lines);
  CPPUNIT_TEST(figures_have_a_name_and_a_number);
  CPPUNIT_TEST_SUITE_END();

 public:
  void a_head_has_a_number_and_a_text() {
    const auto fine = parse_head("0 Go ahead.  End with dot '.' on its own line.");
    CPPUNIT_ASSERT(fine && fine->number == 0 && fine->text.starts_with("Go ahead."));
    const auto wrong = parse_head("-1 No such file: /x y");
    CPPUNIT_ASSERT(wrong && wrong->number == -1 && wrong->text == "No such file: /x y");
    CPPUNIT_ASSERT(parse_head("8") && parse_head("8")->text.empty());
    for (const char* line : {"", " 1 x", "x", "1x y", "99999999999999999999 x"})
      CPPUNIT_ASSERT_MESSAGE(line, !parse_head(line));
  }
  void complaints_are_of_a_command_and_may_have_several_lines() {
    std::vector<rrdcached::Complaint> complaints;
    for (const char* line : {"lost", "1 No such file: /a", "2 No permission",
                             "Did you pass -R to the daemon?", "", "-1 x", "4 Unknown"})
      add_complaint(line, complaints);
    CPPUNIT_ASSERT_EQUAL(std::size_t{3}, complaints.size());
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, complaints[1].command);
    CPPUNIT_ASSERT_EQUAL(std::string{"No permission Did you pass -R to the daemon?  -1 x"},
                         complaints[1].text);
    CPPUNIT_ASSERT_EQUAL(std::size_t{4}, complaints[2].command);
  }
  void figures_have_a_name_and_a_number() {
    const auto figure = parse_figure("UpdatesReceived: 4");
    CPPUNIT_ASSERT(figure && figure->name == "UpdatesReceived" && figure->value == 4);
    for (const char* line : {"", "UpdatesReceived", "UpdatesReceived:", "UpdatesReceived: -1"})
      CPPUNIT_ASSERT_MESSAGE(line, !parse_figure(line));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RrdcachedReplyTest);

}  // namespace vital::test

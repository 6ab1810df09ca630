// SPDX-License-Identifier: MIT
#include "processes/expression.h"

#include <cppunit/extensions/HelperMacros.h>

#include <stdexcept>

namespace vital::test {

class ExpressionTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ExpressionTest);
  CPPUNIT_TEST(matches_a_part);
  CPPUNIT_TEST(is_posix_extended);
  CPPUNIT_TEST(looks_no_further_than_the_text);
  CPPUNIT_TEST(says_what_is_wrong);
  CPPUNIT_TEST_SUITE_END();

  static bool matches(const std::string& expression, std::string_view text) {
    CPPUNIT_ASSERT_EQUAL(std::string{}, processes::Expression::complaint(expression));
    return processes::Expression{expression}.matches(text);
  }

 public:
  void matches_a_part() {
    CPPUNIT_ASSERT(matches("bin/x", "/usr/bin/x -y"));
    CPPUNIT_ASSERT(!matches("^bin/x", "/usr/bin/x -y"));
    CPPUNIT_ASSERT(!matches("X", "/usr/bin/x -y"));
    CPPUNIT_ASSERT(matches("", ""));
  }

  void is_posix_extended() {
    CPPUNIT_ASSERT(matches("^(a|b){2}[[:digit:]]+$", "ab12"));
    CPPUNIT_ASSERT(matches("^\\[k", "[kthreadd]"));
    CPPUNIT_ASSERT(!matches("^\\d", "1"));
  }

  void looks_no_further_than_the_text() {
    const std::string_view longer = "sleep 100";
    CPPUNIT_ASSERT(matches("10$", longer.substr(0, 8)));
    CPPUNIT_ASSERT(!matches("100", longer.substr(0, 8)));
    CPPUNIT_ASSERT(matches("^$", longer.substr(0, 0)));
  }

  void says_what_is_wrong() {
    for (const char* const wrong : {"(", "[a", "a{2,1}", "*("})
      CPPUNIT_ASSERT_MESSAGE(wrong, !processes::Expression::complaint(wrong).empty());
    CPPUNIT_ASSERT_THROW(processes::Expression{"("}, std::logic_error);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ExpressionTest);

}  // namespace vital::test

// SPDX-License-Identifier: MIT
#include "lib/expression.h"

#include <cppunit/extensions/HelperMacros.h>
#include <regex.h>

#include <random>

namespace vital::test {

class ExpressionTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ExpressionTest);
  CPPUNIT_TEST(expressions_match_as_regexec_does);
  CPPUNIT_TEST(random_expressions_match_as_regexec_does);
  CPPUNIT_TEST(mistakes_are_refused_in_regcomps_words);
  CPPUNIT_TEST(what_cannot_be_matched_in_bounded_time_is_refused);
  CPPUNIT_TEST_SUITE_END();

  /// The part that regexec() finds; "(none)": it does not match; "(error)": it does not compile.
  static std::string theirs(const std::string& pattern, const std::string& text) {
    regex_t compiled{};
    if (::regcomp(&compiled, pattern.c_str(), REG_EXTENDED) != 0) return "(error)";
    regmatch_t match{};
    const bool found = ::regexec(&compiled, text.c_str(), 1, &match, 0) == 0;
    ::regfree(&compiled);
    if (!found) return "(none)";
    return text.substr(static_cast<std::size_t>(match.rm_so),
                       static_cast<std::size_t>(match.rm_eo - match.rm_so));
  }
  static std::string ours(const std::string& pattern, const std::string& text) {
    const auto expression = Expression::make(pattern);
    if (!expression) return "(error)";
    std::string_view part;
    const bool found = expression->find(text, part);
    CPPUNIT_ASSERT_EQUAL(found, expression->matches(text));
    return found ? std::string{part} : "(none)";
  }

 public:
  void expressions_match_as_regexec_does() {
    for (const char* pattern : {"a",
                                "^a",
                                "a$",
                                "^$",
                                "",
                                "a|b|abc",
                                "(a|ab)(c|bcd)",
                                "[abc]+",
                                "[^abc]",
                                "a{2}",
                                "a{2,}",
                                "a{1,2}",
                                "a{,2}b",
                                "a{,}b",
                                "a{01}b",
                                "a{00,02}b",
                                "a{0,00}b",
                                "a{00,}b",
                                "x*",
                                "*a",
                                "^*a",
                                "a**",
                                "a+*",
                                "a?*",
                                "(a*)*b",
                                "()",
                                "(|a)b",
                                "[]a]",
                                "[^]a]",
                                "[a\\]b]",
                                "[\\.]",
                                "a\\.b",
                                "a\\/b",
                                "\\^",
                                "a\\{2\\}",
                                "[[:digit:]]+",
                                "[[:alpha:][:digit:]]+",
                                "[a-z0-9_-]+",
                                "eth[0-9]{1,3}$",
                                "\\<eth",
                                "eth\\>",
                                "\\w+",
                                "\\W",
                                "a.b",
                                ".",
                                "a[.]b",
                                "(ab)+",
                                "(a|b){2}",
                                "a{",
                                "{",
                                "a{x",
                                "a{1",
                                "a)",
                                ")",
                                "(a))",
                                "[[]",
                                "[a[]",
                                "a}",
                                "]",
                                "\\-",
                                "\\a",
                                "\\t",
                                "a\\|b",
                                "^a|b$",
                                "(^a|b)c",
                                "a^b",
                                "a$b",
                                "é+",
                                "[é]"})
      for (const char* text :
           {"",    "a",    "b",       "ab",  "abc", "abcd", "aab", "aaab", "*a",   "a.b", "a/b",
            "axb", "eth0", "eth12 x", "]",   "[",   "a]b",  "\\",  "^",    "a{2}", "{",   "a{x",
            "a{1", "a-b",  "t",       "a|b", "bc",  "ac",   "a^b", "a$b",  "é",    "123", "A_9"})
        CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string{pattern} + " in " + text, theirs(pattern, text),
                                     ours(pattern, text));
  }

  void random_expressions_match_as_regexec_does() {
    std::mt19937 random{1};
    const std::string pieces[] = {"a",  "b",  "c",  ".",    "[ab]", "[^a]", "(a|b)", "(ab|a)",
                                  "a*", "b+", "c?", "(a*)", "b{2}", "|",    "\\.",   "[.\\]"};
    const auto pick = [&](std::size_t count) {
      return std::uniform_int_distribution<std::size_t>{0, count - 1}(random);
    };
    for (int i = 0; i < 3000; ++i) {
      std::string pattern, text;
      for (std::size_t n = pick(5) + 1; n != 0; --n) pattern += pieces[pick(std::size(pieces))];
      for (std::size_t n = pick(8); n != 0; --n) text += "abc.\\"[pick(5)];
      CPPUNIT_ASSERT_EQUAL_MESSAGE(pattern + " in " + text, theirs(pattern, text),
                                   ours(pattern, text));
    }
  }

  void mistakes_are_refused_in_regcomps_words() {
    for (const char* pattern : {"(", "[", "a)", "a{2,1}", "[z-a]", "[[:nothing:]]", "a\\"})
      CPPUNIT_ASSERT_MESSAGE(
          pattern, (theirs(pattern, "") == "(error)") == !Expression::complaint(pattern).empty());
    CPPUNIT_ASSERT_EQUAL(std::string{"has a regular expression that is wrong: Unmatched ( or \\("},
                         Expression::complaint("("));
  }

  void what_cannot_be_matched_in_bounded_time_is_refused() {
    CPPUNIT_ASSERT(Expression::complaint("(a)\\1").find("back-reference") != std::string::npos);
    CPPUNIT_ASSERT(!Expression::complaint("[[.a.]]").empty());
    const auto hard = Expression::make("^(a+)+(a+)+$");
    CPPUNIT_ASSERT(hard);
    CPPUNIT_ASSERT(!hard->matches(std::string(100'000, 'a') + "b"));  // or this test never ends
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ExpressionTest);

}  // namespace vital::test

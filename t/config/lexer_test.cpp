// SPDX-License-Identifier: MIT
#include "config/lexer.h"

#include <cppunit/extensions/HelperMacros.h>

#include "base/text.h"

namespace vital::test {
namespace {

/// Each token as the letter of its kind and its text; numbers as their value.
std::string tokens(std::string_view text, Problems& problems) {
  Lexer lexer{std::make_shared<const Source>(Source{"test", std::string{text}}), problems};
  std::string result;
  while (true) {
    const Token token = lexer.next();
    constexpr std::string_view kLetters = "$;<>/bnqu";
    const char letter = kLetters[static_cast<std::size_t>(token.kind)];
    if (letter == '$') return result;
    if (!result.empty()) result += ' ';
    result += letter;
    if (letter == 'n') {
      Text<64> number;
      result += ":" + std::string{number.add(token.number).view()};
    } else if (letter != ';') {
      result += ":" + token.text;
    }
  }
}

std::string tokens(std::string_view text) {
  Problems problems;
  return tokens(text, problems);
}

}  // namespace

class LexerTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(LexerTest);
  CPPUNIT_TEST(knows_numbers);
  CPPUNIT_TEST(knows_booleans_in_lower_case_only);
  CPPUNIT_TEST(knows_addresses);
  CPPUNIT_TEST(knows_strings);
  CPPUNIT_TEST(joins_lines);
  CPPUNIT_TEST(skips_comments_and_says_what_it_cannot_read);
  CPPUNIT_TEST(knows_where_it_is);
  CPPUNIT_TEST_SUITE_END();

  static void same(const char* expected, std::string_view text) {
    CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string{text}, std::string{expected}, tokens(text));
  }

 public:
  void knows_numbers() {
    same("n:1 n:1 n:-1 n:1.5 n:0.5 n:-0.5 n:10 n:31 u:1e5", "1 +1 -1 1.5 .5 -.5 010 0x1F 1e5");
    same("n:1.5 u:e3 n:1500 u:1e n:3", "1.5e3 1.5e+3 1e+3");
    same("n:300.1 n:0.1 n:0.1 n:1.2 n:0.3", "300.1.1.1 1.2.3");
    same("u:12abc u:5s u:on2 u:0x n:1", "12abc 5s on2 0x 1.");
  }

  void knows_booleans_in_lower_case_only() {
    same("b:true b:no b:on u:True u:YES b:off", "true no on True YES off");
  }

  void knows_addresses() {
    same("u:10.0.0.1 u:10.0.0.1:80", "10.0.0.1 10.0.0.1:80");
    same("u:10.0.0.1:9999 n:9", "10.0.0.1:99999");
    same("u:fe80::1 u:::1 u:[::1]:53 u:::ffff:10.0.0.1", "fe80::1 ::1 [::1]:53 ::ffff:10.0.0.1");
    same("u:10.0.0.1 /:/ n:8", "10.0.0.1/8");
  }

  void knows_strings() {
    same("q:adj q:acent u:foo q:bar", "\"adj\"\"acent\" foo\"bar\"");
    same("q:x#y u:foo", "\"x#y\" foo#rest");
    same("q: q:a\"b\\nc", R"("" "a\"b\\n\c")");
    same("q:a\nb", "\"a\nb\"");
    same("q:abc", "\"a\\\n   b\\\r\n\tc\"");
  }

  void joins_lines() { same("u:a u:b ;", "a \\\n b\\\r\n\n"); }

  void skips_comments_and_says_what_it_cannot_read() {
    Problems problems;
    CPPUNIT_ASSERT_EQUAL(std::string{"u:a u:b ; u:single"},
                         tokens("a-b # comment \" < \n'single'", problems));
    CPPUNIT_ASSERT_EQUAL(std::size_t{3}, problems.size());
    Problems bom;
    CPPUNIT_ASSERT_EQUAL(std::string{"u:a"}, tokens("\xef\xbb\xbf"
                                                    "a",
                                                    bom));
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, bom.size());
  }

  void knows_where_it_is() {
    Problems problems;
    Lexer lexer{std::make_shared<const Source>(Source{"f", "\n  key \"x\ny\" 1\n"}), problems};
    (void)lexer.next();
    CPPUNIT_ASSERT_EQUAL(std::string{"f:2:3"}, lexer.next().position.text());
    CPPUNIT_ASSERT_EQUAL(std::string{"f:2:7"}, lexer.next().position.text());
    CPPUNIT_ASSERT_EQUAL(std::string{"f:3:4"}, lexer.next().position.text());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LexerTest);

}  // namespace vital::test

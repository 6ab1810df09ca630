// SPDX-License-Identifier: MIT
#include "config/difference.h"

#include <cppunit/extensions/HelperMacros.h>

#include "support/fixture.h"

#include <memory>

namespace vital::test {

class DifferenceTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(DifferenceTest);
  CPPUNIT_TEST(equal_options_have_none);
  CPPUNIT_TEST(a_file_that_is_read_once_counts_with_what_is_in_it);
  CPPUNIT_TEST(an_option_is_named_with_both_values);
  CPPUNIT_TEST(a_default_is_said_to_be_one);
  CPPUNIT_TEST(an_option_in_a_block_is_named_with_the_block);
  CPPUNIT_TEST(blocks_come_and_go);
  CPPUNIT_TEST(another_order_counts_where_order_counts);
  CPPUNIT_TEST(secrets_are_not_shown);
  CPPUNIT_TEST(whatever_is_not_equal_has_a_difference);
  CPPUNIT_TEST_SUITE_END();

  Declaration declaration_;

 public:
  void setUp() override {
    declaration_ = {};
    declaration_.option("Interval", 10.0, "")
        .option("Host", Unset<std::string>{}, "")
        .repeatable()
        .option("Password", Unset<std::string>{}, "")
        .option("PasswordFile", Unset<std::string>{}, "")
        .read_once()
        .block("Node", "NAME", "", [](Declaration& node) { node.option("Port", 25, ""); });
  }

 private:
  Options options(const std::string& text) const {
    Problems problems;
    const auto statements = load_config_text("c", text, problems);
    Options result{declaration_};
    Checker checker{problems, "test"};
    checker.add(result, declaration_, statements);
    CPPUNIT_ASSERT(problems.empty());
    return result;
  }
  std::string between(const std::string& before, const std::string& after) const {
    std::string text;
    for (const Difference& difference : differences(options(before), options(after)))
      text += difference.text() + "\n";
    return text;
  }

 public:
  void equal_options_have_none() {
    CPPUNIT_ASSERT_EQUAL(std::string{}, between("Interval 5\nHost a\n", "Host a\n\nInterval 5\n"));
  }

  void a_file_that_is_read_once_counts_with_what_is_in_it() {
    const TemporaryDirectory directory;
    const std::string text = "PasswordFile \"" + directory.path() + "/secret\"\n";
    directory.write("secret", "one");
    const Options before = options(text);
    CPPUNIT_ASSERT(before == options(text));
    directory.write("secret", "another");
    const auto found = differences(before, options(text));
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, found.size());
    CPPUNIT_ASSERT_EQUAL(std::string{"PasswordFile: the file has changed"}, found[0].text());
  }

  void an_option_is_named_with_both_values() {
    CPPUNIT_ASSERT_EQUAL(std::string{"Host: \"a\", \"b\" -> \"a\"\n"},
                         between("Host a\nHost b\n", "Host a\n"));
  }

  void a_default_is_said_to_be_one() {
    CPPUNIT_ASSERT_EQUAL(std::string{"Interval: 10 (default) -> 5\n"}, between("", "Interval 5\n"));
    CPPUNIT_ASSERT_EQUAL(std::string{"Host: \"a\" -> (not given)\n"}, between("Host a\n", ""));
  }

  void an_option_in_a_block_is_named_with_the_block() {
    CPPUNIT_ASSERT_EQUAL(std::string{"Node \"a\" Port: 1 -> 2\n"},
                         between("<Node a>\nPort 1\n</Node>\n<Node b>\n</Node>\n",
                                 "<Node b>\n</Node>\n<Node a>\nPort 2\n</Node>\n"));
  }

  void blocks_come_and_go() {
    CPPUNIT_ASSERT_EQUAL(std::string{"<Node \"b\">: added\n<Node \"a\">: removed\n"},
                         between("<Node a>\n</Node>\n", "<Node b>\n</Node>\n"));
  }

  void another_order_counts_where_order_counts() {
    declaration_.ordered();
    CPPUNIT_ASSERT_EQUAL(std::string{"(order): changed\n"},
                         between("Interval 5\nHost a\n", "Host a\nInterval 5\n"));
  }

  void secrets_are_not_shown() {
    CPPUNIT_ASSERT_EQUAL(std::string{"Password: (not shown) -> (not shown)\n"},
                         between("Password abc\n", "Password def\n"));
  }

  void whatever_is_not_equal_has_a_difference() {
    const char* const texts[] = {"",
                                 "Interval 5\n",
                                 "Host a\nHost b\n",
                                 "Host b\nHost a\n",
                                 "<Node a>\n</Node>\n",
                                 "<Node a>\n</Node>\n<Node a>\nPort 3\n</Node>\n",
                                 "<Node a>\nPort 3\n</Node>\n<Node a>\n</Node>\n"};
    for (const char* before : texts)
      for (const char* after : texts)
        CPPUNIT_ASSERT_EQUAL(options(before) == options(after), between(before, after).empty());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DifferenceTest);

}  // namespace vital::test

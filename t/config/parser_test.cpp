// SPDX-License-Identifier: MIT
#include <cppunit/extensions/HelperMacros.h>

#include "config/tree.h"
#include "support/fixture.h"

namespace vital::test {
namespace {

std::string shown(const std::vector<Statement>& statements) {
  std::string text;
  for (const Statement& statement : statements) {
    text += statement.block ? "<" + statement.key : statement.key;
    for (const Argument& argument : statement.arguments) text += " " + argument.text;
    if (statement.block) text += "{" + shown(statement.children) + "}";
    text += ";";
  }
  return text;
}

std::string parsed(std::string_view text, Problems& problems) {
  return shown(parse(std::make_shared<const Source>(Source{"test", std::string{text}}), problems));
}

}  // namespace

class ParserTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ParserTest);
  CPPUNIT_TEST(reads_options_and_blocks);
  CPPUNIT_TEST(drops_empty_blocks_but_for_the_journal);
  CPPUNIT_TEST(accepts_what_collectd_accepts);
  CPPUNIT_TEST(refuses_what_collectd_refuses);
  CPPUNIT_TEST(finds_all_mistakes_at_once);
  CPPUNIT_TEST(survives_deep_nesting);
  CPPUNIT_TEST(includes_files_directories_and_patterns);
  CPPUNIT_TEST(reports_what_cannot_be_included);
  CPPUNIT_TEST(a_filter_chooses_files);
  CPPUNIT_TEST(endless_includes_end);
  CPPUNIT_TEST_SUITE_END();

  TemporaryDirectory directory_;

  std::string loaded(Problems& problems) {
    return shown(load_config(directory_.path() + "/main.conf", problems));
  }
  std::string in_directory(std::string_view name) const {
    return "\"" + directory_.path() + "/" + std::string{name} + "\"";
  }

 public:
  void reads_options_and_blocks() {
    Problems problems;
    CPPUNIT_ASSERT_EQUAL(
        std::string{"Interval 10;<Plugin cpu{ReportByCpu true;<Inner{a 1;};};LoadPlugin x;"},
        parsed(
            "Interval 10\n\n<Plugin cpu>\n  ReportByCpu true\n<Inner>\na 1\n</Inner>\n</Plugin>\n"
            "LoadPlugin \"x\"\n",
            problems));
    CPPUNIT_ASSERT(problems.empty());
  }

  void drops_empty_blocks_but_for_the_journal() {
    Problems problems;
    CPPUNIT_ASSERT_EQUAL(std::string{"<Node a{};<Plugin x{<Journal{};};"},
                         parsed("<Node>\n</Node>\n<Node a>\n</Node>\n<Plugin x>\n<Journal>\n"
                                "</Journal>\n</Plugin>\n",
                                problems));
    CPPUNIT_ASSERT(problems.empty());
  }

  void accepts_what_collectd_accepts() {
    for (const char* text : {"", "\n", "# only a comment\n", "a 1\r\n",
                             "< Foo x >\nb 1\n</ Foo >\n", "<Foo x>\n</Foo>\n", "<Foo>\n</Foo>\n",
                             "a \\\n 1\n", "10.0.0.1 x\n", "# comment", "a \"unterminated\n"}) {
      Problems problems;
      (void)parsed(text, problems);
      CPPUNIT_ASSERT_MESSAGE(text, !problems.any_fatal());
    }
  }

  void refuses_what_collectd_refuses() {
    for (const char* text :
         {"a", "a\n", "a 1", "<Foo x></Foo>\n", "<Foo>\na 1\n</foo>\n", "<Foo>\na 1\n", "</Foo>\n",
          "a /etc/x\n", "\"a\" 1\n", "1 2\n", "true x\n", "<Foo>a 1\n</Foo>\n", "<>\n</>\n",
          "<Foo>\na 1\n</Foo> b 2\n", "<Foo>\na 1\n</Foo>"}) {
      Problems problems;
      (void)parsed(text, problems);
      CPPUNIT_ASSERT_MESSAGE(text, problems.any_fatal());
    }
  }

  void finds_all_mistakes_at_once() {
    Problems problems;
    CPPUNIT_ASSERT_EQUAL(
        std::string{"a 1;<Block{b 2;};d 4;"},
        parsed("a 1\nlonely\npath /etc/x\n<Block>\nb 2\nc\n</Wrong>\nd 4\n", problems));
    std::string where;
    for (const Problem& problem : problems) where += problem.position.text() + " ";
    CPPUNIT_ASSERT_EQUAL(std::string{"test:2:7 test:3:6 test:6:2 test:7:3 "}, where);
  }

  void survives_deep_nesting() {
    std::string text;
    for (int i = 0; i < 100000; ++i) text += "<B>\n";
    Problems problems;
    (void)parsed(text, problems);
    CPPUNIT_ASSERT(problems.any_fatal());
  }

  void includes_files_directories_and_patterns() {
    directory_.write("main.conf", "a 1\nInclude " + in_directory("d") + "\nInclude " +
                                      in_directory("x*.conf") + "\nz 1\n");
    directory_.write("d/2.conf", "d2 1\n");
    directory_.write("d/1.conf", "d1 1\n");
    directory_.write("d/sub/3.conf", "d3 1\n");
    directory_.write("d/.hidden", "no 1\n");
    directory_.write("x2.conf", "x2 1\n");
    directory_.write("x1.conf", "x1 1\n");
    Problems problems;
    CPPUNIT_ASSERT_EQUAL(std::string{"a 1;d1 1;d2 1;d3 1;x1 1;x2 1;z 1;"}, loaded(problems));
    CPPUNIT_ASSERT(problems.empty());
  }

  void reports_what_cannot_be_included() {
    directory_.write("main.conf", "Include " + in_directory("nowhere") + "\nInclude 1\nInclude " +
                                      in_directory("d") +
                                      "\nInclude \"$(ls)\"\n<B>\nInclude \"x\"\n</B>\n");
    directory_.write("d/broken.conf", "fine 1\nbroken\n");
    directory_.write("d/fine.conf", "fine 2\n");
    Problems problems;
    CPPUNIT_ASSERT_EQUAL(std::string{"fine 2;<B{Include x;};"}, loaded(problems));
    std::string gravities;
    for (const Problem& problem : problems)
      gravities += problem.gravity == Gravity::fatal   ? 'f'
                   : problem.gravity == Gravity::error ? 'e'
                                                       : 'w';
    CPPUNIT_ASSERT_EQUAL(std::string{"weef"}, gravities);
    Problems missing;
    (void)load_config(directory_.path() + "/no.conf", missing);
    CPPUNIT_ASSERT(missing.any_fatal());
  }

  void a_filter_chooses_files() {
    directory_.write("main.conf",
                     "<Include " + in_directory("d") + ">\nFilter \"*.conf\"\n</Include>\n");
    directory_.write("d/a.conf", "a 1\n");
    directory_.write("d/b.txt", "b 1\n");
    Problems problems;
    CPPUNIT_ASSERT_EQUAL(std::string{"a 1;"}, loaded(problems));
    CPPUNIT_ASSERT(problems.empty());
    directory_.write("main.conf",
                     "<Include " + in_directory("d/b.txt") + ">\nFilter \"*.conf\"\n</Include>\n");
    (void)loaded(problems);
    CPPUNIT_ASSERT(problems.any_fatal());
  }

  void endless_includes_end() {
    directory_.write("main.conf", "a 1\nInclude " + in_directory("main.conf") + "\n");
    Problems problems;
    (void)loaded(problems);
    CPPUNIT_ASSERT(problems.any_fatal());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ParserTest);

}  // namespace vital::test

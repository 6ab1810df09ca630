// SPDX-License-Identifier: MIT
#include "daemon/change.h"

#include <cppunit/extensions/HelperMacros.h>

#include "base/strings.h"
#include "config/queue_options.h"

namespace vital::test {
namespace {

class TwoPlugins final : public Catalog {
 public:
  TwoPlugins() {
    reader_.option("Port", 80, "");
    writer_.option("File", "x", "");
    declare_queue(writer_);
  }
  Found find(std::string_view name, const std::vector<std::string>&, bool) override {
    if (iequals(name, "reader")) return {.plugin = &reader_, .why = {}};
    if (iequals(name, "writer")) return {.plugin = &writer_, .why = {}};
    return {};
  }
  std::vector<std::string> names(const std::vector<std::string>&) override { return {}; }

 private:
  PluginDeclaration reader_{"reader", ""}, writer_{"writer", ""};
};

}  // namespace

class ChangeTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ChangeTest);
  CPPUNIT_TEST(the_same_words_in_other_places_are_no_change);
  CPPUNIT_TEST(plugins_are_added_and_removed);
  CPPUNIT_TEST(another_option_changes_its_plugin_only);
  CPPUNIT_TEST(an_interval_changes_the_plugins_that_have_it);
  CPPUNIT_TEST(flush_settings_count);
  CPPUNIT_TEST(a_plugin_that_cannot_be_used_is_not_wanted);
  CPPUNIT_TEST(global_options_are_named_and_say_if_they_wait);
  CPPUNIT_TEST(a_type_defined_anew_reaches_those_that_name_series);
  CPPUNIT_TEST(a_new_type_changes_no_plugin);
  CPPUNIT_TEST(the_journal_of_all_reaches_writers_without_their_own);
  CPPUNIT_TEST(a_journal_stays_where_it_is_until_a_restart);
  CPPUNIT_TEST(a_new_mistake_speaks_against_it);
  CPPUNIT_TEST(a_mistake_that_was_there_before_does_not);
  CPPUNIT_TEST(strict_lets_warnings_count);
  CPPUNIT_TEST_SUITE_END();

  TwoPlugins catalog_;
  Declaration globals_, load_plugin_;

 public:
  void setUp() override {
    globals_ = {};
    load_plugin_ = {};
    declare_globals(globals_, {"/e/c", "/var", "/run/p", "/run", "/lib", "/share"});
    declare_load_plugin(load_plugin_);
  }

 private:
  Configuration configuration(const std::string& text) {
    Problems problems;
    const auto statements = load_config_text("c", text, problems);
    CPPUNIT_ASSERT(problems.empty());
    return interpret(statements, globals_, load_plugin_, "/lib", catalog_);
  }
  Change change(const std::string& before, const std::string& after,
                const TypesDifference& types = {}) {
    return compare(configuration(before), configuration(after), types, [](std::string_view plugin) {
      return PluginTraits{.holds_series = plugin == "reader",
                          .has_journal_default = plugin == "writer"};
    });
  }
  static std::string text(const Change& change) {
    const auto lines = change.lines();
    CPPUNIT_ASSERT_EQUAL(lines.empty(), change.empty());
    return lines.empty() ? "" : join(lines, "\n") + "\n";
  }

 public:
  void the_same_words_in_other_places_are_no_change() {
    CPPUNIT_ASSERT_EQUAL(
        std::string{}, text(change("LoadPlugin reader\nLoadPlugin writer\n<Plugin reader>\nPort 1\n"
                                   "</Plugin>\n",
                                   "LoadPlugin writer\n\nLoadPlugin reader\n<Plugin \"reader\">\n"
                                   "  Port 1\n</Plugin>\n")));
  }

  void plugins_are_added_and_removed() {
    CPPUNIT_ASSERT_EQUAL(std::string{"+ plugin writer\n- plugin reader\n"},
                         text(change("LoadPlugin reader\n", "LoadPlugin writer\n")));
  }

  void another_option_changes_its_plugin_only() {
    const Change found = change("LoadPlugin reader\nLoadPlugin writer\n",
                                "LoadPlugin reader\nLoadPlugin writer\n<Plugin reader>\nPort 81\n"
                                "</Plugin>\n");
    CPPUNIT_ASSERT_EQUAL(std::string{"~ plugin reader\n    Port: 80 (default) -> 81\n"},
                         text(found));
    CPPUNIT_ASSERT(found.find("Writer")->kind == PluginChange::Kind::kept);
  }

  void an_interval_changes_the_plugins_that_have_it() {
    CPPUNIT_ASSERT_EQUAL(
        std::string{"~ Interval: 10 (default) -> 5\n~ plugin reader\n    Interval: 10 -> 5\n"},
        text(change("LoadPlugin reader\n<LoadPlugin writer>\nInterval 10\n</LoadPlugin>\n",
                    "Interval 5\nLoadPlugin reader\n<LoadPlugin writer>\nInterval 10\n"
                    "</LoadPlugin>\n")));
  }

  void flush_settings_count() {
    CPPUNIT_ASSERT_EQUAL(std::string{"~ plugin writer\n    FlushInterval: 0 -> 60\n"},
                         text(change("LoadPlugin writer\n",
                                     "<LoadPlugin writer>\nFlushInterval 60\n</LoadPlugin>\n")));
  }

  void a_plugin_that_cannot_be_used_is_not_wanted() {
    const std::string broken = "LoadPlugin reader\n<Plugin reader>\nPort x\n</Plugin>\n";
    CPPUNIT_ASSERT_EQUAL(std::string{"- plugin reader\n"},
                         text(change("LoadPlugin reader\n", broken)));
    CPPUNIT_ASSERT_EQUAL(std::string{}, text(change(broken, broken)));
  }

  void global_options_are_named_and_say_if_they_wait() {
    CPPUNIT_ASSERT_EQUAL(std::string{"~ Hostname: \"b\"  (needs a restart)\n"
                                     "~ Timeout: 2 (default) -> 3\n"},
                         text(change("", "Timeout 3\nHostname b\n")));
  }

  void a_type_defined_anew_reaches_those_that_name_series() {
    const std::string both = "LoadPlugin reader\nLoadPlugin writer\n";
    CPPUNIT_ASSERT_EQUAL(
        std::string{"~ types changed: load\n~ plugin reader\n"
                    "    types that it may use are defined anew\n"},
        text(change(both, both, {.added = {}, .removed = {}, .changed = {"load"}})));
  }

  void a_new_type_changes_no_plugin() {
    const std::string both = "LoadPlugin reader\nLoadPlugin writer\n";
    CPPUNIT_ASSERT_EQUAL(
        std::string{"+ types added: a, b\n"},
        text(change(both, both, {.added = {"a", "b"}, .removed = {}, .changed = {}})));
  }

  void the_journal_of_all_reaches_writers_without_their_own() {
    const std::string both = "LoadPlugin reader\nLoadPlugin writer\n";
    CPPUNIT_ASSERT_EQUAL(
        std::string{"~ <Journal>: added\n~ plugin writer\n    the global <Journal> changed\n"},
        text(change(both, "<Journal>\nMaxAge 5\n</Journal>\n" + both)));
  }

  void a_journal_stays_where_it_is_until_a_restart() {
    const std::string writer = "LoadPlugin writer\n<Plugin writer>\n<Journal>\nDirectory ";
    const std::string end = "\n</Journal>\n</Plugin>\n";
    CPPUNIT_ASSERT_EQUAL(std::string{"~ plugin writer\n    Journal Directory: \"/a\" -> \"/b\""
                                     "  (needs a restart)\n"},
                         text(change(writer + "\"/a\"" + end, writer + "\"/b\"" + end)));
  }

  void a_new_mistake_speaks_against_it() {
    Problems running, wanted;
    wanted.error({}, "Port wants a number");
    wanted.warning({}, "unknown option");
    const auto found = objections(running, wanted, false);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, found.size());
    CPPUNIT_ASSERT_EQUAL(std::string{"Port wants a number"}, found.front()->what);
  }

  void a_mistake_that_was_there_before_does_not() {
    Problems running, wanted;
    for (Problems* problems : {&running, &wanted}) problems->error({}, "no plugin mysql");
    CPPUNIT_ASSERT(objections(running, wanted, false).empty());
    running.fatal({}, "syntax");
    wanted.fatal({}, "syntax");
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, objections(running, wanted, false).size());
  }

  void strict_lets_warnings_count() {
    Problems running, wanted;
    wanted.warning({}, "unknown option");
    CPPUNIT_ASSERT(objections(running, wanted, false).empty());
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, objections(running, wanted, true).size());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ChangeTest);

}  // namespace vital::test

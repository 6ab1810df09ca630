// SPDX-License-Identifier: MIT
#include "config/configuration.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <cmath>

#include "base/strings.h"

namespace vital::test {
using namespace std::chrono_literals;
namespace {

/// Knows two plugins, and one that exists but cannot be loaded.
class FakeCatalog final : public Catalog {
 public:
  FakeCatalog() {
    disk_.option("Disk", Texts{}, "help")
        .option("Flag", false, "help")
        .option("Count", 3, "help")
        .range(1, 10)
        .option("Share", 0.5, "help")
        .option("Every", 1.5s, "help")
        .above(0)
        .option("Level", Choice{"info", "notice"}, "help")
        .option("Port", Port{"80"}, "help")
        .option("Perms", Octal{0770}, "help")
        .option("Name", "x", "help")
        .alias("OldName")
        .option("Pair", Texts{}, "help")
        .arguments(2, 3)
        .called("A B [C]")
        .option("Late", Unset<Span>{}, "help")
        .retired("Gone", "it went")
        .block("Node", "NAME", "help", [](Declaration& node) {
          node.option("Host", "localhost", "help")
              .option("Needed", Unset<int>{}, "help")
              .required();
        });
    disk_.check_all([](const Options& options) {
      return options.flag("Flag") && options.integer("Count") == 4 ? std::string{"4 and Flag clash"}
                                                                   : std::string{};
    });
    groups_.option("Flag", false, "help").repeatable();
    groups_.block("Group", "NAME", "help",
                  [](Declaration& group) { group.option("Flag", Unset<bool>{}, "help"); });
    groups_.ordered();
  }

  Found find(std::string_view name, const std::vector<std::string>&, bool) override {
    if (iequals(name, "disk")) return {.plugin = &disk_, .why = {}};
    if (iequals(name, "cpu")) return {.plugin = &cpu_, .why = {}};
    if (iequals(name, "groups")) return {.plugin = &groups_, .why = {}};
    if (iequals(name, "broken")) return {.exists = true, .why = "libx.so: not found"};
    return {};
  }
  std::vector<std::string> names(const std::vector<std::string>&) override {
    return {"broken", "cpu", "disk"};
  }

 private:
  PluginDeclaration disk_{"disk", "about"}, cpu_{"cpu", "about"}, groups_{"groups", "about"};
};

}  // namespace

class ConfigurationTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ConfigurationTest);
  CPPUNIT_TEST(options_have_their_defaults);
  CPPUNIT_TEST(options_take_every_form_that_collectd_takes);
  CPPUNIT_TEST(values_that_cannot_be_understood_stop_their_plugin);
  CPPUNIT_TEST(unknown_names_are_warnings_with_a_suggestion);
  CPPUNIT_TEST(blocks_have_options_of_their_own);
  CPPUNIT_TEST(later_values_replace_and_lists_grow);
  CPPUNIT_TEST(the_interval_counts_for_what_stands_below);
  CPPUNIT_TEST(plugins_are_found_without_regard_to_case);
  CPPUNIT_TEST(auto_load_plugin_loads);
  CPPUNIT_TEST(options_of_plugins_that_are_not_loaded_are_named);
  CPPUNIT_TEST(global_mistakes_are_found);
  CPPUNIT_TEST(ten_mistakes_are_ten_problems);
  CPPUNIT_TEST(equal_options_are_equal_wherever_they_stand);
  CPPUNIT_TEST(statements_know_their_place_where_order_counts);
  CPPUNIT_TEST_SUITE_END();

  FakeCatalog catalog_;
  Declaration globals_, load_plugin_;

  Configuration read(const std::string& text) {
    Problems problems;
    const auto statements = load_config_text("f", text, problems);
    Configuration result = interpret(statements, globals_, load_plugin_, "/plugins", catalog_);
    for (const Problem& problem : result.problems)
      problems.add(problem.gravity, problem.position, problem.what, problem.hint);
    result.problems = std::move(problems);
    return result;
  }
  Configuration disk(const std::string& options) {
    return read("LoadPlugin disk\n<Plugin disk>\n" + options + "</Plugin>\n");
  }
  static std::string said(const Configuration& configuration) {
    std::string text;
    for (const Problem& problem : configuration.problems) text += problem.log_line() + "\n";
    return text;
  }

 public:
  void setUp() override {
    globals_ = Declaration{};
    load_plugin_ = Declaration{};
    declare_globals(globals_, {});
    declare_load_plugin(load_plugin_);
  }

  void options_have_their_defaults() {
    auto configuration = disk("Disk sda\n");
    const Options& options = configuration.plugins.at(0).options;
    CPPUNIT_ASSERT(!options.flag("Flag"));
    CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, options.integer("Count"));
    CPPUNIT_ASSERT_EQUAL(0.5, options.number("Share"));
    CPPUNIT_ASSERT_EQUAL(1.5, seconds(options.duration("Every")));
    CPPUNIT_ASSERT_EQUAL(std::string{"info"}, options.text("Level"));
    CPPUNIT_ASSERT_EQUAL(std::string{"80"}, options.text("Port"));
    CPPUNIT_ASSERT_EQUAL(0770u, options.octal("Perms"));
    CPPUNIT_ASSERT_EQUAL(std::string{"x"}, options.text("Name"));
    CPPUNIT_ASSERT(!options.given("Name") && options.given("Disk") && !options.given("Late"));
    CPPUNIT_ASSERT_THROW((void)options.flag("Undeclared"), std::logic_error);
    CPPUNIT_ASSERT_EQUAL(std::string{}, said(configuration));
  }

  void options_take_every_form_that_collectd_takes() {
    auto configuration = disk(
        "flag \"YES\"\nCOUNT \"7\"\nShare 1\nEvery 0.25\nLevel NOTICE\nPort \"http\"\n"
        "Perms 0660\nOldName 5\nPair a b\nPair c d e\n");
    CPPUNIT_ASSERT_EQUAL(std::string{}, said(configuration));
    const Options& options = configuration.plugins.at(0).options;
    CPPUNIT_ASSERT(options.flag("Flag"));
    CPPUNIT_ASSERT_EQUAL(std::int64_t{7}, options.integer("Count"));
    CPPUNIT_ASSERT_EQUAL(0.25, seconds(options.duration("Every")));
    CPPUNIT_ASSERT_EQUAL(std::string{"notice"}, options.text("Level"));
    CPPUNIT_ASSERT_EQUAL(std::string{"http"}, options.text("Port"));
    CPPUNIT_ASSERT_EQUAL(0660u, options.octal("Perms"));
    CPPUNIT_ASSERT_EQUAL(std::string{"5"}, options.text("Name"));
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, options.entries("Pair").size());
    CPPUNIT_ASSERT_EQUAL(std::string{"e"}, options.entries("Pair")[1].text(2));
  }

  void values_that_cannot_be_understood_stop_their_plugin() {
    for (const char* option :
         {"Flag maybe", "Flag 1", "Count x", "Count 0", "Count 11", "Every 0", "Every -1",
          "Level loud", "Port 70000", "Perms 9", "Pair a", "Pair a b c d", "Flag true false",
          "<Flag>\nx 1\n</Flag>", "Node x", "Count 4\nFlag true"}) {
      auto configuration = disk(std::string{option} + "\n");
      CPPUNIT_ASSERT_MESSAGE(option, !configuration.plugins.at(0).usable);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(option, std::size_t{1}, configuration.problems.size());
      CPPUNIT_ASSERT_MESSAGE(option, !configuration.problems.any_fatal());
    }
  }

  void unknown_names_are_warnings_with_a_suggestion() {
    auto configuration = disk("Diskk sda\nGone 1\n");
    CPPUNIT_ASSERT(configuration.plugins.at(0).usable);
    CPPUNIT_ASSERT_EQUAL(
        std::string{"f:3:1: warning: plugin disk knows no option Diskk; did you mean \"Disk\"?\n"
                    "f:4:1: warning: plugin disk: Gone has no effect; it went\n"},
        said(configuration));
  }

  void blocks_have_options_of_their_own() {
    auto configuration =
        disk("<Node \"a\">\nHost b\nNeeded 1\n</Node>\n<Node c>\nNeeded 2\n</Node>\n");
    CPPUNIT_ASSERT_EQUAL(std::string{}, said(configuration));
    const auto& nodes = configuration.plugins.at(0).options.blocks("Node");
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, nodes.size());
    CPPUNIT_ASSERT_EQUAL(std::string{"a"}, nodes[0].argument());
    CPPUNIT_ASSERT_EQUAL(std::string{"b"}, nodes[0].text("Host"));
    CPPUNIT_ASSERT_EQUAL(std::string{"localhost"}, nodes[1].text("Host"));
    CPPUNIT_ASSERT_EQUAL(std::string{"f:3:2: error: plugin disk, <Node> needs the option Needed\n"},
                         said(disk("<Node x>\nHost b\n</Node>\n")));
  }

  void later_values_replace_and_lists_grow() {
    auto configuration = read(
        "LoadPlugin disk\n<Plugin disk>\nCount 5\nDisk a\n</Plugin>\n"
        "<Plugin disk>\nCount 6\nDisk b\n</Plugin>\n");
    const Options& options = configuration.plugins.at(0).options;
    CPPUNIT_ASSERT_EQUAL(std::int64_t{6}, options.integer("Count"));
    CPPUNIT_ASSERT(options.texts("Disk") == (std::vector<std::string>{"a", "b"}));
  }

  void the_interval_counts_for_what_stands_below() {
    auto configuration = read(
        "LoadPlugin cpu\nInterval 5\n<LoadPlugin disk>\nInterval 60\n"
        "FlushInterval 10\n</LoadPlugin>\n");
    CPPUNIT_ASSERT_EQUAL(10.0, seconds(configuration.plugins.at(0).interval));
    CPPUNIT_ASSERT_EQUAL(60.0, seconds(configuration.plugins.at(1).interval));
    CPPUNIT_ASSERT_EQUAL(10.0, seconds(configuration.plugins.at(1).flush_interval));
    CPPUNIT_ASSERT_EQUAL(5.0, seconds(configuration.globals.duration("Interval")));
    CPPUNIT_ASSERT_EQUAL(
        std::string{"f:2:1: warning: Interval stands below the LoadPlugin lines of cpu; those keep "
                    "the interval that was set above them; move Interval up\n"},
        said(configuration));
  }

  void plugins_are_found_without_regard_to_case() {
    auto configuration = read("LoadPlugin CPU\nLoadPlugin cpu\n<Plugin Cpu>\n</Plugin>\n");
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, configuration.plugins.size());
    CPPUNIT_ASSERT_EQUAL(std::string{}, said(configuration));
    CPPUNIT_ASSERT_EQUAL(
        std::string{"f:1:12: error: there is no plugin \"cpuu\"; did you mean \"cpu\"?\n"
                    "f:2:12: error: plugin \"mysql\" is not part of this vitald; the rest runs "
                    "without it\n"
                    "f:3:12: error: plugin \"broken\" cannot be loaded: libx.so: not found\n"
                    "f:4:1: error: LoadPlugin takes exactly one name\n"},
        said(read("LoadPlugin cpuu\nLoadPlugin mysql\nLoadPlugin broken\nLoadPlugin 5\n")));
  }

  void auto_load_plugin_loads() {
    auto configuration = read("AutoLoadPlugin true\n<Plugin disk>\nDisk a\n</Plugin>\n");
    CPPUNIT_ASSERT_EQUAL(std::string{}, said(configuration));
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, configuration.plugins.size());
  }

  void options_of_plugins_that_are_not_loaded_are_named() {
    CPPUNIT_ASSERT_EQUAL(
        std::string{"f:2:1: warning: plugin disk knows no option Dsk; did you mean \"Disk\"?\n"
                    "f:1:9: warning: there are options for plugin \"disk\", but it is not loaded; "
                    "add LoadPlugin disk above it\n"
                    "f:4:12: error: plugin \"mysql\" is not part of this vitald; the rest runs "
                    "without it\n"
                    "f:5:9: warning: there are options for plugin \"mysql\", but it is not loaded; "
                    "without effect: Database (line 6), Host (line 7)\n"},
        said(
            read("<Plugin disk>\nDsk a\n</Plugin>\nLoadPlugin mysql\n<Plugin mysql>\n<Database x>\n"
                 "Host h\n</Database>\n</Plugin>\n")));
  }

  void global_mistakes_are_found() {
    CPPUNIT_ASSERT_EQUAL(
        std::string{"f:1:1: warning: unknown global option Intervall; did you mean \"Interval\"?\n"
                    "f:2:10: error: Interval wants a number of seconds, not \"abc\"\n"
                    "f:3:9: error: Timeout must be at least 2\n"
                    "f:4:2: warning: unknown global block <Pluginn>; did you mean \"Plugin\"? "
                    "without effect: Disk (line 5)\n"},
        said(read("Intervall 5\nInterval abc\nTimeout 1\n<Pluginn disk>\nDisk a\n</Pluginn>\n")));
  }

  void ten_mistakes_are_ten_problems() {
    const auto configuration = read(
        "Intervall 5\nTimeout 1\nLoadPlugin cpuu\nLoadPlugin disk\n<Plugin disk>\nDsk a\n"
        "Flag maybe\nCount 99\nLevel loud\n<Node x>\n</Node>\n</Plugin>\nHostname\npath /x\n");
    CPPUNIT_ASSERT_EQUAL(std::size_t{10}, configuration.problems.size());
    for (const Problem& problem : configuration.problems)
      CPPUNIT_ASSERT(problem.position.line != 0 && !problem.text().empty());
  }

  void equal_options_are_equal_wherever_they_stand() {
    auto a = disk("Disk a\nCount 5\n<Node n>\nNeeded 1\n</Node>\n");
    auto b = disk("# comment\n\nCount 5\n  Disk \"a\"\n<Node \"n\">\nNeeded 1\n</Node>\n");
    auto c = disk("Disk a\nCount 5\n<Node n>\nNeeded 2\n</Node>\n");
    CPPUNIT_ASSERT(a.plugins.at(0).options == b.plugins.at(0).options);
    CPPUNIT_ASSERT(!(a.plugins.at(0).options == c.plugins.at(0).options));
  }

  void statements_know_their_place_where_order_counts() {
    const auto groups = [this](const std::string& text) {
      return read("LoadPlugin groups\n<Plugin groups>\n" + text + "</Plugin>\n");
    };
    const std::string below = "<Plugin groups>\nGroup b\n</Plugin>\n";
    auto first = groups("Group a\nFlag true\n</Plugin>\n" + below + "<Plugin groups>\n");
    CPPUNIT_ASSERT_EQUAL(std::string{}, said(first));
    const Options& options = first.plugins.at(0).options;
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, options.blocks("Group").at(0).place());
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, options.entries("Flag").at(0).place);
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, options.blocks("Group").at(1).place());
    CPPUNIT_ASSERT(options ==
                   groups("\n<Group a>\n</Group>\nFlag true\nGroup b\n").plugins.at(0).options);
    CPPUNIT_ASSERT(!(options == groups("Flag true\nGroup a\nGroup b\n").plugins.at(0).options));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ConfigurationTest);

}  // namespace vital::test

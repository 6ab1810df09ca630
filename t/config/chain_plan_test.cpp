// SPDX-License-Identifier: MIT
#include "config/chain_plan.h"

#include <cppunit/extensions/HelperMacros.h>

#include "config/configuration.h"

namespace vital::test {
namespace {

class Filters final : public Catalog {
 public:
  Filters() {
    regex_.filter().option("Host", Texts{}, "").check_all([](const Options& options) {
      return options.given("Host") ? std::string{} : std::string{"an expression is needed"};
    });
    stop_.filter().built_in();
    write_.filter().built_in().option("Plugin", Texts{}, "");
    jump_.filter().built_in().option("Chain", Unset<std::string>{}, "").required();
  }
  Found find(std::string_view name, const std::vector<std::string>&, bool) override {
    for (PluginDeclaration* plugin : {&regex_, &stop_, &write_, &jump_, &disk_})
      if (plugin->name() == name) return {.plugin = plugin, .why = {}};
    return {};
  }
  std::vector<std::string> names(const std::vector<std::string>&) override {
    return {"match_regex", "target_stop", "target_write", "target_jump", "disk"};
  }

 private:
  PluginDeclaration regex_{"match_regex", ""}, stop_{"target_stop", ""}, write_{"target_write", ""},
      jump_{"target_jump", ""}, disk_{"disk", ""};
};

}  // namespace

class ChainPlanTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ChainPlanTest);
  CPPUNIT_TEST(chains_have_rules_and_targets);
  CPPUNIT_TEST(blocks_of_one_name_are_one_chain);
  CPPUNIT_TEST(matches_are_loaded_when_that_is_asked_for);
  CPPUNIT_TEST(every_mistake_is_found);
  CPPUNIT_TEST(chains_that_lead_nowhere_are_named);
  CPPUNIT_TEST(equal_chains_are_equal_wherever_they_stand);
  CPPUNIT_TEST_SUITE_END();

  Filters catalog_;
  Declaration globals_, load_plugin_;

  Configuration read(const std::string& text) {
    Problems problems;
    const auto statements = load_config_text("f", text, problems);
    CPPUNIT_ASSERT(problems.empty());
    return interpret(statements, globals_, load_plugin_, "/plugins", catalog_);
  }
  std::string said(const std::string& text) {
    std::string lines;
    for (const Problem& problem : read(text).problems) lines += problem.log_line() + "\n";
    return lines;
  }

 public:
  void setUp() override {
    globals_ = Declaration{};
    load_plugin_ = Declaration{};
    declare_globals(globals_, {});
    declare_load_plugin(load_plugin_);
  }

  void chains_have_rules_and_targets() {
    const auto configuration = read(
        "LoadPlugin match_regex\n<Chain \"PreCache\">\n<Rule \"r\">\n<Match \"Regex\">\nHost a\n"
        "</Match>\nTarget \"stop\"\n</Rule>\n<Target \"write\">\nPlugin "
        "csv\n</Target>\n</Chain>\n");
    CPPUNIT_ASSERT(configuration.problems.empty());
    const ChainPlan& chain = configuration.chains.at(0);
    CPPUNIT_ASSERT_EQUAL(std::string{"r"}, chain.rules.at(0).name);
    CPPUNIT_ASSERT_EQUAL(std::string{"match_regex"},
                         chain.rules.at(0).matches.at(0).plugin->name());
    CPPUNIT_ASSERT_EQUAL(std::string{"a"},
                         chain.rules.at(0).matches.at(0).options.texts("Host").at(0));
    CPPUNIT_ASSERT_EQUAL(std::string{"target_stop"},
                         chain.rules.at(0).targets.at(0).plugin->name());
    CPPUNIT_ASSERT_EQUAL(std::string{"csv"}, chain.targets.at(0).options.texts("Plugin").at(0));
  }

  void blocks_of_one_name_are_one_chain() {
    const auto configuration = read(
        "<Chain PreCache>\n<Rule>\nTarget stop\n</Rule>\n</Chain>\n<Chain precache>\n<Rule>\n"
        "Target stop\n</Rule>\nTarget write\n</Chain>\n");
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, configuration.chains.size());
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, configuration.chains[0].rules.size());
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, configuration.chains[0].targets.size());
  }

  void matches_are_loaded_when_that_is_asked_for() {
    const std::string chain =
        "<Chain PreCache>\n<Rule>\n<Match regex>\nHost a\n</Match>\nTarget stop\n</Rule>\n"
        "</Chain>\n";
    CPPUNIT_ASSERT_EQUAL(
        std::string{"f:3:8: error: \"match_regex\" is not loaded; add LoadPlugin match_regex above "
                    "the chain, or AutoLoadPlugin true\n"},
        said(chain));
    CPPUNIT_ASSERT_EQUAL(std::string{}, said("AutoLoadPlugin true\n" + chain));
    CPPUNIT_ASSERT_EQUAL(std::string{}, said("LoadPlugin match_regex\n" + chain));
    const auto configuration = read(chain);
    CPPUNIT_ASSERT(!configuration.problems.any_fatal());
    CPPUNIT_ASSERT(configuration.chains.at(0).rules.empty());
  }

  void every_mistake_is_found() {
    CPPUNIT_ASSERT_EQUAL(
        std::string{
            "f:2:2: error: a Chain block takes exactly one name; <Chain \"PostCache\">\n"
            "f:6:1: error: a chain has rules and targets, and nothing that is called Rul; did you "
            "mean \"Rule\"?\n"
            "f:9:1: error: match regex knows no option Hst; did you mean \"Host\"?\n"
            "f:8:2: error: match regex: an expression is needed\n"
            "f:11:8: error: there is no plugin \"target_stopp\"; did you mean \"target_stop\"?\n"
            "f:11:8: error: the rule or target is left out\n"
            "f:14:2: error: match regex: an expression is needed\n"
            "f:18:2: error: the rule has no target; Target \"stop\", for example\n"
            "f:23:2: error: target jump needs the option Chain\n"},
        said("LoadPlugin match_regex\n<Chain>\nTarget write\n</Chain>\n<Chain PreCache>\n"
             "Rul x\n<Rule>\n<Match regex>\nHst a\n</Match>\nTarget stopp\n</Rule>\n"
             "<Rule>\n<Match regex>\n</Match>\nTarget stop\n</Rule>\n<Rule x>\n<Match regex>\n"
             "Host a\n</Match>\n</Rule>\n<Target jump>\n</Target>\n</Chain>\n"));
  }

  void chains_that_lead_nowhere_are_named() {
    const auto jump = [](const std::string& from, const std::string& to) {
      return "<Chain " + from + ">\n<Target jump>\nChain " + to + "\n</Target>\n</Chain>\n";
    };
    CPPUNIT_ASSERT_EQUAL(
        std::string{"f:3:1: warning: there is no chain sbu; did you mean \"sub\"?\n"
                    "f:6:2: warning: nothing jumps to chain sub; it has no effect\n"},
        said(jump("PreCache", "sbu") + "<Chain sub>\nTarget write\n</Chain>\n"));
    CPPUNIT_ASSERT_EQUAL(
        std::string{"f:1:2: fatal: the jumps of chain PreCache lead in a circle\n"},
        said(jump("PreCache", "sub") + jump("sub", "precache")));
    CPPUNIT_ASSERT_EQUAL(
        std::string{"f:1:2: warning: no target of any chain is \"write\"; with a chain PostCache "
                    "nothing is written then; add Target \"write\" at its end\n"},
        said("<Chain PostCache>\n<Rule>\nTarget stop\n</Rule>\n</Chain>\n"));
    CPPUNIT_ASSERT_EQUAL(
        std::string{"f:1:2: warning: nothing jumps to chain PostCahce; did you mean "
                    "\"PostCache\"?\n"},
        said("<Chain PostCahce>\nTarget write\n</Chain>\n"));
    CPPUNIT_ASSERT_EQUAL(std::string{"f:1:2: warning: the chain PostCache is empty; it has no "
                                     "effect\n"},
                         said("<Chain PostCache>\n</Chain>\n"));
  }

  void equal_chains_are_equal_wherever_they_stand() {
    const auto chain = [this](const std::string& host, const std::string& before) {
      return read("LoadPlugin match_regex\n" + before +
                  "<Chain PreCache>\n<Rule>\n<Match regex>\nHost " + host +
                  "\n</Match>\nTarget stop\n</Rule>\n</Chain>\n")
          .chains.at(0);
    };
    CPPUNIT_ASSERT(chain("a", "") == chain("a", "\n# further down\n"));
    CPPUNIT_ASSERT(!(chain("a", "") == chain("b", "")));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ChainPlanTest);

}  // namespace vital::test

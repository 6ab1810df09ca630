// SPDX-License-Identifier: MIT
#include <vector>

#include "lib/expression.h"
#include "plugin/plugin.h"

namespace vital::match_regex {
namespace {

using Part = std::string_view (SeriesInfo::*)() const noexcept;
struct Option {
  const char* name;
  Part part;
};
constexpr Option kOptions[] = {{"Host", &SeriesInfo::host},
                               {"Plugin", &SeriesInfo::plugin},
                               {"PluginInstance", &SeriesInfo::plugin_instance},
                               {"Type", &SeriesInfo::type_name},
                               {"TypeInstance", &SeriesInfo::type_instance}};

std::string check_expression(const std::vector<Argument>& arguments) {
  return Expression::complaint(arguments.back().text);
}

}  // namespace

/// Matches by the parts of the identifier, and by meta data.
class RegexMatch final : public Match {
 public:
  explicit RegexMatch(const FilterSetup& setup) : inverted_{setup.options.flag("Invert")} {
    for (const Option& option : kOptions)
      for (const std::string& text : setup.options.texts(option.name))
        parts_.push_back({option.part, *Expression::make(text)});
    for (const Options::Entry& entry : setup.options.entries("MetaData"))
      meta_.push_back({entry.text(0), *Expression::make(entry.text(1))});
  }

  bool by_name() const noexcept override { return meta_.empty(); }

  Result<bool> matches(const Passage& value) noexcept override {
    return all_match(value) != inverted_;
  }

 private:
  struct OfPart {
    Part part;
    Expression expression;
  };
  struct OfMeta {
    std::string key;
    Expression expression;
  };

  bool all_match(const Passage& value) const noexcept {
    for (const OfPart& one : parts_)
      if (!one.expression.matches((value.series().*one.part)())) return false;
    for (const OfMeta& one : meta_) {
      const Meta* const meta = value.sample().meta;
      const MetaValue* const found = meta == nullptr ? nullptr : meta->find(one.key);
      if (found == nullptr || !one.expression.matches(to_text(*found))) return false;
    }
    return true;
  }

  std::vector<OfPart> parts_;
  std::vector<OfMeta> meta_;
  const bool inverted_;
};

}  // namespace vital::match_regex

extern "C" void vital_register(vital::Registry& registry) {
  using namespace vital;
  using namespace vital::match_regex;
  const auto expression = [](Declaration& options, const char* name, const char* help) {
    options.option(name, Texts{}, help).check(check_expression).called("REGEX");
  };
  PluginDeclaration& match = registry.match<RegexMatch>(
      "match_regex", "Matches values by their names, with regular expressions.");
  match.note(
      "Expressions are POSIX extended ones; they are not anchored and mind upper and lower "
      "case. All that are given must match, those of one part as well when there are several. "
      "They are matched in time that grows with the name alone, so that no name from the "
      "network can hold up the daemon; back-references are refused for that.");
  expression(match, "Host", "What the host must match.");
  match.alias("Hostname", "collectd 5");
  expression(match, "Plugin", "What the plugin must match.");
  expression(match, "PluginInstance", "What the plugin instance must match.");
  expression(match, "Type", "What the type must match.");
  expression(match, "TypeInstance", "What the type instance must match.");
  match
      .option("MetaData", Texts{},
              "What a datum of that name must match. Values without it do not match; what is not a "
              "string is looked at as text.")
      .arguments(2)
      .check(check_expression)
      .called("KEY REGEX")
      .option("Invert", false, "Match what would not match else.")
      .check_all([](const Options& options) {
        for (const char* name :
             {"Host", "Plugin", "PluginInstance", "Type", "TypeInstance", "MetaData"})
          if (options.given(name)) return std::string{};
        return std::string{"at least one expression is needed"};
      });
}

// SPDX-License-Identifier: MIT
#include <array>

#include "lib/expression.h"
#include "pipeline/renames.h"
#include "plugin/plugin.h"

namespace vital::target_replace {
namespace {

struct Field {
  const char* option;
  std::string_view Identifier::*part;
  bool may_be_empty;
};
constexpr std::array<Field, 4> kFields{{{"Host", &Identifier::host, false},
                                        {"Plugin", &Identifier::plugin, false},
                                        {"PluginInstance", &Identifier::plugin_instance, true},
                                        {"TypeInstance", &Identifier::type_instance, true}}};

struct Replacement {
  Expression expression;
  std::string text;

  /// Replaces the first part that matches.
  void apply(std::string& subject) const {
    std::string_view part;
    if (!expression.find(subject, part)) return;
    subject.replace(static_cast<std::size_t>(part.data() - subject.data()), part.size(), text);
  }
};

std::string check_first(const std::vector<Argument>& arguments) {
  return Expression::complaint(arguments[0].text);
}
std::string check_second(const std::vector<Argument>& arguments) {
  return Expression::complaint(arguments[1].text);
}

}  // namespace

/// Replaces parts of names and of meta data. Each replacement works on what the one before left.
class ReplaceTarget final : public Target {
 public:
  explicit ReplaceTarget(const FilterSetup& setup) : log_{setup.log}, renames_{setup.series} {
    for (std::size_t i = 0; i < kFields.size(); ++i)
      for (const Options::Entry& entry : setup.options.entries(kFields[i].option)) {
        replacements_[i].push_back({*Expression::make(entry.text(0)), entry.text(1)});
        renames_any_ = true;
      }
    for (const Options::Entry& entry : setup.options.entries("MetaData"))
      meta_.push_back({entry.text(0), {*Expression::make(entry.text(1)), entry.text(2)}});
    for (const Options::Entry& entry : setup.options.entries("DeleteMetaData"))
      deletions_.push_back({entry.text(0), *Expression::make(entry.text(1))});
  }

  Result<Next> apply(Passage& value) noexcept override {
    if (!meta_.empty() || !deletions_.empty()) change_meta(value);
    if (!renames_any_) return Next::proceed;
    const auto renamed =
        renames_.of(value.series(), [this](Identifier& identifier) { make(identifier); });
    if (!renamed) return renamed.error();
    if (*renamed != &value.series()) value.rename(**renamed);
    return Next::proceed;
  }

  void forget(bool all) noexcept override { renames_.forget(all); }

 private:
  struct OfMeta {
    std::string key;
    Replacement replacement;
  };
  struct Deletion {
    std::string key;
    Expression expression;
  };

  void make(Identifier& identifier) {
    for (std::size_t i = 0; i < kFields.size(); ++i) {
      if (replacements_[i].empty()) continue;
      made_[i] = identifier.*kFields[i].part;
      for (const Replacement& replacement : replacements_[i]) {
        std::string before = made_[i];
        replacement.apply(made_[i]);
        if (!made_[i].empty() || kFields[i].may_be_empty) continue;
        log_.warning("replace: ", std::string_view{kFields[i].option}, " \"",
                     std::string_view{before}, "\" would become empty; it is left as it was");
        made_[i] = std::move(before);
      }
      identifier.*kFields[i].part = made_[i];
    }
  }

  /// Only what is a string is touched.
  void change_meta(Passage& value) {
    const Meta* const before = value.sample().meta;
    if (before == nullptr) return;
    auto meta = std::make_shared<Meta>(*before);
    for (const OfMeta& one : meta_) {
      const MetaValue* const found = meta->find(one.key);
      if (found == nullptr || !std::holds_alternative<std::string>(*found)) continue;
      std::string text = std::get<std::string>(*found);
      one.replacement.apply(text);
      meta->set(one.key, std::move(text));
    }
    for (const Deletion& one : deletions_) {
      const MetaValue* const found = meta->find(one.key);
      if (found == nullptr || !std::holds_alternative<std::string>(*found)) continue;
      if (one.expression.matches(std::get<std::string>(*found))) meta->remove(one.key);
    }
    value.change_meta(meta->empty() ? nullptr : std::move(meta));
  }

  const Log log_;
  Renames renames_;
  std::array<std::vector<Replacement>, kFields.size()> replacements_;
  std::array<std::string, kFields.size()> made_;
  bool renames_any_ = false;
  std::vector<OfMeta> meta_;
  std::vector<Deletion> deletions_;
};

}  // namespace vital::target_replace

extern "C" void vital_register(vital::Registry& registry) {
  using namespace vital;
  using namespace vital::target_replace;
  PluginDeclaration& target = registry.target<ReplaceTarget>(
      "target_replace", "Replaces parts of names and of meta data, by regular expressions.");
  const auto part = [&](const char* name, const char* help) -> Declaration& {
    return target.option(name, Texts{}, help)
        .arguments(2)
        .check(check_first)
        .called("REGEX REPLACEMENT");
  };
  target.note(
      "Expressions are POSIX extended ones. Each option replaces the first part that matches; it "
      "may stand several times, and each works on what the one above left. The replacement is "
      "taken literally.");
  part("Host", "In the host. It cannot become empty.").alias("Hostname", "collectd 5");
  part("Plugin", "In the plugin. It cannot become empty.");
  part("PluginInstance", "In the plugin instance.");
  part("TypeInstance", "In the type instance.");
  target.option("MetaData", Texts{}, "In a datum that is a string.")
      .arguments(3)
      .check(check_second)
      .called("KEY REGEX REPLACEMENT")
      .option("DeleteMetaData", Texts{}, "Takes a datum away that is a string and matches.")
      .arguments(2)
      .check(check_second)
      .called("KEY REGEX")
      .check_all([](const Options& options) {
        for (const char* name :
             {"Host", "Plugin", "PluginInstance", "TypeInstance", "MetaData", "DeleteMetaData"})
          if (options.given(name)) return std::string{};
        return std::string{"at least one option is needed"};
      });
}

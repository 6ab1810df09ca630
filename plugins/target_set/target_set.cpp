// SPDX-License-Identifier: MIT
#include <array>
#include <optional>

#include "lib/placeholders.h"
#include "pipeline/renames.h"
#include "plugin/plugin.h"

namespace vital::target_set {
namespace {

struct Field {
  const char* option;
  std::string_view Identifier::*part;
};
constexpr std::array<Field, 4> kFields{{{"Host", &Identifier::host},
                                        {"Plugin", &Identifier::plugin},
                                        {"PluginInstance", &Identifier::plugin_instance},
                                        {"TypeInstance", &Identifier::type_instance}}};

bool needs_meta(std::string_view text) noexcept {
  return text.find("%{meta:") != std::string_view::npos;
}

std::string check_filled(const std::vector<Argument>& arguments) {
  return arguments[0].text.empty() ? "must not be empty" : "";
}

}  // namespace

/// Gives values other names and meta data. What the texts refer to is the value as it came.
class SetTarget final : public Target {
 public:
  explicit SetTarget(const FilterSetup& setup) : table_{setup.series}, renames_{setup.series} {
    for (std::size_t i = 0; i < kFields.size(); ++i) {
      if (!setup.options.given(kFields[i].option)) continue;
      texts_[i] = setup.options.text(kFields[i].option);
      renames_any_ = true;
      by_meta_ = by_meta_ || needs_meta(*texts_[i]);
    }
    for (const Options::Entry& entry : setup.options.entries("MetaData"))
      meta_.emplace_back(entry.text(0), entry.text(1));
    deleted_ = setup.options.texts("DeleteMetaData");
  }

  Result<Next> apply(Passage& value) noexcept override {
    const SeriesInfo& before = value.series();
    const Meta* const meta = value.sample().meta;
    SeriesInfo* renamed = nullptr;
    if (renames_any_) {
      const auto result = by_meta_ ? name_now(before, meta) : name_once(before);
      if (!result) return result.error();
      renamed = *result;
    }
    if (!meta_.empty() || !deleted_.empty()) change_meta(value, before.identifier(), meta);
    if (renamed != nullptr && renamed != &before) value.rename(*renamed);
    return Next::proceed;
  }

  void forget(bool all) noexcept override { renames_.forget(all); }

 private:
  static std::string filled(std::string_view text, const Identifier& id, const Meta* meta) {
    return with_placeholders(text, [&](std::string_view name, std::string& out) {
      if (append_part(name, id, out)) return true;
      constexpr std::string_view kPrefix = "meta:";
      if (!name.starts_with(kPrefix) || meta == nullptr) return false;
      const MetaValue* const found = meta->find(name.substr(kPrefix.size()));
      if (found == nullptr) return false;
      out += to_text(*found);
      return true;
    });
  }

  void make(Identifier& id, const Meta* meta) {
    const Identifier before = id;
    for (std::size_t i = 0; i < kFields.size(); ++i) {
      if (!texts_[i]) continue;
      made_[i] = filled(*texts_[i], before, meta);
      id.*kFields[i].part = made_[i];
    }
  }

  Result<SeriesInfo*> name_once(const SeriesInfo& series) {
    return renames_.of(series, [this](Identifier& id) { make(id, nullptr); });
  }

  Result<SeriesInfo*> name_now(const SeriesInfo& series, const Meta* meta) {
    Identifier id = series.identifier();
    make(id, meta);
    const auto renamed = table_.intern(id, series.type(), series.labels());
    if (!renamed) return renamed.error();
    return renamed->get();
  }

  void change_meta(Passage& value, const Identifier& id, const Meta* before) {
    auto meta = before == nullptr ? std::make_shared<Meta>() : std::make_shared<Meta>(*before);
    for (const auto& [key, text] : meta_) meta->set(key, filled(text, id, before));
    for (const std::string& key : deleted_) meta->remove(key);
    value.change_meta(meta->empty() ? nullptr : std::move(meta));
  }

  SeriesTable& table_;
  Renames renames_;
  std::array<std::optional<std::string>, kFields.size()> texts_;
  std::array<std::string, kFields.size()> made_;
  bool renames_any_ = false, by_meta_ = false;
  std::vector<std::pair<std::string, std::string>> meta_;
  std::vector<std::string> deleted_;
};

}  // namespace vital::target_set

extern "C" void vital_register(vital::Registry& registry) {
  using namespace vital;
  registry.target<target_set::SetTarget>("target_set", "Gives values other names and meta data.")
      .note(
          "In all texts %{host}, %{plugin}, %{plugin_instance}, %{type}, %{type_instance} and "
          "%{meta:KEY} stand for what the value had before.")
      .option("Host", Unset<std::string>{}, "The host from now on.")
      .alias("Hostname", "collectd 5")
      .check(target_set::check_filled)
      .option("Plugin", Unset<std::string>{}, "The plugin from now on.")
      .check(target_set::check_filled)
      .option("PluginInstance", Unset<std::string>{}, "The plugin instance; may be empty.")
      .option("TypeInstance", Unset<std::string>{}, "The type instance; may be empty.")
      .option("MetaData", Texts{}, "Sets a datum to a text.")
      .arguments(2)
      .called("KEY TEXT")
      .option("DeleteMetaData", Texts{}, "Takes a datum away.")
      .called("KEY")
      .check_all([](const Options& options) {
        for (const char* name :
             {"Host", "Plugin", "PluginInstance", "TypeInstance", "MetaData", "DeleteMetaData"})
          if (options.given(name)) {
            for (const Options::Entry& entry : options.entries("MetaData"))
              for (const std::string& key : options.texts("DeleteMetaData"))
                if (entry.text(0) == key) return "the datum " + key + " is both set and deleted";
            return std::string{};
          }
        return std::string{"at least one option is needed"};
      });
}

// SPDX-License-Identifier: MIT
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "plugin/registry.h"

namespace vital {

/// Finds modules by the names of their plugins and loads them, once each. A module stays loaded
/// until the loader goes.
///
/// Threads  one
class Loader final : public Catalog {
 public:
  Loader();
  ~Loader() override;

  /// Adds plugins that are part of the program itself.
  void add_built_in(Registry& registry);

  Found find(std::string_view name, const std::vector<std::string>& directories,
             bool global_symbols) override;
  std::vector<std::string> names(const std::vector<std::string>& directories) override;

  /// The file that the plugin came from; empty: it is part of the program itself.
  const std::string& file_of(const PluginDeclaration& plugin) const noexcept;

  /// Makes the plugin; what it offers it adds through the setup. Throws SetupError, ConfigError.
  std::shared_ptr<void> make(const PluginDeclaration& plugin, Setup& setup) const;
  /// A match or target of a chain. Throws ConfigError.
  std::unique_ptr<Match> make_match(const FilterPlan& plan, const FilterSetup& setup) const;
  std::unique_ptr<Target> make_target(const FilterPlan& plan, const FilterSetup& setup) const;

 private:
  struct Module;

  Found find_in(std::string_view module, std::string_view name,
                const std::vector<std::string>& directories, bool global_symbols);
  Found load(const std::string& path, std::string_view name, bool global_symbols);
  const Registry::Entry* known(std::string_view name) const noexcept;

  std::vector<std::unique_ptr<Module>> modules_;
  std::map<std::string, std::string> failed_;  // path: why
};

}  // namespace vital

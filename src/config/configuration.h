// SPDX-License-Identifier: MIT
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "config/chain_plan.h"
#include "config/globals.h"
#include "config/options.h"
#include "config/problem.h"

namespace vital {

/// Finds what plugins declare. Implemented by whoever can load them.
class Catalog {
 public:
  /// How a search ended.
  struct Found {
    const PluginDeclaration* plugin = nullptr;  // nullptr: it did not
    bool exists = false;                        // there is such a plugin, but it cannot be loaded
    std::string why;                            // then: the loader's words
  };

  virtual ~Catalog() = default;
  /// Looks in the directories, in their order. Names are compared without regard to case.
  virtual Found find(std::string_view name, const std::vector<std::string>& directories,
                     bool global_symbols) = 0;
  /// Every plugin that could be found there, for suggestions.
  virtual std::vector<std::string> names(const std::vector<std::string>& directories) = 0;
};

/// A plugin that the configuration wants to run, with its checked options.
struct PluginPlan {
  const PluginDeclaration* plugin = nullptr;
  Position position;  // of its LoadPlugin line, or of what loaded it
  Span interval{};
  Span flush_interval{}, flush_timeout{};  // zero interval: never
  Options options;
  bool global_symbols = false;
  bool isolated = false;                // runs in a process of its own
  std::uint64_t memory_limit = 0;       // of that process, in bytes; 0: none
  Span read_timeout{};                  // how long its reads may take; zero: as the plugin declares
  std::vector<Statement> statements{};  // what the options were made from, when it is isolated
  bool usable = true;  // false: a value could not be understood, so it must not run

  const std::string& name() const noexcept { return plugin->name(); }
};

/// A checked configuration: what is to run, and how.
struct Configuration {
  Options globals;
  std::vector<PluginPlan> plugins;
  std::vector<ChainPlan> chains;
  Problems problems;

  PluginPlan* find(std::string_view name) noexcept;
};

/// Reads statements into a configuration. All mistakes are found in one go.
///
/// Threads  one; the declarations it is given must outlive the configuration
Configuration interpret(const std::vector<Statement>& statements, const Declaration& globals,
                        const Declaration& load_plugin, const std::string& plugin_dir,
                        Catalog& catalog);

/// Whether collectd 5.12 has a plugin of that name, whatever this build has.
bool is_collectd_plugin(std::string_view name) noexcept;

}  // namespace vital

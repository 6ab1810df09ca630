// SPDX-License-Identifier: MIT
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "config/configuration.h"
#include "config/difference.h"
#include "model/types.h"

namespace vital {

/// What becomes of one plugin.
struct PluginChange {
  enum class Kind : std::uint8_t { kept, added, removed, changed };

  Kind kind = Kind::kept;
  std::string name;
  std::vector<Difference> options;  // of a changed one
  std::string why;                  // changed although its own options are the same
};

/// A global option that differs.
struct GlobalChange {
  Difference difference;
  bool needs_restart = false;
};

/// What it means for the running daemon that another configuration takes the place of its own. A
/// plan alone: nothing is done by it.
struct Change {
  std::vector<PluginChange> plugins;  // those that are removed stand last
  std::vector<GlobalChange> globals;
  TypesDifference types;

  /// Nothing would change.
  bool empty() const noexcept;
  const PluginChange* find(std::string_view plugin) const noexcept;
  /// For a person: "+ plugin NAME", "- plugin NAME", "~ plugin NAME" with what changed in it below.
  std::vector<std::string> lines() const;
};

/// What a plugin does, as far as a change of something else concerns it.
struct PluginTraits {
  bool holds_series = false;         // readers and services: those that name series of their types
  bool has_journal_default = false;  // the global <Journal> counts for one of its writers
};

/// Compares two checked configurations. Plugins that cannot be used count as not wanted. `traits`
/// tells of those that run.
Change compare(const Configuration& running, const Configuration& wanted,
               const TypesDifference& types,
               const std::function<PluginTraits(std::string_view plugin)>& traits);

/// The problems that speak against taking over `wanted`: what keeps something from running, unless
/// the running configuration has the same one. With `strict` every problem counts.
std::vector<const Problem*> objections(const Problems& running, const Problems& wanted,
                                       bool strict);

}  // namespace vital

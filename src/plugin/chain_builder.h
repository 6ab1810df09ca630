// SPDX-License-Identifier: MIT
#pragma once
#include "pipeline/chain.h"
#include "plugin/loader.h"

namespace vital {

/// What chains are built with, beside their plans.
struct ChainParts {
  const Loader& loader;
  const Clock& clock;
  const Types& types;
  SeriesTable& series;
  Router& router;
  const Log& log;
};

/// Builds chains; nullptr: there are none that values come to.
///
/// Errors  throws ConfigError: an option turned out to be wrong
std::unique_ptr<Chains> build_chains(const std::vector<ChainPlan>& plans,
                                     const std::string& before_cache,
                                     const std::string& behind_cache, const ChainParts& parts);

/// Registers the targets that are part of the daemon: jump, stop, return, write.
void register_built_in_targets(Registry& registry);

}  // namespace vital

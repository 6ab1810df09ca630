// SPDX-License-Identifier: MIT
#include "daemon/filter_chains.h"

#include <algorithm>

#include "base/strings.h"
#include "plugin/chain_builder.h"

namespace vital {
namespace {

const ChainPlan* find(const std::vector<ChainPlan>& chains, const std::string& name) {
  const auto found = std::find_if(chains.begin(), chains.end(), [&](const ChainPlan& chain) {
    return iequals(chain.name, name);
  });
  return found == chains.end() ? nullptr : &*found;
}

}  // namespace

FilterChains::Plans::Plans(const Configuration& configuration)
    : chains{configuration.chains},
      before_cache{configuration.globals.text("PreCacheChain")},
      behind_cache{configuration.globals.text("PostCacheChain")} {}

FilterChains::FilterChains(Pipeline& pipeline, const Loader& loader, const Clock& clock,
                           const Types& types, SeriesTable& series, Log log)
    : pipeline_{pipeline},
      loader_{loader},
      clock_{clock},
      types_{types},
      series_{series},
      log_{std::move(log)} {}

void FilterChains::build(const Plans& plans) {
  pipeline_.use([&](Router& router) {
    return build_chains(plans.chains, plans.before_cache, plans.behind_cache,
                        {loader_, clock_, types_, series_, router, log_});
  });
}

void FilterChains::use(const Configuration& configuration) { build(Plans{configuration}); }

std::vector<std::string> FilterChains::differences(const Configuration& running,
                                                   const Configuration& wanted) const {
  std::vector<std::string> lines;
  for (const ChainPlan& chain : wanted.chains) {
    const ChainPlan* const before = find(running.chains, chain.name);
    if (before == nullptr)
      lines.push_back("+ chain " + chain.name);
    else if (!(*before == chain))
      lines.push_back("~ chain " + chain.name);
  }
  for (const ChainPlan& chain : running.chains)
    if (find(wanted.chains, chain.name) == nullptr) lines.push_back("- chain " + chain.name);
  return lines;
}

void FilterChains::prepare(const Configuration& running, const Configuration& wanted) {
  auto plans = std::make_unique<Plans>(wanted);
  if (!(*plans == Plans{running})) wanted_ = std::move(plans);
}

std::vector<std::string> FilterChains::commit() {
  const auto plans = std::exchange(wanted_, nullptr);
  if (!plans) return {};
  try {
    build(*plans);
  } catch (const ConfigError& error) {
    return {"the filter chains stay as they were: " + std::string{error.what()}};
  }
  return {};
}

}  // namespace vital

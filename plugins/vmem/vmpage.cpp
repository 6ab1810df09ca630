// SPDX-License-Identifier: MIT
#include "vmem/vmpage.h"

#include <iterator>

namespace vital::vmem {
namespace {

/// What begins like this and goes on with a zone. Of two that fit the first counts.
struct Zoned {
  std::string_view prefix, instance;
};
constexpr Zoned kZoned[] = {
    {"pgalloc_", "alloc"},
    {"pgrefill_", "refill"},
    {"pgsteal_kswapd_", "steal_kswapd"},
    {"pgsteal_direct_", "steal_direct"},
    {"pgsteal_", "steal"},
    {"pgscan_kswapd_", "scan_kswapd"},
    {"pgscan_direct_", "scan_direct"},
};

constexpr std::string_view kNumber = "nr_", kPage = "pg";

Vmpage action(std::string_view instance, std::string_view zone = {}) noexcept {
  return {.kind = Vmpage::Kind::action, .zone = zone, .instance = instance};
}

}  // namespace

Vmpage classify(std::string_view name, bool verbose) noexcept {
  if (name.starts_with(kNumber)) {
    const std::string_view instance = name.substr(kNumber.size());
    if (instance == "dirtied" || instance == "written")  // these only grow
      return action(instance);
    return {.kind = Vmpage::Kind::number, .instance = instance};
  }
  for (std::size_t pair = 0; pair < std::size(kPairs); ++pair)
    for (std::size_t side = 0; side < 2; ++side)
      if (name == kPairs[pair].names[side])
        return {.kind = Vmpage::Kind::pair, .pair = pair, .side = side};
  if (!verbose) return {};
  for (const Zoned& zoned : kZoned)
    if (name.starts_with(zoned.prefix))
      return action(zoned.instance, name.substr(zoned.prefix.size()));
  if (name == "pgfree" || name == "pgactivate" || name == "pgdeactivate")
    return action(name.substr(kPage.size()));
  return {};
}

}  // namespace vital::vmem

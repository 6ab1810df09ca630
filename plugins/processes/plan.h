// SPDX-License-Identifier: MIT
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "config/options.h"

namespace vital::processes {

/// What costs reads of its own and is only collected on request.
struct Extras {
  bool switches = false, delays = false, descriptors = false, maps = false;

  Extras& operator|=(const Extras& other) noexcept;
};

/// Which processes count together, and what is wanted of them.
struct GroupPlan {
  std::string name;
  std::optional<std::string> expression;  // for the command line; none: the name is the process's
  Extras wanted;
};

/// Declares Process, ProcessMatch and what is collected on request.
void declare_groups(Declaration& declaration);

/// Whether delays are wanted of any group: of those the kernel tells only the privileged.
bool wants_delays(const Options& options);

/// The groups in the order of the configuration. What is collected on request is asked for in a
/// group's block, or anywhere above it for all that follow. A name that was used before is logged
/// and left out, as is said of one that no process can have.
std::vector<GroupPlan> plan_groups(const Options& options, const Log& log);

}  // namespace vital::processes

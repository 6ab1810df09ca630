// SPDX-License-Identifier: MIT
#pragma once
#include <string>

#include "base/children.h"
#include "config/problem.h"
#include "pipeline/pipeline.h"
#include "scheduler/scheduler.h"

namespace vital {

/// What the daemon costs its host, as the kernel counts it.
///
/// Source  getrusage(2), /proc/self/statm, /proc/self/fd
struct OwnUsage {
  double user_seconds = 0, system_seconds = 0;
  std::uint64_t wakeups = 0;  // times that one of its threads gave up the CPU and came back
  std::uint64_t preemptions = 0;
  std::uint64_t resident_bytes = 0, anonymous_bytes = 0;
  std::uint64_t threads = 0, descriptors = 0;
};

OwnUsage own_usage();

/// The answer to STATUS: a counted head line, then one line for each part, as "kind name key=value
/// ...", which vitalctl makes a table of. Values with blanks are quoted. What reads cost is weighed
/// anew after it, for the next one who asks.
std::string status_reply(const std::string& host, Time started, Time now,
                         const Scheduler& scheduler, const Pipeline& pipeline,
                         const Children& children, const Problems& problems);

/// The answer to RESTART: starts the processes of that name anew.
std::string restart_reply(Children& children, std::string_view name);

}  // namespace vital

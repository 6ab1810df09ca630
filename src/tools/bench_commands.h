// SPDX-License-Identifier: MIT
#pragma once
#include <atomic>

#include "tools/bench_options.h"

namespace vital::bench {

/// The commands of vital-bench. Each runs until its time is over or somebody ended it, then prints
/// what was done.
///
/// Returns  the exit status
/// Errors   throws BenchError
int send(const BenchOptions& options, const std::atomic<bool>& ended);
int receive(const BenchOptions& options, const std::atomic<bool>& ended);
int flood(const BenchOptions& options, const std::atomic<bool>& ended);

}  // namespace vital::bench

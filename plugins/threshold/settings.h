// SPDX-License-Identifier: MIT
#pragma once
#include <vector>

#include "config/options.h"
#include "pipeline/threshold.h"

namespace vital::threshold {

/// Declares the options of the plugin: blocks in blocks, each threshold a <Type> block.
void declare(Declaration& options);

/// The thresholds that the options say, in their order.
///
/// Errors   throws ConfigError
std::vector<Threshold> thresholds_of(const Options& options);

}  // namespace vital::threshold

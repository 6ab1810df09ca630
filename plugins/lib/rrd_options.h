// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <vector>

#include "config/declaration.h"
#include "config/options.h"
#include "lib/rrd_layout.h"

namespace vital::rrdtool {

// The options that everything has that makes RRD files.

/// StepSize, HeartBeat, RRARows, RRATimespan and XFF. `heartbeat`: what HeartBeat does, for the
/// manual.
void declare_layout(Declaration& options, std::string_view heartbeat);
/// What they say; the timespans as they were written.
LayoutOptions layout_options(const Options& options);

/// What is wrong with a DataDir, if anything is.
std::string check_data_directory(const std::vector<Argument>& arguments);
/// DataDir without slashes at its end.
std::string data_directory(const Options& options);

}  // namespace vital::rrdtool

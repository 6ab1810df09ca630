// SPDX-License-Identifier: MIT
#pragma once
#include "base/setting.h"
#include "pipeline/pipeline.h"
#include "plugin/registry.h"
#include "scheduler/scheduler.h"

namespace vital {

/// What the daemon's own plugin asks about; filled in before plugins are made.
struct SelfSources {
  const Scheduler* scheduler = nullptr;
  const Pipeline* pipeline = nullptr;
  Setting<bool> as_collectd{
      false};  // also under the names that collectd's CollectInternalStats has
};

/// Registers the plugin "vitald", which is part of the daemon: its own numbers as series.
/// `sources` must outlive the registry's plugins.
void register_self(Registry& registry, const SelfSources& sources);

}  // namespace vital

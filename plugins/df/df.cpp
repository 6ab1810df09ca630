// SPDX-License-Identifier: MIT
#include "df/df_reader.h"
#include "plugin/plugin.h"

extern "C" void vital_register(vital::Registry& registry) {
  vital::df::declare_options(
      registry.reader<vital::df::DfReader>("df", "How full file systems are."));
}

// SPDX-License-Identifier: MIT
#include <linux/capability.h>

#include "df/df_reader.h"
#include "plugin/plugin.h"

extern "C" void vital_register(vital::Registry& registry) {
  vital::df::declare_options(
      registry
          .reader<vital::df::DfReader>("df", "How full file systems are.")
          // Mounts below directories that only their owner may pass: of containers, of users.
          .needs_capability(CAP_DAC_READ_SEARCH));
}

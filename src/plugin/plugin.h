// SPDX-License-Identifier: MIT
#pragma once
#include "base/kernel_file.h"
#include "base/trouble.h"
#include "pipeline/ledger.h"
#include "plugin/registry.h"

/// The number of the interface between vitald and its plugins. It goes up with every change that
/// an old binary would stumble over; vitald refuses a module that was built for another one.
#define VITAL_PLUGIN_ABI 1

/// Every module defines this. The symbol bears the interface's number.
extern "C" [[gnu::visibility("default")]] void vital_register(vital::Registry& registry) __asm__(
    "vital_register_abi_1");

// SPDX-License-Identifier: MIT
#pragma once
#include "config/declaration.h"

namespace vital {

/// Where this build keeps things; configure decides.
struct Places {
  std::string config_file;  // what -C defaults to
  std::string state_dir;    // BaseDir
  std::string pid_file;     // PIDFile
  std::string run_dir;      // where the control socket stands
  std::string plugin_dir;   // where LoadPlugin looks
  std::string types_db;     // read when no TypesDB is given
};

/// The options that stand outside of all blocks.
void declare_globals(Declaration& globals, const Places& places);

/// The options of a <LoadPlugin NAME> block.
void declare_load_plugin(Declaration& load);

}  // namespace vital

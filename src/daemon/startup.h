// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <vector>

#include "config/configuration.h"
#include "config/queue_options.h"
#include "daemon/command_line.h"
#include "model/types.h"
#include "plugin/loader.h"

namespace vital {

/// Where this build keeps things.
Places built_in_places();
extern const char* const kVersion;

/// The declarations that a configuration is checked against, and the loader that finds plugins'.
struct Declarations {
  explicit Declarations(const Places& places);
  Declaration globals, load_plugin;
};

/// Reads and checks the configuration that the command line names. All mistakes are in its
/// problems; any_fatal() there means that it must not be used.
Configuration read_configuration(const CommandLine& line, const Places& places,
                                 const Declarations& declarations, Loader& loader);

/// Reads the types databases that the configuration names, or the installed one. What is wrong with
/// them is added to the problems; without any types the start is fatal.
Types read_types(Configuration& configuration, const Places& places);

/// Loads the daemon's own plugin when its numbers are wanted but nobody asked for it by name.
void add_self(Configuration& configuration, Loader& loader);

/// What the global options say of queues and journals.
QueueOptions global_queue(const Options& globals);

/// The configuration that needs no file: everything below one directory.
std::string embedded_configuration(const std::string& directory,
                                   const std::vector<std::string>& plugins);

}  // namespace vital

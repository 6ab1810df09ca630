// SPDX-License-Identifier: MIT
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "daemon/daemon.h"
#include "daemon/describe.h"
#include "daemon/memory.h"
#include "daemon/plugin_host.h"
#include "plugin/chain_builder.h"

namespace vital {
namespace {

void print(std::FILE* file, const std::string& text) { std::fputs(text.c_str(), file); }

/// With those that are in the module of another, such as match_lua: that is known once it is
/// loaded.
std::vector<std::string> all_names(Loader& loader, const Places& places) {
  for (const std::string& name : loader.names({places.plugin_dir}))
    (void)loader.find(name, {places.plugin_dir}, false);
  return loader.names({places.plugin_dir});
}

int list_plugins(Loader& loader, const Places& places) {
  for (const std::string& name : all_names(loader, places)) {
    const auto found = loader.find(name, {places.plugin_dir}, false);
    const std::string what =
        found.plugin != nullptr ? found.plugin->about() : "cannot be loaded: " + found.why;
    std::printf("%-16s %s\n", name.c_str(), what.c_str());
  }
  return 0;
}

int describe_subject(const std::string& name, Loader& loader, const Places& places,
                     const Declarations& declarations) {
  if (name == "global") {
    print(stdout, "The options outside of all plugins\n\n" + describe(declarations.globals) +
                      "\n<LoadPlugin NAME>\n" + describe(declarations.load_plugin));
    return 0;
  }
  const auto found = loader.find(name, {places.plugin_dir}, false);
  if (found.plugin != nullptr) {
    print(stdout, describe(*found.plugin));
    return 0;
  }
  const auto names = all_names(loader, places);
  const std::string hint = did_you_mean(name, {names.begin(), names.end()});
  const std::string why =
      found.exists ? found.why : "there is no plugin \"" + name + "\" in " + places.plugin_dir;
  print(stderr, "vitald: " + why + (hint.empty() ? "" : "; " + hint) + "\n");
  return 1;
}

int print_manual(Loader& loader, const Places& places, const Declarations& declarations) {
  std::vector<const PluginDeclaration*> plugins;
  for (const std::string& name : all_names(loader, places))
    if (const auto found = loader.find(name, {places.plugin_dir}, false); found.plugin != nullptr)
      plugins.push_back(found.plugin);
  print(stdout, manual(declarations.globals, declarations.load_plugin, plugins));
  return 0;
}

/// Says what is wrong with the configuration. True: the daemon may start with it.
bool report(const Problems& problems, bool strict) {
  for (const Problem& problem : problems) print(stderr, problem.text());
  return !problems.any_fatal() && !(strict && !problems.empty());
}

int with_configuration(const CommandLine& line, const Places& places,
                       const Declarations& declarations, Loader& loader, SelfSources& self) {
  const StartDirectory directory;
  Configuration configuration = read_configuration(line, places, declarations, loader);
  Types types = read_types(configuration, places);
  const bool may_start = report(configuration.problems, line.strict);
  if (line.action == CommandLine::Action::check)
    return !may_start ? 2 : configuration.problems.empty() ? 0 : 1;
  if (!may_start) {
    print(stderr, "vitald: the configuration has mistakes, see above; not started\n");
    return 1;
  }
  add_self(configuration, loader);
  Daemon daemon{{line, places, declarations, loader, directory},
                std::move(configuration),
                std::move(types),
                self};
  return line.action == CommandLine::Action::read_once ? daemon.read_once() : daemon.run();
}

/// The built-in places, but for plugins and types where the environment names others: for a build
/// that is not installed.
Places places_here() {
  Places places = built_in_places();
  if (const char* const directory = std::getenv("VITALD_PLUGIN_DIR")) places.plugin_dir = directory;
  if (const char* const file = std::getenv("VITALD_TYPES_DB")) places.types_db = file;
  return places;
}

int run(int count, char** arguments) {
  const Places places = places_here();
  const auto line = parse_command_line(count, arguments, places.config_file);
  if (!line) return 1;
  const Declarations declarations{places};
  SelfSources self;
  Loader loader;
  Registry own;
  register_self(own, self);
  register_built_in_targets(own);
  loader.add_built_in(own);
  switch (line->action) {
    case CommandLine::Action::help:
      print(stdout, usage(places.config_file));
      return 0;
    case CommandLine::Action::version:
      std::printf("vitald %s\n", kVersion);
      return 0;
    case CommandLine::Action::plugins:
      return list_plugins(loader, places);
    case CommandLine::Action::describe:
      return describe_subject(line->subject, loader, places, declarations);
    case CommandLine::Action::manual:
      return print_manual(loader, places, declarations);
    case CommandLine::Action::run:
    case CommandLine::Action::check:
    case CommandLine::Action::read_once:
      return with_configuration(*line, places, declarations, loader, self);
  }
  return 1;
}

}  // namespace
}  // namespace vital

int main(int count, char** arguments) {
  vital::share_one_heap();
  // Not for people: the daemon starts itself so for a plugin with Isolation "process".
  if (count == 3 && std::strcmp(arguments[1], "--plugin-process") == 0)
    vital::run_plugin_process(arguments[2]);
  try {
    return vital::run(count, arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "vitald: %s\n", error.what());
    return 1;
  }
}

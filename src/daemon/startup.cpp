// SPDX-License-Identifier: MIT
#include "daemon/startup.h"

#include <algorithm>
#include <array>

#include "base/fd.h"

namespace vital {
namespace {

// The plugins of the embedded configuration, those left out that this build does not have.
constexpr auto kEmbeddedPlugins = std::to_array<std::string_view>(
    {"contextswitch", "cpu", "df", "disk", "entropy", "interface", "irq", "load", "memory", "ping",
     "processes", "sensors", "swap", "thermal", "uptime", "users", "vmem"});

bool add_types(Types& types, const std::string& path, const Position& from, Gravity missing,
               Problems& problems) {
  auto text = read_file(path);
  if (!text) {
    problems.add(missing, from, "TypesDB: " + std::string{text.error().message().view()});
    return false;
  }
  const auto source = std::make_shared<const Source>(Source{path, std::move(*text)});
  types.add(source->text, [&](std::size_t line, std::string_view what) {
    problems.warning({source, static_cast<std::uint32_t>(line), 1, 1}, std::string{what});
  });
  return true;
}

}  // namespace

const char* const kVersion = PACKAGE_VERSION;

Places built_in_places() {
  return {.config_file = SYSCONFDIR "/vitald.conf",
          .state_dir = STATEDIR,
          .pid_file = RUNDIR "/vitald.pid",
          .run_dir = RUNDIR,
          .plugin_dir = PLUGINDIR,
          .types_db = DATADIR "/types.db"};
}

Declarations::Declarations(const Places& places) {
  declare_globals(globals, places);
  declare_load_plugin(load_plugin);
}

std::string embedded_configuration(const std::string& directory,
                                   const std::vector<std::string>& plugins) {
  std::string text = "BaseDir \"" + directory + "\"\n" + "ControlSocket \"" + directory +
                     "/vitald.sock\"\n" + "CollectInternalStats true\n";
  for (const std::string_view plugin : kEmbeddedPlugins)
    if (std::find(plugins.begin(), plugins.end(), plugin) != plugins.end())
      text.append("LoadPlugin ").append(plugin).append("\n");
  text +=
      "LoadPlugin rrdtool\n"
      "<Plugin rrdtool>\n  DataDir \"" +
      directory +
      "/rrd\"\n</Plugin>\n"
      "<Plugin df>\n"
      "  FSType \"/^(proc|sysfs|devtmpfs|devpts|cgroup2?|overlay|squashfs|tmpfs)$/\"\n"
      "  IgnoreSelected true\n"
      "</Plugin>\n"
      "<Plugin disk>\n  Disk \"/^(loop|ram|zram)/\"\n  IgnoreSelected true\n</Plugin>\n";
  if (std::find(plugins.begin(), plugins.end(), "ping") != plugins.end())
    text += "<Plugin ping>\n  Host \"localhost\"\n</Plugin>\n";
  return text;
}

Configuration read_configuration(const CommandLine& line, const Places& places,
                                 const Declarations& declarations, Loader& loader) {
  Problems problems;
  std::vector<Statement> statements;
  if (line.embedded)
    statements = load_config_text(
        "(embedded)", embedded_configuration(*line.embedded, loader.names({places.plugin_dir})),
        problems);
  else
    statements = load_config(line.config_file, problems);
  const bool syntax_is_fine = !problems.any_fatal();
  if (statements.empty() && syntax_is_fine)
    problems.fatal({std::make_shared<const Source>(Source{line.config_file, {}}), 0, 0, 0},
                   "the configuration is empty");
  Configuration configuration = interpret(statements, declarations.globals,
                                          declarations.load_plugin, places.plugin_dir, loader);
  for (const Problem& problem : configuration.problems)
    problems.add(problem.gravity, problem.position, problem.what, problem.hint);
  configuration.problems = std::move(problems);
  return configuration;
}

Types read_types(Configuration& configuration, const Places& places) {
  Types types;
  bool any = false;
  for (const auto& entry : configuration.globals.entries("TypesDB"))
    for (const Argument& argument : entry.arguments)
      any = add_types(types, argument.text, argument.position, Gravity::warning,
                      configuration.problems) ||
            any;
  const Position nowhere{std::make_shared<const Source>(Source{"the installed types database", {}}),
                         0, 0, 0};
  if (!any) add_types(types, places.types_db, nowhere, Gravity::fatal, configuration.problems);
  return types;
}

void add_self(Configuration& configuration, Loader& loader) {
  if (!configuration.globals.flag("CollectInternalStats")) return;
  if (configuration.find("vitald") != nullptr) return;
  const auto found = loader.find("vitald", {}, false);
  configuration.plugins.push_back(
      {.plugin = found.plugin,
       .position = configuration.globals.position("CollectInternalStats"),
       .interval = configuration.globals.duration("Interval"),
       .options = Options{*found.plugin}});
}

QueueOptions global_queue(const Options& globals) {
  QueueOptions limits;
  limits.journal = journal_options(globals, {});
  const auto high = static_cast<std::size_t>(globals.integer("WriteQueueLimitHigh"));
  if (high == 0) return limits;
  limits.high_values = high;
  limits.low_values = high / 2;
  if (globals.given("WriteQueueLimitLow"))
    limits.low_values =
        std::min(high, static_cast<std::size_t>(globals.integer("WriteQueueLimitLow")));
  return limits;
}

}  // namespace vital

// SPDX-License-Identifier: MIT
#include "daemon/reload.h"

#include <algorithm>

#include "plugin/setup.h"

namespace vital {
namespace {

constexpr std::size_t kMostLogged = 50;

bool speaks_against(const Problems& running, const Problems& wanted, bool strict) {
  return !objections(running, wanted, strict).empty();
}

}  // namespace

std::string ReloadOutcome::reply() const {
  std::string text = std::to_string(lines.size()) + " " + summary + "\n";
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

ConfigurationSource::Read ConfigurationSource::read(const std::string& file) const {
  CommandLine wanted = line;
  if (!file.empty()) {
    wanted.config_file = file;
    wanted.embedded.reset();
  }
  Read result;
  directory.run([&] {
    result.configuration = read_configuration(wanted, places, declarations, loader);
    result.types.replace(read_types(result.configuration, places));
    if (!result.configuration.problems.any_fatal()) add_self(result.configuration, loader);
  });
  return result;
}

Reloader::Reloader(ConfigurationSource source, Running running, Log log)
    : source_{source}, running_{std::move(running)}, log_{std::move(log)} {}

Change Reloader::change_to(const ConfigurationSource::Read& wanted) const {
  return compare(running_.configuration, wanted.configuration,
                 difference(running_.types, wanted.types),
                 [this](std::string_view plugin) { return running_.assembly.traits(plugin); });
}

std::vector<std::string> Reloader::lines_of(const ConfigurationSource::Read& wanted,
                                            const Change& change) const {
  std::vector<std::string> lines = change.lines();
  for (const Section* section : running_.sections)
    for (std::string& line : section->differences(running_.configuration, wanted.configuration))
      lines.push_back(std::move(line));
  return lines;
}

ReloadOutcome Reloader::refuse(const Problems& problems) const {
  ReloadOutcome outcome{.refused = true, .summary = "Reload refused", .lines = {}};
  for (const Problem* problem :
       objections(running_.configuration.problems, problems, source_.line.strict))
    outcome.lines.push_back(problem->log_line());
  return outcome;
}

ReloadOutcome Reloader::diff(const std::string& file) {
  const ConfigurationSource::Read wanted = source_.read(file);
  const Problems& problems = wanted.configuration.problems;
  if (speaks_against(running_.configuration.problems, problems, source_.line.strict))
    return refuse(problems);
  ReloadOutcome outcome{.summary = {}, .lines = lines_of(wanted, change_to(wanted))};
  outcome.summary = outcome.lines.empty() ? "Nothing has changed" : "Changes";
  return outcome;
}

ReloadOutcome Reloader::reload() {
  ReloadOutcome outcome = attempt();
  const Severity severity = outcome.refused ? Severity::error : Severity::info;
  for (std::size_t i = 0; i < std::min(outcome.lines.size(), kMostLogged); ++i)
    log_.say(severity, "reload: ", std::string_view{outcome.lines[i]});
  log_.say(severity, std::string_view{outcome.summary},
           outcome.refused ? "; the old configuration goes on" : ".");
  return outcome;
}

ReloadOutcome Reloader::attempt() {
  ConfigurationSource::Read wanted = source_.read();
  Problems& problems = wanted.configuration.problems;
  if (speaks_against(running_.configuration.problems, problems, source_.line.strict))
    return refuse(problems);
  const Change change = change_to(wanted);
  if (!prepare(wanted, change)) return refuse(problems);
  return commit(wanted, change);
}

/// Builds everything. False: something cannot be, and all is as it was.
bool Reloader::prepare(ConfigurationSource::Read& wanted, const Change& change) {
  Problems& problems = wanted.configuration.problems;
  const Types types_before = running_.types.copy();
  const QueueOptions queue_before = running_.parts.queue;
  if (!change.types.empty()) running_.types.replace(wanted.types.copy());
  running_.parts.queue = global_queue(wanted.configuration.globals);
  running_.assembly.prepare(wanted.configuration, change, problems);
  for (Section* section : running_.sections) try {
      section->prepare(running_.configuration, wanted.configuration);
    } catch (const ConfigError& error) {
      problems.error(error.position(), error.what(), error.hint());
    } catch (const SetupError& error) {
      problems.error(wanted.configuration.globals.position(), error.what());
    }
  if (!speaks_against(running_.configuration.problems, problems, source_.line.strict)) return true;
  running_.assembly.discard();
  for (Section* section : running_.sections) section->discard();
  running_.parts.queue = queue_before;
  if (!change.types.empty()) running_.types.replace(types_before.copy());
  return false;
}

ReloadOutcome Reloader::commit(ConfigurationSource::Read& wanted, const Change& change) {
  ReloadOutcome outcome{.summary = {}, .lines = lines_of(wanted, change)};
  const auto say = [&](std::vector<std::string> said) {
    for (std::string& line : said) outcome.lines.push_back(std::move(line));
  };
  running_.self.as_collectd.set(wanted.configuration.globals.flag("CollectInternalStats"));
  say(running_.assembly.commit(change));
  running_.assembly.use_queue();
  for (Section* section : running_.sections) say(section->commit());
  running_.configuration = std::move(wanted.configuration);
  running_.changed();
  outcome.summary = outcome.lines.empty() ? "Nothing has changed" : "Reload done";
  return outcome;
}

}  // namespace vital

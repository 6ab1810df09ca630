// SPDX-License-Identifier: MIT
#include "daemon/change.h"

#include <algorithm>
#include <array>

#include "base/strings.h"

namespace vital {
namespace {

// What is settled when the daemon starts, and cannot be changed under its plugins.
constexpr auto kNeedRestart = std::to_array<std::string_view>(
    {"BaseDir", "PIDFile", "Hostname", "FQDNLookup", "RootPath", "User", "Group",
     "DropCapabilities", "NoNewPrivileges", "SystemCallFilter"});

bool needs_restart(std::string_view option) noexcept {
  return std::any_of(kNeedRestart.begin(), kNeedRestart.end(),
                     [&](std::string_view name) { return iequals(name, option); });
}

/// What is in a journal stays where it is, and with it what comes.
bool moves_journal(const Difference& difference) noexcept {
  return difference.name.ends_with("Directory") &&
         difference.name.find("Journal") != std::string::npos;
}

constexpr std::string_view kWaits = "  (needs a restart)";

const PluginPlan* plan_of(const Configuration& configuration, std::string_view name) noexcept {
  const auto found = std::find_if(
      configuration.plugins.begin(), configuration.plugins.end(),
      [&](const PluginPlan& plan) { return plan.usable && iequals(plan.name(), name); });
  return found == configuration.plugins.end() ? nullptr : &*found;
}

void compare_spans(const std::string& name, Span before, Span after, const Position& position,
                   std::vector<Difference>& result) {
  if (before == after) return;
  const auto text = [](Span span) {
    Text<32> number;
    return std::string{number.add(seconds(span)).view()};
  };
  result.push_back({name, text(before), text(after), position});
}

std::vector<Difference> compare_plans(const PluginPlan& before, const PluginPlan& after) {
  std::vector<Difference> result;
  compare_spans("Interval", before.interval, after.interval, after.position, result);
  compare_spans("FlushInterval", before.flush_interval, after.flush_interval, after.position,
                result);
  compare_spans("FlushTimeout", before.flush_timeout, after.flush_timeout, after.position, result);
  const auto isolation = [](const PluginPlan& plan) { return plan.isolated ? "process" : "none"; };
  if (before.isolated != after.isolated)
    result.push_back({"Isolation", isolation(before), isolation(after), after.position});
  compare_spans("ReadTimeout", before.read_timeout, after.read_timeout, after.position, result);
  if (before.memory_limit != after.memory_limit)
    result.push_back({"MemoryLimit", std::to_string(before.memory_limit),
                      std::to_string(after.memory_limit), after.position});
  for (Difference& difference : differences(before.options, after.options))
    result.push_back(std::move(difference));
  return result;
}

/// What else than its own options asks for a plugin to be made anew; empty: nothing does.
std::string outer_reason(const Change& change, const PluginTraits& traits) {
  const bool journal =
      std::any_of(change.globals.begin(), change.globals.end(), [](const GlobalChange& global) {
        return global.difference.name.starts_with("Journal") ||
               global.difference.name.starts_with("<Journal");
      });
  if (traits.holds_series && !change.types.changed.empty())
    return "types that it may use are defined anew";
  if (traits.has_journal_default && journal) return "the global <Journal> changed";
  return {};
}

PluginChange compare_plugin(const Change& change, const PluginPlan* before, const PluginPlan& after,
                            const PluginTraits& traits) {
  PluginChange result{
      .kind = PluginChange::Kind::added, .name = after.name(), .options = {}, .why = {}};
  if (before == nullptr) return result;
  result.options = compare_plans(*before, after);
  if (result.options.empty()) result.why = outer_reason(change, traits);
  const bool same = result.options.empty() && result.why.empty();
  result.kind = same ? PluginChange::Kind::kept : PluginChange::Kind::changed;
  return result;
}

void add_types(const char* sign, const char* what, const std::vector<std::string>& names,
               std::vector<std::string>& lines) {
  constexpr std::size_t kShown = 8;
  if (names.empty()) return;
  const std::span shown{names.data(), std::min(names.size(), kShown)};
  std::string line{sign};
  line.append(" types ").append(what).append(": ").append(join(shown, ", "));
  if (names.size() > kShown) line += " and " + std::to_string(names.size() - kShown) + " more";
  lines.push_back(std::move(line));
}

std::string line_of(const PluginChange& plugin) {
  constexpr std::array<const char*, 4> kSigns{"  ", "+ ", "- ", "~ "};
  return kSigns[static_cast<std::size_t>(plugin.kind)] + std::string{"plugin "} + plugin.name;
}

}  // namespace

bool Change::empty() const noexcept {
  return globals.empty() && types.empty() &&
         std::all_of(plugins.begin(), plugins.end(), [](const PluginChange& plugin) {
           return plugin.kind == PluginChange::Kind::kept;
         });
}

const PluginChange* Change::find(std::string_view plugin) const noexcept {
  const auto found = std::find_if(plugins.begin(), plugins.end(), [&](const PluginChange& change) {
    return iequals(change.name, plugin);
  });
  return found == plugins.end() ? nullptr : &*found;
}

std::vector<std::string> Change::lines() const {
  std::vector<std::string> lines;
  for (const GlobalChange& global : globals)
    lines.push_back("~ " + global.difference.text() +
                    std::string{global.needs_restart ? kWaits : ""});
  add_types("+", "added", types.added, lines);
  add_types("-", "removed", types.removed, lines);
  add_types("~", "changed", types.changed, lines);
  for (const PluginChange& plugin : plugins) {
    if (plugin.kind == PluginChange::Kind::kept) continue;
    lines.push_back(line_of(plugin));
    for (const Difference& option : plugin.options)
      lines.push_back("    " + option.text() + std::string{moves_journal(option) ? kWaits : ""});
    if (!plugin.why.empty()) lines.push_back("    " + plugin.why);
  }
  return lines;
}

Change compare(const Configuration& running, const Configuration& wanted,
               const TypesDifference& types,
               const std::function<PluginTraits(std::string_view plugin)>& traits) {
  Change change;
  change.types = types;
  for (Difference& difference : differences(running.globals, wanted.globals)) {
    const bool restart = needs_restart(difference.name) || moves_journal(difference);
    change.globals.push_back({std::move(difference), restart});
  }
  for (const PluginPlan& plan : wanted.plugins)
    if (plan.usable)
      change.plugins.push_back(
          compare_plugin(change, plan_of(running, plan.name()), plan, traits(plan.name())));
  for (const PluginPlan& plan : running.plugins)
    if (plan.usable && plan_of(wanted, plan.name()) == nullptr)
      change.plugins.push_back(
          {.kind = PluginChange::Kind::removed, .name = plan.name(), .options = {}, .why = {}});
  return change;
}

std::vector<const Problem*> objections(const Problems& running, const Problems& wanted,
                                       bool strict) {
  std::vector<const Problem*> result;
  for (const Problem& problem : wanted) {
    const bool known = std::any_of(running.begin(), running.end(), [&](const Problem& other) {
      return other.gravity == problem.gravity && other.what == problem.what;
    });
    const bool counts = problem.gravity == Gravity::fatal ||
                        ((strict || problem.gravity == Gravity::error) && !known);
    if (counts) result.push_back(&problem);
  }
  return result;
}

}  // namespace vital

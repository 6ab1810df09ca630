// SPDX-License-Identifier: MIT
#include "daemon/assembly.h"

#include <algorithm>

#include "base/strings.h"

namespace vital {
namespace {

constexpr Nanoseconds kHandover = std::chrono::seconds{5};    // for what a writer still holds
constexpr Nanoseconds kLastWords = std::chrono::seconds{30};  // for what waits for one that goes
constexpr std::size_t kMostLeaving = 8;  // of one name: it hangs, and more would hang as well

}  // namespace

Assembly::Assembly(const Parts& parts, const Loader& loader, Log log)
    : parts_{parts}, loader_{loader}, log_{std::move(log)} {}

Assembly::~Assembly() { destroy(); }

Assembly::PluginPtr Assembly::made(const PluginPlan& plan, Problems& problems) {
  auto plugin = std::make_unique<RunningPlugin>(parts_, plan);
  try {
    plugin->make(loader_);
    for (const Problem& problem : plugin->left_out())
      problems.error(problem.position, problem.what, problem.hint);
    return plugin;
  } catch (const ConfigError& error) {
    problems.error(error.position(), error.what(), error.hint());
  } catch (const std::exception& error) {
    problems.error(plan.position, "plugin " + plan.name() + " cannot run here: " + error.what());
  }
  return nullptr;
}

void Assembly::make(const Configuration& configuration, Problems& problems) {
  for (const bool early : {true, false})
    for (const PluginPlan& plan : configuration.plugins) {
      if (!plan.usable || plan.plugin->is_early() != early) continue;
      if (auto plugin = made(plan, problems)) {
        plugin->connect();
        for (const Problem& problem : plugin->left_out())
          log_.part(plan.name())
              .error(std::string_view{problem.log_line()}, "; this part is left out");
        plugins_.push_back(std::move(plugin));
        continue;
      }
      incomplete_ = true;
      log_.error(std::string_view{std::prev(problems.end())->log_line()},
                 "; the plugin does not run");
    }
}

void Assembly::start() {
  for (const PluginPtr& plugin : plugins_) {
    const auto status = plugin->start();
    if (status) continue;
    log_.part(plugin->name()).error("cannot be started: ", status.error());
    incomplete_ = true;
  }
}

RunningPlugin* Assembly::find(std::string_view name) const noexcept {
  for (const PluginPtr& plugin : plugins_)
    if (iequals(plugin->name(), name)) return plugin.get();
  return nullptr;
}

Assembly::PluginPtr* Assembly::slot(std::string_view name) noexcept {
  for (PluginPtr& plugin : plugins_)
    if (iequals(plugin->name(), name)) return &plugin;
  return nullptr;
}

PluginTraits Assembly::traits(std::string_view name) const noexcept {
  const RunningPlugin* const plugin = find(name);
  if (plugin == nullptr) return {};
  return {.holds_series = plugin->reads() || plugin->serves(),
          .has_journal_default = plugin->has_journal_default()};
}

void Assembly::prepare(const Configuration& wanted, const Change& change, Problems& problems) {
  for (const PluginPlan& plan : wanted.plugins) {
    if (!plan.usable) continue;
    const PluginChange* const what = change.find(plan.name());
    const bool kept = what != nullptr && what->kind == PluginChange::Kind::kept;
    if (kept && find(plan.name()) != nullptr) continue;
    if (count_leaving(plan.name()) >= kMostLeaving) {
      problems.error(plan.position, "plugin " + plan.name() +
                                        " hangs: those that it should have taken the place of "
                                        "before have not ended yet");
      continue;
    }
    auto plugin = made(plan, problems);
    if (!plugin) continue;
    if (const auto status = plugin->rehearse(); !status)
      problems.error(plan.position, "plugin " + plan.name() + " could not start: " +
                                        std::string{status.error().message().view()});
    prepared_.push_back(std::move(plugin));
  }
}

std::size_t Assembly::count_leaving(std::string_view name) const noexcept {
  return static_cast<std::size_t>(
      std::count_if(leaving_.begin(), leaving_.end(),
                    [&](const Leaving& leaving) { return iequals(leaving.plugin->name(), name); }));
}

std::vector<std::string> Assembly::commit(const Change& change) {
  std::vector<std::string> said;
  for (const PluginChange& plugin : change.plugins) {
    if (plugin.kind != PluginChange::Kind::removed) continue;
    if (PluginPtr* const old = slot(plugin.name)) send_away(std::move(*old), {});
    std::erase(plugins_, nullptr);
  }
  for (PluginPtr& fresh : prepared_) {
    const PluginChange* const what = change.find(fresh->name());
    if (what != nullptr && what->kind == PluginChange::Kind::kept)
      said.push_back("plugin " + fresh->name() + " runs now");
    put_in_place(std::move(fresh), said);
  }
  prepared_.clear();
  tend();
  parts_.scheduler.supervise();
  return said;
}

void Assembly::put_in_place(PluginPtr fresh, std::vector<std::string>& said) {
  RunningPlugin& plugin = *fresh;
  Status status;
  if (PluginPtr* const place = slot(plugin.name())) {
    status = plugin.replace(**place);
    send_away(std::exchange(*place, std::move(fresh)), plugin.name());
  } else {
    plugin.connect();
    status = plugin.start();
    plugins_.push_back(std::move(fresh));
  }
  if (status) return;
  log_.part(plugin.name()).error("cannot be started: ", status.error());
  said.push_back("plugin " + plugin.name() +
                 " cannot be started: " + std::string{status.error().message().view()});
}

void Assembly::send_away(PluginPtr plugin, std::string successor) {
  const Nanoseconds limit = successor.empty() ? kLastWords : kHandover;
  plugin->retire(successor.empty() ? nullptr : find(successor), limit);
  leaving_.push_back({std::move(plugin), std::move(successor), parts_.clock.now() + limit});
}

/// Who takes its place goes on with what waits for its writers: one that is leaving as well, or the
/// one that runs.
void Assembly::bequeath(Leaving& leaving) {
  if (leaving.successor.empty()) return;
  RunningPlugin* heir = find(leaving.successor);
  for (auto at = leaving_.rbegin(); at != leaving_.rend() && at->plugin != leaving.plugin; ++at)
    if (iequals(at->plugin->name(), leaving.successor)) heir = at->plugin.get();
  if (heir == nullptr) return;
  if (const auto status = heir->inherit(*leaving.plugin); !status)
    log_.part(heir->name()).error("cannot be started: ", status.error());
}

void Assembly::tend() {
  const Steady now = parts_.clock.now();
  for (Leaving& leaving : leaving_) {
    const bool gone = leaving.plugin->gone();
    const bool late = now >= leaving.give_up && !leaving.inherited;
    if (!gone && !late) continue;
    if (late && !gone)
      log_.part(leaving.plugin->name()).warning("hangs, and is left behind with what it is doing");
    bequeath(leaving);
    leaving.inherited = true;
    if (gone) leaving.plugin.reset();
  }
  std::erase_if(leaving_, [](const Leaving& leaving) { return leaving.plugin == nullptr; });
}

Steady Assembly::next_look() const noexcept {
  constexpr Nanoseconds kSoon = std::chrono::milliseconds{10};
  constexpr Nanoseconds kSeldom = std::chrono::seconds{1};  // for what hangs
  if (leaving_.empty()) return Steady::max();
  const bool all_inherited = std::all_of(leaving_.begin(), leaving_.end(),
                                         [](const Leaving& leaving) { return leaving.inherited; });
  return parts_.clock.now() + (all_inherited ? kSeldom : kSoon);
}

void Assembly::use_queue() {
  for (const PluginPtr& plugin : plugins_) plugin->use_queue();
}

void Assembly::stop_services() noexcept {
  for (const PluginPtr& plugin : plugins_) plugin->stop_services();
}

bool Assembly::stop_writers(Steady end) noexcept {
  constexpr Nanoseconds kLook = std::chrono::milliseconds{5};
  constexpr Nanoseconds kShare = std::chrono::seconds{1};
  Bell nobody;
  for (tend(); !leaving_.empty() && parts_.clock.now() < end - kShare; tend())
    parts_.clock.sleep_until(parts_.clock.now() + kLook, nobody);
  for (Leaving& leaving : leaving_) leaving.give_up = Steady{};
  tend();
  bool all = leaving_.empty();
  for (const PluginPtr& plugin : plugins_) all = plugin->stop_writers(end) && all;
  return all;
}

void Assembly::destroy() noexcept {
  leaving_.clear();
  prepared_.clear();
  while (!plugins_.empty()) plugins_.pop_back();
}

}  // namespace vital

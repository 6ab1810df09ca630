// SPDX-License-Identifier: MIT
#include "daemon/state_keeper.h"

#include <algorithm>

#include "base/strings.h"

namespace vital {

StateKeeper::StateKeeper(const Options& globals, Clock& clock, Log log)
    : clock_{clock}, log_{std::move(log)}, settings_{settings_of(globals)} {}

StateKeeper::~StateKeeper() { (void)stop(Nanoseconds::zero()); }

StateKeeper::Settings StateKeeper::settings_of(const Options& globals) {
  Settings settings{globals.text("StateFile"), nanoseconds(globals.duration("StateInterval"))};
  bool wanted = true;
  if (parse_bool(settings.path, wanted) && !wanted) settings.path.clear();
  return settings;
}

StatePart* StateKeeper::part_named(std::string_view name) const noexcept {
  const auto found = std::find_if(parts_.begin(), parts_.end(), [&](const StatePart* part) {
    return part->state_name() == name;
  });
  return found == parts_.end() ? nullptr : *found;
}

void StateKeeper::restore() {
  if (settings_.path.empty()) return;
  auto state = SavedState::read(settings_.path);
  if (!state) {
    if (state.error().code() != Errc::absent)
      log_.warning("the state from before the start is left aside: ",
                   std::string_view{settings_.path}, ": ", state.error());
    return;
  }
  for (SavedState::Section& section : state->sections) {
    StatePart* const part = part_named(section.name);
    if (part == nullptr || part->restore(std::move(section.bytes))) continue;
    log_.warning(
        "the state from before the start is left aside: ", std::string_view{settings_.path},
        ": section ", std::string_view{section.name}, " is not understood");
  }
}

Status StateKeeper::start() {
  auto thread = Thread::start("state", [this] { run(); });
  if (!thread) return thread.error();
  thread_ = std::move(*thread);
  return {};
}

void StateKeeper::request_stop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  bell_.ring();
}

bool StateKeeper::stop(Nanoseconds limit) {
  if (!thread_.running()) return true;
  request_stop();
  if (thread_.join_for(limit)) return true;
  log_.error("writing the state hangs and is given up");
  thread_.abandon();
  return false;
}

void StateKeeper::run() {
  for (bool last = false; !last;) {
    Settings settings;
    {
      const std::lock_guard lock{mutex_};
      settings = settings_;
    }
    const bool due = clock_.sleep_until(
        settings.path.empty() ? Steady::max() : clock_.now() + settings.interval, bell_);
    if (!due) bell_.clear();
    {
      const std::lock_guard lock{mutex_};
      last = stopping_;
    }
    if ((due || last) && !settings.path.empty()) save(settings.path);
  }
}

void StateKeeper::save(const std::string& path) {
  SavedState state;
  for (StatePart* part : parts_)
    state.sections.push_back({std::string{part->state_name()}, part->save()});
  if (const Status status = state.write(path); !status)
    trouble_.begins(log_, "keeping the state for a restart", status.error());
  else
    trouble_.ends(log_, "keeping the state for a restart");
}

void StateKeeper::prepare(const Configuration&, const Configuration& wanted) {
  wanted_ = settings_of(wanted.globals);
}

std::vector<std::string> StateKeeper::commit() {
  {
    const std::lock_guard lock{mutex_};
    if (settings_.path == wanted_.path && settings_.interval == wanted_.interval) return {};
    settings_ = wanted_;
  }
  bell_.ring();
  return {};
}

}  // namespace vital

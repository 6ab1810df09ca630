// SPDX-License-Identifier: MIT
#include "daemon/state_keeper.h"

#include <algorithm>
#include <utility>

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

void StateKeeper::restore() {
  if (settings_.path.empty()) return;
  restore(settings_.path, parts_);
  restore(small_path(settings_.path), small_parts_);
}

void StateKeeper::restore(const std::string& path, const Parts& parts) {
  auto state = SavedState::read(path);
  if (!state) {
    if (state.error().code() != Errc::absent)
      log_.warning("the state from before the start is left aside: ", std::string_view{path}, ": ",
                   state.error());
    return;
  }
  for (SavedState::Section& section : state->sections) {
    const auto part = std::find_if(parts.begin(), parts.end(), [&](const StatePart* one) {
      return one->state_name() == section.name;
    });
    if (part == parts.end() || (*part)->restore(std::move(section.bytes))) continue;
    log_.warning("the state from before the start is left aside: ", std::string_view{path},
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

void StateKeeper::keep_now() {
  {
    const std::lock_guard lock{mutex_};
    now_ = true;
  }
  bell_.ring();
}

void StateKeeper::run() {
  Steady next = Steady::max();
  for (bool last = false; !last;) {
    const Work work = wait(next);
    last = work.last;
    const std::string& path = work.settings.path;
    if (path.empty()) continue;
    if (work.small || work.all) save(small_path(path), small_parts_);
    if (work.all) save(path, parts_);
  }
}

/// Until there is something to do. `next` is when all is due: however often the small parts are
/// written, it stays.
StateKeeper::Work StateKeeper::wait(Steady& next) {
  Work work;
  {
    const std::lock_guard lock{mutex_};
    work.settings = settings_;
  }
  next = work.settings.path.empty() ? Steady::max()
                                    : std::min(next, clock_.now() + work.settings.interval);
  const bool due = clock_.sleep_until(next, bell_);
  if (due)
    next = Steady::max();
  else
    bell_.clear();
  const std::lock_guard lock{mutex_};
  work.last = stopping_;
  work.small = std::exchange(now_, false);
  work.all = due || work.last;
  return work;
}

void StateKeeper::save(const std::string& path, const Parts& parts) {
  SavedState state;
  for (StatePart* part : parts)
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

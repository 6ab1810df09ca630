// SPDX-License-Identifier: MIT
#include "rrdtool/store.h"

#include <algorithm>
#include <cerrno>

namespace vital::rrdtool {
namespace {

constexpr Nanoseconds kShortestRest = std::chrono::seconds{10};
constexpr unsigned kMostDoublings = 3;     // 80 s
constexpr std::int64_t kAhead = 300;       // seconds: more than the clocks of hosts differ
constexpr std::int64_t kMostBack = 86400;  // seconds
constexpr Nanoseconds kSoon = std::chrono::seconds{5};

/// What the system has against it may end; what librrd has against a file does not.
Loss loss_of(const Error& error) noexcept {
  const bool content = error.number() == 0 && error.code() != Errc::temporary;
  return content ? Loss::refused : Loss::failed;
}

}  // namespace

Store::Outcome Store::examine(File& file) {
  const auto last = file.rrd.examine(*file.type, memory_);
  if (!last) return cannot(file, last.error());
  file.state = File::State::ready;
  file.rests = 0;
  file.newest = std::max(file.newest, *last);
  drop(file, file.upto(*last), Loss::too_old);
  warn_of_future(file, *last);
  return Outcome::settled;
}

/// The clock was wrong once, and until that time comes the file takes nothing.
void Store::warn_of_future(const File& file, std::int64_t last) {
  const std::int64_t ahead = last - rounded_seconds(clock_.wall());
  if (ahead > kAhead)
    future_.say(log_, clock_.now(), std::string_view{file.rrd.path()}, " has a value of ", ahead,
                " s from now and takes none until then");
}

Store::Outcome Store::write(File& file) {
  Outcome outcome = Outcome::settled;
  if (file.state == File::State::unknown && !file.pending.empty())
    outcome = examine(file);
  else if (file.state == File::State::absent)
    outcome = Outcome::absent;
  while (outcome == Outcome::settled && !file.pending.empty()) {
    const Status status = file.rrd.update(*file.type, file.pending, memory_);
    if (!status) {
      outcome = salvage(file, status.error());
      continue;
    }
    faults_.ends(file.fault);
    file.stuck_since = Steady{};
    arrived(file, file.waiting());
  }
  return outcome;
}

/// An update has failed, in its middle perhaps. Settled: what is left is worth another try.
Store::Outcome Store::salvage(File& file, const Error& error) {
  if (is_passing(error)) return later(file, error);
  const auto last = file.rrd.examine(*file.type, memory_);
  if (!last) return cannot(file, last.error());
  const std::size_t inside = file.upto(*last);
  if (error.code() == Errc::too_old && inside != 0) {
    file.newest = std::max(file.newest, *last);
    drop(file, inside, Loss::too_old);
    return Outcome::settled;
  }
  arrived(file, inside);
  if (error.number() != 0) return fail(file, error);
  if (!file.pending.empty()) refused_value(file, error);
  return Outcome::settled;
}

/// The file cannot take values, or is not there.
Store::Outcome Store::cannot(File& file, const Error& error) {
  file.state = File::State::unknown;
  if (is_passing(error)) return later(file, error);
  if (error.number() != ENOENT) return fail(file, error);
  file.state = File::State::absent;
  return Outcome::absent;
}

/// The file is as it should be, so it must be the first of the values that are left.
void Store::refused_value(File& file, const Error& error) {
  complaint_.say(log_, clock_.now(), std::string_view{file.rrd.path()},
                 " does not take a value: ", error);
  drop(file, 1, Loss::refused);
}

/// What should be over soon is worth a word only when it is not.
Store::Outcome Store::later(File& file, const Error& error) {
  const Steady now = clock_.now();
  if (file.stuck_since == Steady{})
    file.stuck_since = now;
  else if (now - file.stuck_since >= kSoon)
    faults_.begins(file.fault, file.rrd.path(), error, now);
  return Outcome::later;
}

Store::Outcome Store::fail(File& file, const Error& error) {
  const Steady now = clock_.now();
  faults_.begins(file.fault, file.rrd.path(), error, now);
  file.stuck_since = Steady{};
  file.state = File::State::resting;
  file.rests_until = now + kShortestRest * (1 << std::min<unsigned>(file.rests, kMostDoublings));
  if (file.rests < kMostDoublings) ++file.rests;
  file.loss = loss_of(error);
  faults_.lost(file.fault, file.waiting());
  drop_all(file, file.loss);
  return Outcome::settled;
}

bool Store::turn_back(File& file, std::int64_t time) {
  const std::int64_t ahead = file.newest - time;
  const auto say = [&](const auto&... why) {
    future_.say(log_, clock_.now(), std::string_view{file.rrd.path()}, " has a value of ", ahead,
                " s from now and takes none until then: ", why...);
    return true;
  };
  if (ahead > kMostBack)
    return say("the clock was set back by more than a day; if it is right now, move the file away");
  const Status status = file.rrd.turn_back(time, memory_);
  if (!status && status.error().number() != ENOENT)
    return !is_passing(status.error()) && say(status.error());
  file.newest = time;
  return true;
}

bool Store::may_wait(File& file, Steady now) {
  if (file.state != File::State::resting) return true;
  if (now < file.rests_until) {
    faults_.lost(file.fault, 1);
    ledger_->dropped(file.loss);
    return false;
  }
  file.state = File::State::unknown;
  return true;
}

Result<Layout> Store::layout_of(File& file) {
  auto layout = layout_for(layout_, *file.type, file.interval);
  if (!layout) (void)fail(file, layout.error());
  return layout;
}

Store::Outcome Store::make(File& file) {
  const auto layout = layout_of(file);
  if (!layout) return Outcome::settled;
  return was_made(file, create_rrd(file.rrd.path(), *layout, start_of(file)));
}

Store::Outcome Store::was_made(File& file, const Status& status) {
  if (status) return examine(file);
  file.state = File::State::absent;
  return is_passing(status.error()) ? later(file, status.error()) : fail(file, status.error());
}

void Store::arrived(File& file, std::size_t records) noexcept {
  ledger_->released(records);
  ledger_->delivered(records);
  file.drop_front(records);
}

void Store::drop(File& file, std::size_t records, Loss loss) noexcept {
  ledger_->released(records);
  ledger_->dropped(loss, records);
  file.drop_front(records);
}

}  // namespace vital::rrdtool

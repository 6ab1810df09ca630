// SPDX-License-Identifier: MIT
#include "scheduler/lane.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "pipeline/pipeline.h"

namespace vital {
namespace {

constexpr Span kEarly = span_of(std::chrono::milliseconds{1});  // clocks and timers round
constexpr Nanoseconds kLeastGrace = std::chrono::milliseconds{15};
constexpr Nanoseconds kMostGrace = std::chrono::milliseconds{100};
constexpr Nanoseconds kQuick = std::chrono::milliseconds{5};
constexpr unsigned kQuickReads = 10;

}  // namespace

Lane::Lane(ReadContext context, bool shared)
    : context_{std::move(context)},
      shared_{shared},
      alarm_{::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)},
      resets_{context_.clock.resets()} {
  if (!alarm_) throw std::system_error{errno, std::generic_category(), "timerfd"};
}

Status Lane::start() {
  auto thread = Thread::start(shared_ ? "reads" : "reads apart",
                              [self = shared_from_this()] { self->run(); });
  if (!thread) return thread.error();
  thread_ = std::move(*thread);
  return {};
}

bool Lane::add(std::shared_ptr<Read> read) {
  const std::lock_guard lock{mutex_};
  if (stopping_) return false;
  reads_.push_back(std::move(read));
  bell_.ring();
  return true;
}

void Lane::remove(const Read& read) noexcept {
  const std::lock_guard lock{mutex_};
  const auto is_it = [&](const std::shared_ptr<Read>& other) { return other.get() == &read; };
  if (std::erase_if(reads_, is_it) == 0 || shared_ || !reads_.empty()) return;
  stopping_ = true;
  bell_.ring();
}

void Lane::request_stop() noexcept {
  const std::lock_guard lock{mutex_};
  stopping_ = true;
  bell_.ring();
}

std::size_t Lane::size() const {
  const std::lock_guard lock{mutex_};
  return reads_.size();
}

std::size_t Lane::others() const {
  const std::lock_guard lock{mutex_};
  return reads_.size() -
         static_cast<std::size_t>(std::count(reads_.begin(), reads_.end(), current_));
}

bool Lane::ended() const {
  const std::lock_guard lock{mutex_};
  return ended_;
}

Lane::Busy Lane::busy() const {
  const std::lock_guard lock{mutex_};
  return {current_, since_};
}

Lane::Reads Lane::take_others() {
  const std::lock_guard lock{mutex_};
  Reads others;
  for (auto& read : reads_)
    if (read != current_) others.push_back(std::move(read));
  std::erase(reads_, nullptr);  // those that were moved away
  if (reads_.empty()) stopping_ = true;
  shared_ = false;
  quick_ = 0;
  return others;
}

std::shared_ptr<Read> Lane::take_recovered() {
  const std::lock_guard lock{mutex_};
  if (shared_ || current_ || reads_.size() != 1 || reads_.front()->blocking()) return nullptr;
  if (quick_ < kQuickReads) return nullptr;
  stopping_ = true;
  bell_.ring();
  auto read = std::move(reads_.front());
  reads_.clear();
  return read;
}

void Lane::set_alarm(Steady moment) noexcept {
  const auto since_boot =
      std::chrono::duration_cast<Nanoseconds>(moment.time_since_epoch()).count();
  const std::int64_t at = std::max<std::int64_t>(since_boot, 1);
  const itimerspec when{.it_interval = {},
                        .it_value = {.tv_sec = at / 1'000'000'000, .tv_nsec = at % 1'000'000'000}};
  ::timerfd_settime(alarm_.get(), TFD_TIMER_ABSTIME, &when, nullptr);
}

void Lane::clear_alarm() noexcept {
  std::uint64_t expirations = 0;
  [[maybe_unused]] const ssize_t got = ::read(alarm_.get(), &expirations, sizeof expirations);
}

void Lane::run() {
  while (true) {
    const Steady wake = wake_time();
    if (wake != Steady::max()) set_alarm(wake + grace());
    const bool due = context_.clock.sleep_until(wake, bell_);
    if (!due) bell_.clear();
    if (!tick()) break;
  }
  const std::lock_guard lock{mutex_};
  ended_ = true;
  set_alarm(context_.clock.now());  // the scheduler puts it away
}

/// Performs all that is due. False: the lane is to end.
bool Lane::tick() {
  const Steady begin = context_.clock.now();
  const Time now = context_.clock.wall();
  bool any = false;
  context_.root.new_tick();
  while (const auto read = next(now)) {
    any = true;
    read->perform(context_, now);
    const std::lock_guard lock{mutex_};
    note_duration(context_.clock.now() - since_);
    current_.reset();
  }
  if (any) context_.pipeline.publish();
  const std::lock_guard lock{mutex_};
  last_tick_ = context_.clock.now() - begin;
  return !stopping_;
}

/// A slow reader that was left alone with its thread may go home once it is quick again.
void Lane::note_duration(Nanoseconds length) {
  quick_ = length < kQuick ? quick_ + 1 : 0;
  if (!shared_ && quick_ == kQuickReads) set_alarm(context_.clock.now());
}

/// How long a tick may take before the scheduler has a look at it.
Nanoseconds Lane::grace() const {
  const std::lock_guard lock{mutex_};
  if (reads_.size() == 1) return reads_.front()->deadline();
  return std::clamp(2 * last_tick_, kLeastGrace, kMostGrace);
}

std::shared_ptr<Read> Lane::next(Time now) {
  const std::lock_guard lock{mutex_};
  if (stopping_) return nullptr;
  if (const std::uint64_t resets = context_.clock.resets(); resets != resets_) {
    resets_ = resets;  // the clock went back: the old due times are far ahead
    for (const auto& read : reads_) read->set_due(read->next_on_grid(now - kPunctual));
  }
  for (const auto& read : reads_) {
    if (read->due() > now + kEarly) continue;
    current_ = read;
    since_ = context_.clock.now();
    return read;
  }
  return nullptr;
}

Steady Lane::wake_time() {
  const std::lock_guard lock{mutex_};
  Time earliest = Time::max();
  for (const auto& read : reads_) earliest = std::min(earliest, read->due());
  return earliest == Time::max() ? Steady::max() : context_.clock.when(earliest);
}

}  // namespace vital

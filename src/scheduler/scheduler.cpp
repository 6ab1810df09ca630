// SPDX-License-Identifier: MIT
#include "scheduler/scheduler.h"

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "pipeline/pipeline.h"

namespace vital {
namespace {

constexpr Nanoseconds kPatience = std::chrono::milliseconds{25};
constexpr std::size_t kMostLanes = 256;  // what hangs beyond that hangs together

/// A first read right before the next point of the grid would only double it.
Time first_due(const Read& read, Time now) noexcept {
  const Time point = read.next_on_grid(now);
  return point - now > read.interval() * 6 / 10 ? now : point;
}

}  // namespace

Scheduler::Scheduler(ReadContext context, std::size_t blocking_lanes, Log log)
    : context_{std::move(context)},
      blocking_lanes_{blocking_lanes},
      log_{std::move(log)},
      watch_{::epoll_create1(EPOLL_CLOEXEC)} {
  if (!watch_) throw std::system_error{errno, std::generic_category(), "epoll"};
}

Scheduler::~Scheduler() { (void)stop(Nanoseconds::zero()); }

std::shared_ptr<Read> Scheduler::add(Reader& reader, ReaderSpec spec,
                                     std::shared_ptr<Sources> sources, Log log, Time due) {
  auto read = std::make_shared<Read>(reader, std::move(spec), std::move(sources), std::move(log));
  if (started_) {
    read->set_due(due == Time{} ? first_due(*read, context_.clock.wall()) : due);
    place(read);
  }
  const std::lock_guard lock{mutex_};
  reads_.push_back(read);
  return read;
}

void Scheduler::remove(const std::shared_ptr<Read>& read) {
  for (const LanePtr& lane : lanes_) lane->remove(*read);
  const std::lock_guard lock{mutex_};
  std::erase(reads_, read);
}

bool Scheduler::busy(const Read& read) const {
  return std::any_of(lanes_.begin(), lanes_.end(),
                     [&](const LanePtr& lane) { return lane->busy().read.get() == &read; });
}

Scheduler::LanePtr Scheduler::emptiest_apart() const {
  LanePtr best;
  for (const LanePtr& lane : lanes_)
    if (lane != shared_ && (!best || lane->size() < best->size())) best = lane;
  return best;
}

/// Those that may block get a lane of their own as long as there are few.
void Scheduler::place(const std::shared_ptr<Read>& read) {
  if (!read->blocking()) return void(shared_->add(read));
  const bool few = lanes_.size() <= blocking_lanes_;  // one of them is shared
  if (const LanePtr lane = few ? nullptr : emptiest_apart(); lane && lane->add(read)) return;
  const LanePtr fresh = make_lane(false);
  fresh->add(read);
  if (!started_) return;
  if (const auto status = start_lane(fresh); !status)
    log_.error("no thread for ", std::string_view{read->name()}, ": ", status.error());
}

Scheduler::LanePtr Scheduler::make_lane(bool shared) {
  auto lane = std::make_shared<Lane>(context_, shared);
  lanes_.push_back(lane);
  return lane;
}

Status Scheduler::start_lane(const LanePtr& lane) {
  epoll_event event{.events = EPOLLIN, .data = {.fd = lane->alarm_fd()}};
  if (::epoll_ctl(watch_.get(), EPOLL_CTL_ADD, lane->alarm_fd(), &event) != 0)
    return Error::system("epoll");
  return lane->start();
}

Status Scheduler::start() {
  const Time now = context_.clock.wall();
  shared_ = make_lane(true);
  for (const auto& read : reads_) {
    read->set_due(first_due(*read, now));
    place(read);
  }
  started_ = true;
  for (const LanePtr& lane : lanes_)
    if (auto status = start_lane(lane); !status) return status;
  return {};
}

bool Scheduler::read_once() {
  bool all = true;
  context_.root.new_tick();
  for (const auto& read : reads_) all = read->perform_once(context_) && all;
  context_.pipeline.publish();
  return all;
}

std::vector<std::string> Scheduler::stop(Nanoseconds limit) {
  std::vector<std::string> stuck;
  const Steady end = context_.clock.now() + limit;
  for (const LanePtr& lane : lanes_) lane->request_stop();
  for (const LanePtr& lane : lanes_) {
    const Nanoseconds left = std::max(Nanoseconds{end - context_.clock.now()}, Nanoseconds::zero());
    if (lane->join_for(left)) continue;
    const auto read = lane->busy().read;
    stuck.push_back(read ? read->name() : "a lane between two reads");
    lane->abandon();
  }
  lanes_.clear();
  shared_.reset();
  started_ = false;
  return stuck;
}

void Scheduler::supervise() {
  for (const LanePtr& lane : std::vector<LanePtr>{lanes_}) {
    lane->clear_alarm();
    look_at(lane);
    bring_home(lane);
  }
  std::erase_if(lanes_, [](const LanePtr& lane) {
    return lane->ended() && lane->join_for(std::chrono::seconds{1});
  });
}

void Scheduler::look_at(const LanePtr& lane) {
  const Lane::Busy busy = lane->busy();
  if (!busy.read) return;
  const Nanoseconds so_far = context_.clock.now() - busy.since;
  if (so_far >= busy.read->deadline()) busy.read->overrun(so_far);
  if (so_far >= kPatience && lane->others() != 0 && lanes_.size() < kMostLanes) part(lane);
  const bool lonely = lane->others() == 0;
  const Steady deadline = busy.since + busy.read->deadline();
  Steady next = lonely ? deadline : busy.since + kPatience;
  if (next <= context_.clock.now()) next = context_.clock.now() + busy.read->deadline();
  lane->set_alarm(next);
}

/// The slow read keeps its thread; all others of its lane get a new one.
void Scheduler::part(const LanePtr& lane) {
  const bool shared = lane == shared_;
  LanePtr fresh;
  try {
    fresh = make_lane(shared);
  } catch (const std::system_error& error) {
    log_.error("no lane for the readers behind a slow one: ", std::string_view{error.what()});
    return;
  }
  for (auto& read : lane->take_others()) (void)fresh->add(std::move(read));
  if (const auto status = start_lane(fresh); !status)
    log_.error("no thread for the readers behind a slow one: ", status.error());
  if (shared) shared_ = fresh;
}

void Scheduler::bring_home(const LanePtr& lane) {
  if (lane == shared_) return;
  if (auto read = lane->take_recovered()) (void)shared_->add(std::move(read));
}

void Scheduler::weigh_next() const noexcept {
  const std::lock_guard lock{mutex_};
  for (const auto& read : reads_) read->weigh_next();
}

std::vector<ReadStatus> Scheduler::status() const {
  const std::lock_guard lock{mutex_};
  std::vector<ReadStatus> result;
  for (const auto& read : reads_) result.push_back(read->status());
  return result;
}

}  // namespace vital

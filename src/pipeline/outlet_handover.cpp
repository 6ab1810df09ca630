// SPDX-License-Identifier: MIT
// What outlets do when one takes another's place.
#include "pipeline/outlet.h"

namespace vital {

void Outlet::retire(Nanoseconds limit) {
  const Lock lock{mutex_};
  retired_ = stopping_ = true;
  give_up_ = clock_.now() + limit;
  changed_.notify_all();
}

void Outlet::finish(Nanoseconds limit) {
  const Lock lock{mutex_};
  stopping_ = true;
  give_up_ = clock_.now() + limit;
  changed_.notify_all();
}

bool Outlet::ended() noexcept {
  if (!thread_.join_for(Nanoseconds::zero())) return false;
  {
    const Lock lock{mutex_};
    keeper_stops_ = true;
    keeper_changed_.notify_all();
  }
  return keeper_.join_for(Nanoseconds::zero());
}

void Outlet::take_over(Outlet& before) {
  const bool whole = before.ended();
  Ring<Item> items;
  const std::scoped_lock lock{before.mutex_, mutex_};
  for (Ring<Item>* waiting : {&before.unsettled_, &before.again_, &before.queue_})
    while (!waiting->empty()) {
      Item item = waiting->pop();
      item.counted = 0;
      const bool left = item.is_kept() && item.receipt && !whole;
      const bool nothing = !item.is_kept() && !item.flush;
      if (!left && !nothing) items.push(std::move(item));
    }
  before.values_ = before.bytes_ = before.on_the_way_ = before.alone_ = 0;
  if (whole && before.journal_) take_journal(before);
  if (belongs_behind_journal()) queue_behind_journal();
  while (!items.empty()) again_.push_front(items.pop_back());
  if (waiting_) changed_.notify_one();
}

void Outlet::take_journal(Outlet& before) {
  keeps_ = journal_ != nullptr;
  journal_ = std::move(before.journal_);
  if (keeps_) journal_->set_limits(limits_of(limits_.journal));
  restored_ = before.restored_;
  backlog_ = before.backlog_;
  spills_ = before.spills_;
  live_ = std::move(before.live_);
}

/// What came before the journal was here.
void Outlet::queue_behind_journal() {
  for (std::size_t left = queue_.size(); left != 0; --left) {
    Item item = queue_.pop();
    if (item.is_kept() && !item.receipt) item.receipt = keep(item);
    if (!item.receipt) {
      queue_.push(std::move(item));
      continue;
    }
    values_ -= item.size();
    bytes_ -= item.bytes();
    ++spills_;
  }
}

void Outlet::set_limits(const QueueOptions& limits) {
  const Lock lock{mutex_};
  const bool log_failures = limits_.log_failures;  // the writer's own, not the queue's
  limits_ = limits;
  limits_.log_failures = log_failures;
  breaker_.set_pauses(limits.retry_first, limits.retry_longest);
  if (journal_) journal_->set_limits(limits_of(limits.journal));
}

}  // namespace vital

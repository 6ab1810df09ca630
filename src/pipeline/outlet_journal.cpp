// SPDX-License-Identifier: MIT
// What an outlet does with its journal.
#include <algorithm>

#include "pipeline/outlet.h"

namespace vital {

/// Puts a batch or notification into the journal; empty: there is none, or it cannot take it now.
std::shared_ptr<Outlet::Receipt> Outlet::keep(const Item& item) {
  if (!journal_ || !restored_ || !keeps_) return nullptr;
  const auto position =
      item.batch ? journal_->append(item.batch) : journal_->append(item.notification);
  if (!position) return nullptr;
  auto receipt = std::make_shared<Receipt>(Receipt{.position = *position, .values = item.size()});
  (void)oldest_live();
  live_.push(receipt);
  return receipt;
}

/// What comes now waits in the journal alone: nobody would take it, or it must not come before what
/// waits there.
bool Outlet::belongs_behind_journal() const noexcept {
  return away_ || (!takes_values() && backlog_);
}

/// The far end is away. What the journal has need not wait in memory; it is read from there when
/// the far end is back.
void Outlet::leave_to_journal() {
  if (!journal_ || !restored_) return;
  away_ = true;
  backlog_ = true;
  ++spills_;
  const auto leave = [this](Ring<Item>& items, bool counted) {
    for (std::size_t left = items.size(); left != 0; --left) {
      Item item = items.pop();
      if (item.receipt && item.is_kept()) {
        if (counted) {
          values_ -= item.size();
          bytes_ -= item.bytes();
        }
        continue;
      }
      items.push(std::move(item));
    }
  };
  leave(again_, false);
  leave(queue_, true);
  journal_->rewind();
}

/// Where that begins which need not be read from the journal, for it is still in memory. A receipt
/// that only the list holds is of a batch that is not.
Outlet::Position Outlet::oldest_live() {
  while (!live_.empty() && live_.front().use_count() == 1) (void)live_.pop();
  return live_.empty() ? journal_->end() : live_.front()->position;
}

/// Writes the oldest entry that waits in the journal alone.
void Outlet::catch_up() {
  std::uint64_t spills = 0;
  Position before;
  Nanoseconds longest{};
  {
    const Lock lock{mutex_};
    if (!backlog_ || stopping_ || !again_.empty()) return;
    spills = spills_;
    before = oldest_live();
    longest = nanoseconds(limits_.retry_longest);
  }
  auto entry = journal_->read(before);
  if (!entry) {
    const bool none = entry.error().code() == Errc::absent;
    {
      const Lock lock{mutex_};
      if (none && spills == spills_) backlog_ = false;
      if (!none) journal_trouble_.begins(log_, "reading the journal", entry.error());
    }
    if (!none) (void)pause(longest);
    return;
  }
  if (static_cast<bool>(entry->batch) != takes_values())  // another kind of outlet's
    return ledger_->dropped(Loss::refused, journal_->acknowledge(entry->position));
  Item item{.batch = std::move(entry->batch),
            .notification = std::move(entry->notification),
            .flush = {},
            .done = {},
            .since = clock_.now()};
  item.receipt =
      std::make_shared<Receipt>(Receipt{.position = entry->position, .values = item.size()});
  write(item);
}

/// Writes the journal to disk when it wants to be written.
void Outlet::run_keeper() {
  Lock lock{mutex_};
  for (bool last = false; !last;) {
    last = keeper_stops_;
    const Steady next = journal_->next_sync();
    if (!last && clock_.now() < next) {
      keeper_idle_ = next == Steady::max();
      if (keeper_idle_)
        keeper_changed_.wait(lock);
      else
        keeper_changed_.wait_until(lock, next);
      keeper_idle_ = false;
      continue;
    }
    lock.unlock();
    const Status status = journal_->sync();
    lock.lock();
    if (!status) {
      journal_trouble_.begins(log_, "the journal", status.error());
    } else {
      if (!restored_) restore();
      journal_trouble_.ends(log_, "the journal");
    }
    count_losses();
  }
}

/// How many of the values that were found were not queued here before: all of them, unless this
/// outlet has taken another one's place.
std::uint64_t Outlet::not_counted_yet(std::uint64_t found) {
  std::uint64_t here = values_;
  for (Ring<Item>* items : {&again_, &unsettled_})
    for (std::size_t at = 0; at < items->size(); ++at)
      if (!(*items)[at].receipt) here += (*items)[at].size();
  const std::uint64_t queued = ledger_->snapshot().queued;
  const std::uint64_t known = queued - std::min(queued, here);
  return found - std::min(found, known);
}

/// Counts what waited in the journal at the start.
void Outlet::restore() {
  const JournalStatus found = journal_->status();
  const JournalLosses lost = journal_->take_losses();
  restored_ = true;
  backlog_ = found.values_waiting != 0;
  ledger_->submitted(not_counted_yet(found.values_waiting + lost.all()));
  ledger_->dropped(Loss::journal_full, lost.overflow);
  ledger_->dropped(Loss::journal_age, lost.too_old);
  ledger_->dropped(Loss::damaged, lost.damaged);
  if (lost.damaged != 0)
    log_.warning("the journal was damaged: ", lost.damaged, counted_as(), " of it are lost");
  if (found.values_waiting != 0)
    log_.notice(found.values_waiting, counted_as(), " wait in the journal from before");
  if (waiting_) changed_.notify_one();
}

void Outlet::count_losses() {
  const JournalLosses lost = journal_->take_losses();
  ledger_->dropped(Loss::journal_full, lost.overflow);
  ledger_->dropped(Loss::journal_age, lost.too_old);
  ledger_->dropped(Loss::damaged, lost.damaged);
}

}  // namespace vital

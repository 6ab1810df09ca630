// SPDX-License-Identifier: MIT
#include "pipeline/outlet.h"

#include <algorithm>

#include "base/hash.h"

namespace vital {
namespace {

constexpr Nanoseconds kLongestAsked = std::chrono::hours{1};  // that a far end is left alone

bool is_temporary(const Error& error) noexcept {
  return error.code() == Errc::temporary || error.code() == Errc::timed_out;
}

}  // namespace

Outlet::Outlet(std::string name, Writer* writer, Notifier* notifier, std::shared_ptr<Ledger> ledger,
               const QueueOptions& limits, const Clock& clock, Log log,
               std::unique_ptr<Journal> journal)
    : name_{std::move(name)},
      writer_{writer},
      notifier_{notifier},
      ledger_{std::move(ledger)},
      clock_{clock},
      log_{std::move(log)},
      limits_{limits},
      random_{
          hash_bytes(name_, static_cast<std::uint64_t>(clock.now().time_since_epoch().count()))},
      breaker_{limits.retry_first, limits.retry_longest, hash_bytes("breaker", random_)},
      journal_{std::move(journal)} {}

Outlet::~Outlet() { (void)stop(Nanoseconds::zero()); }

Status Outlet::start() {
  if (journal_) {
    const Status opened = journal_->open();
    const Lock lock{mutex_};
    if (opened && !restored_)
      restore();
    else if (opened)
      journal_trouble_.ends(log_, "the journal");
    else
      journal_trouble_.begins(log_, "the journal", opened.error());
    auto keeper = Thread::start("j " + name_, [this] { run_keeper(); });
    if (!keeper) return keeper.error();
    keeper_ = std::move(*keeper);
  }
  auto thread = Thread::start("> " + name_, [this] { run(); });
  if (!thread) return thread.error();
  thread_ = std::move(*thread);
  return {};
}

bool Outlet::stop(Nanoseconds limit) {
  if (!thread_.running() && !keeper_.running()) return true;
  {
    const Lock lock{mutex_};
    stopping_ = true;
    give_up_ = clock_.now() + limit;
    changed_.notify_all();
  }
  constexpr Nanoseconds kLastBreath = std::chrono::milliseconds{200};
  bool ended = thread_.join_for(limit);
  if (!ended) {
    if (writer_ != nullptr) writer_->hurry();
    if (notifier_ != nullptr) notifier_->hurry();
    ended = thread_.join_for(kLastBreath);
  }
  if (!ended) {
    log_.error("hangs and is given up; ", ledger_->snapshot().queued, counted_as(),
               " that it had not written are lost");
    thread_.abandon();
  }
  {
    const Lock lock{mutex_};
    drop_all(Loss::stopped);
    keeper_stops_ = true;
    keeper_changed_.notify_all();
  }
  if (!keeper_.running() || keeper_.join_for(limit + kLastBreath)) return ended;
  log_.error("the disk of the journal hangs and is given up");
  keeper_.abandon();
  return false;
}

void Outlet::submit(std::shared_ptr<const Batch> batch) {
  if (batch->empty() || writer_ == nullptr) return;
  const Lock lock{mutex_};
  submit({.batch = std::move(batch),
          .notification = {},
          .flush = {},
          .done = {},
          .since = clock_.now()});
}

void Outlet::submit(std::shared_ptr<const Notification> notification) {
  if (notifier_ == nullptr) return;
  {
    const Lock lock{mutex_};
    submit({.batch = {},
            .notification = std::move(notification),
            .flush = {},
            .done = {},
            .since = clock_.now()});
    if (waiting_) changed_.notify_one();
  }
  publish();
}

void Outlet::submit(Item item) {
  const std::size_t count = item.size();
  ledger_->submitted(count);
  item.receipt = keep(item);
  if (item.receipt && belongs_behind_journal()) {
    backlog_ = true;
    ++spills_;
    return;
  }
  if (!item.receipt && shed()) return ledger_->dropped(Loss::shed, count);
  make_room(item);
  values_ += count;
  bytes_ += item.bytes();
  queue_.push(std::move(item));
}

void Outlet::publish() {
  const Lock lock{mutex_};
  if (waiting_ && !queue_.empty()) changed_.notify_one();
  if (keeper_idle_ && journal_->next_sync() != Steady::max()) keeper_changed_.notify_one();
}

void Outlet::flush(FlushRequest request, Done done) {
  const Lock lock{mutex_};
  queue_.push({.batch = {},
               .notification = {},
               .flush = std::make_shared<FlushRequest>(std::move(request)),
               .done = std::move(done),
               .since = clock_.now()});
  if (waiting_) changed_.notify_one();
}

void Outlet::flush_every(Span interval, Span older_than) {
  const Lock lock{mutex_};
  flush_interval_ = interval;
  flush_age_ = older_than;
  next_flush_ = interval > Span::zero() ? clock_.now() + nanoseconds(interval) : Steady::max();
  changed_.notify_one();
}

OutletStatus Outlet::status() const {
  const Lock lock{mutex_};
  Outlet& self = const_cast<Outlet&>(*this);  // Ring has no const access
  const Steady now = clock_.now();
  return {
      .name = name_,
      .takes_values = takes_values(),
      .values = ledger_->snapshot(),
      .batches_waiting = queue_.size() + again_.size() + unsettled_.size(),
      .lag = queue_.empty() ? Nanoseconds::zero() : Nanoseconds{now - self.queue_.front().since},
      .last_write = busy_since_ == Steady{} ? last_write_ : Nanoseconds{now - busy_since_},
      .failures = trouble_.failures(),
      .last_error = last_error_,
      .away = away_,
      .breaker = breaker_.state(),
      .next_probe = breaker_.state() == Breaker::State::open
                        ? std::max(Nanoseconds{breaker_.next_probe() - now}, Nanoseconds::zero())
                        : Nanoseconds::zero(),
      .journal = journal_ ? std::optional{journal_->status()} : std::nullopt};
}

/// Between the water marks the chance to be shed grows from nothing to certainty.
bool Outlet::shed() noexcept {
  if (writer_ == nullptr) return false;  // no notification is dropped before it must be
  if (limits_.low_values == 0 || values_ < limits_.low_values) {
    if (values_ * 2 < limits_.low_values) shedding_.ends(log_, "keeping up with the values");
    return false;
  }
  if (values_ >= limits_.high_values) return false;  // then the oldest go
  shedding_.begins(log_, "keeping up with the values",
                   Error{Errc::limit, "WriteQueueLimitLow is met, some are dropped"});
  random_ = hash_bytes("next", random_);
  const std::uint64_t span = limits_.high_values - limits_.low_values + 1;
  return random_ % span <= values_ - limits_.low_values;
}

void Outlet::make_room(const Item& item) {
  while (!queue_.empty() && (values_ + item.size() > limits_.high_values ||
                             bytes_ + item.bytes() > limits_.high_bytes)) {
    if (values_ == 0) return;  // only flushes wait
    drop_front(Loss::queue_full);
  }
}

/// Drops the oldest batch or notification; flushes before it stay.
void Outlet::drop_front(Loss loss) {
  for (std::size_t at = 0; at < queue_.size(); ++at) {
    Item& item = queue_[at];
    if (!item.is_kept()) continue;
    values_ -= item.size();
    bytes_ -= item.bytes();
    if (item.receipt) {
      backlog_ = true;
      ++spills_;
    } else {
      ledger_->dropped(loss, item.size());
    }
    item.batch.reset();
    item.notification.reset();
    item.receipt.reset();
    if (at == 0) (void)queue_.pop();
    return;
  }
}

void Outlet::drop_all(Loss loss) {
  for (Ring<Item>* written : {&again_, &unsettled_})
    while (!written->empty()) {
      const Item item = written->pop();
      if (item.done) item.done();
      if (!item.receipt) ledger_->dropped(loss, item.size() - item.counted);
    }
  on_the_way_ = alone_ = 0;
  while (values_ != 0) drop_front(loss);
  while (!queue_.empty()) {
    const Item item = queue_.pop();
    if (item.done) item.done();
  }
}

/// What may have to be done when nothing is queued.
Steady Outlet::next_event() {
  const Steady settles =
      unsettled_.empty() ? Steady::max() : clock_.now() + writer_->settle_pause();
  return std::min(
      {next_flush_, settles, writer_ != nullptr ? writer_->next_wake() : Steady::max()});
}

/// Waits for work. False: there is none and there will be none.
bool Outlet::wait(Lock& lock) {
  while (!retired_ && queue_.empty() && again_.empty() && (!backlog_ || stopping_)) {
    if (stopping_) return false;
    const Steady event = next_event();
    waiting_ = true;
    if (event == Steady::max())
      changed_.wait(lock);
    else
      changed_.wait_until(lock, event);
    waiting_ = false;
    if (queue_.empty() && clock_.now() >= event) return !retired_;
  }
  return !retired_;
}

Outlet::Item Outlet::take() {
  if (!again_.empty()) return again_.pop();
  if (queue_.empty()) return {};
  Item item = queue_.pop();
  values_ -= item.size();
  bytes_ -= item.bytes();
  return item;
}

void Outlet::run() {
  Lock lock{mutex_};
  while (wait(lock)) {
    busy_since_ = clock_.now();
    lock.unlock();
    settle_some();
    lock.lock();
    Item item = take();
    lock.unlock();
    process(item);
    catch_up();
    settle_or_rest();
    if (drained()) {
      writer_->idle();
      settle_or_rest();
    }
    timed_flush();
    lock.lock();
    last_write_ = clock_.now() - busy_since_;
    busy_since_ = Steady{};
  }
  lock.unlock();
  if (writer_ != nullptr) (void)writer_->flush({});
  settle_all();
}

void Outlet::process(Item& item) {
  if (item.is_kept()) write(item);
  if (item.flush && writer_ != nullptr) {
    const Status status = writer_->flush(*item.flush);
    if (!status) failed(status.error());
  }
  if (item.done) item.done();
}

/// Batches that wait come first, for a while: a writer that has more of them when it is woken can
/// write more together.
bool Outlet::wants_wake() const {
  constexpr Nanoseconds kPatience = std::chrono::milliseconds{100};
  const Nanoseconds late = clock_.now() - writer_->next_wake();
  const Lock lock{mutex_};
  return late >= (values_ != 0 ? kPatience : Nanoseconds::zero());
}

/// What the writer was given so far is all there is.
bool Outlet::drained() const {
  if (writer_ == nullptr) return false;
  const Lock lock{mutex_};
  return queue_.empty() && again_.empty() && (!backlog_ || stopping_);
}

void Outlet::timed_flush() {
  if (writer_ == nullptr) return;
  if (wants_wake()) writer_->wake();
  FlushRequest request;
  {
    const Lock lock{mutex_};
    const Steady now = clock_.now();
    if (now < next_flush_) return;
    next_flush_ = now + nanoseconds(flush_interval_);
    request.older_than = flush_age_;
  }
  if (const Status status = writer_->flush(request); !status) failed(status.error());
}

std::string_view Outlet::work() const noexcept { return takes_values() ? "writing" : "notifying"; }

std::string_view Outlet::counted_as() const noexcept {
  return takes_values() ? " values" : " notifications";
}

Status Outlet::deliver(const Item& item) noexcept {
  return item.batch ? writer_->write(*item.batch) : notifier_->notify(*item.notification);
}

/// Writes a batch, or hands on a notification, once. What the writer did not itself count as
/// dropped or held has arrived, or will, when it succeeds.
void Outlet::write(Item& item) {
  const std::uint64_t before = ledger_->settled();
  const Status status = deliver(item);
  item.counted = ledger_->settled() - before;
  if (status) {
    if (!takes_values() || !writer_->settles_later()) return arrived(item);
    {
      const Lock lock{mutex_};
      on_the_way_ += item.size();
      unsettled_.push(std::move(item));
    }
    return send_alone();
  }
  failed(status.error());
  if (!is_temporary(status.error())) return refused(item, status.error());
  {
    const Lock lock{mutex_};
    again_.push_front(std::move(item));
    leave_to_journal();
  }
  (void)settle();  // what was written before it may be lost as well, and comes before it
  (void)rest();
}

/// Of batches that were refused together each is sent, and waited for, by itself.
void Outlet::send_alone() {
  constexpr Nanoseconds kLook = std::chrono::milliseconds{5};
  {
    const Lock lock{mutex_};
    if (alone_ == 0) return;
    --alone_;
  }
  writer_->idle();
  const auto on_the_way = [this] {
    const Lock lock{mutex_};
    return !unsettled_.empty();
  };
  settle_or_rest();
  while (on_the_way()) {
    if (!pause(kLook, true)) return;
    settle_or_rest();
  }
}

void Outlet::arrived(const Item& item) {
  const Lock lock{mutex_};
  done_with(item, std::nullopt);
  refusals_ = 0;
  away_ = false;
  breaker_.close();
  trouble_.ends(log_, work(), limits_.log_failures ? Severity::notice : Severity::debug);
}

/// Counts the values of an item that was delivered, or lost for that reason. What the journal
/// counted as lost while they were here is not counted again.
void Outlet::done_with(const Item& item, std::optional<Loss> loss) {
  std::uint64_t count = item.size() - std::min<std::uint64_t>(item.size(), item.counted);
  if (item.receipt && --item.receipt->parts == 0) {
    const std::uint64_t waited = journal_->acknowledge(item.receipt->position);
    count -= std::min(count, item.receipt->values - std::min(item.receipt->values, waited));
  }
  if (loss)
    ledger_->dropped(*loss, count);
  else
    ledger_->delivered(count);
}

/// Asks a writer that learns of it later what has arrived. What is lost is written again.
Status Outlet::settle() {
  if (writer_ == nullptr || !writer_->settles_later()) return {};
  {
    const Lock lock{mutex_};
    if (unsettled_.empty()) return {};
  }
  std::uint64_t count = 0;
  Status status = writer_->settle(count);
  Lock lock{mutex_};
  for (; count != 0 && !unsettled_.empty(); --count) {
    const Item item = unsettled_.pop();
    on_the_way_ -= item.batch->size();
    lock.unlock();
    arrived(item);
    lock.lock();
  }
  if (!status && !unsettled_.empty()) lost(lock, status.error());
  return status;
}

/// Of several batches that were refused together nobody knows yet which one is at fault.
void Outlet::lost(Lock& lock, const Error& error) {
  const bool temporary = is_temporary(error);
  Item only;
  if (!temporary && unsettled_.size() == 1) only = unsettled_.pop();
  alone_ = temporary ? 0 : unsettled_.size();
  while (!unsettled_.empty()) {
    Item item = unsettled_.pop_back();
    item.counted = 0;
    again_.push_front(std::move(item));
  }
  on_the_way_ = 0;
  if (temporary) leave_to_journal();
  lock.unlock();
  failed(error);
  if (!only.batch) return;
  only.counted = 0;
  refused(only, error);
}

/// The same, and leaves a far end alone that failed.
void Outlet::settle_or_rest() {
  if (const Status status = settle(); !status && is_temporary(status.error())) (void)rest();
}

/// Waits while too much is on its way: what is lost there has to be written again.
void Outlet::settle_some() {
  constexpr std::size_t kMost = 65536;  // values
  constexpr Nanoseconds kLook = std::chrono::milliseconds{10};
  while (true) {
    {
      const Lock lock{mutex_};
      if (on_the_way_ < kMost) return;
    }
    writer_->idle();
    settle_or_rest();
    if (!pause(kLook, true)) return;
  }
}

/// At the end: waits for what is on its way, as long as there is time.
void Outlet::settle_all() {
  if (writer_ == nullptr) return;
  const auto done = [this] {
    const Lock lock{mutex_};
    return unsettled_.empty() && (retired_ || again_.empty());
  };
  for (settle_or_rest(); !done(); settle_or_rest()) {
    constexpr Nanoseconds kLook = std::chrono::milliseconds{20};
    if (!pause(kLook, true)) return;
    Lock lock{mutex_};
    while (!retired_ && !again_.empty()) {
      Item item = again_.pop();
      lock.unlock();
      write(item);
      lock.lock();
    }
    lock.unlock();
    writer_->idle();
  }
}

/// Halves are written next, before all others. When nothing at all is accepted it is not the
/// samples that are at fault, and looking for them ends.
void Outlet::refused(const Item& item, const Error& error) {
  constexpr int kMost = 32;
  const std::size_t size = item.size();
  const Lock lock{mutex_};
  if (++refusals_ <= kMost && size > 1) return halve(item);
  done_with(item, Loss::refused);
  if (item.notification)
    poison_.say(log_, clock_.now(), "a notification is refused for good and left out (",
                item.notification->message, "): ", error);
  else if (size == 1)
    poison_.say(log_, clock_.now(), (*item.batch)[0].series.name(),
                ": a value is refused for good and left out: ", error);
}

void Outlet::halve(const Item& item) {
  const std::size_t size = item.size();
  if (item.receipt) ++item.receipt->parts;
  const std::size_t middle = size / 2;
  const auto half = [&](std::size_t begin, std::size_t end) {
    auto part = std::make_shared<Batch>(*item.batch);
    part->filter([&](std::size_t at) { return begin <= at && at < end; });
    again_.push_front({.batch = std::move(part),
                       .notification = {},
                       .flush = {},
                       .done = {},
                       .since = item.since,
                       .receipt = item.receipt});
  };
  half(middle, size);
  half(0, middle);
  if (writer_->settles_later()) alone_ += 2;
}

void Outlet::failed(const Error& error) {
  const Lock lock{mutex_};
  trouble_.begins(log_, work(), error, limits_.log_failures ? Severity::warning : Severity::debug);
  last_error_ = error.message().view();
}

/// Leaves the far end alone until the next probe. False: the outlet is to stop before that; what
/// waits in memory is lost.
bool Outlet::rest() {
  Nanoseconds length{};
  {
    const Lock lock{mutex_};
    const Steady now = clock_.now();
    const Nanoseconds asked =
        writer_ != nullptr ? writer_->asked_pause() : notifier_->asked_pause();
    breaker_.open(now, std::min(asked, kLongestAsked));
    length = breaker_.next_probe() - now;
  }
  const bool goes_on = pause(length);
  const Lock lock{mutex_};
  breaker_.probe();
  if (!goes_on && !retired_) drop_all(Loss::stopped);
  return goes_on;
}

/// Not to the end if the outlet was retired. False: it is to stop, and its time is over.
bool Outlet::pause(Nanoseconds length, bool to_the_end) {
  Lock lock{mutex_};
  const Steady until = clock_.now() + length;
  while (clock_.now() < until && (to_the_end || !retired_)) {
    if (give_up_ && clock_.now() >= *give_up_) return false;
    changed_.wait_until(lock, give_up_ ? std::min(until, *give_up_) : until);
  }
  return !give_up_ || clock_.now() < *give_up_;
}

}  // namespace vital

// SPDX-License-Identifier: MIT
#pragma once
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "base/ring.h"
#include "base/thread.h"
#include "base/trouble.h"
#include "config/queue_options.h"
#include "pipeline/breaker.h"
#include "pipeline/journal.h"
#include "pipeline/ledger.h"
#include "pipeline/writer.h"

namespace vital {

/// How an outlet is doing, for people.
struct OutletStatus {
  std::string name;
  bool takes_values = true;  // else it is a notifier's, and notifications are what is counted
  Ledger::Snapshot values;
  std::uint64_t batches_waiting = 0;
  Nanoseconds lag{};           // how long the oldest waiting batch has waited
  Nanoseconds last_write{};    // how long the last write took
  std::uint64_t failures = 0;  // in a row
  std::string last_error;      // of the last failure; empty: there was none yet
  bool away = false;           // the far end: what comes goes to the journal alone
  Breaker::State breaker = Breaker::State::closed;
  Nanoseconds next_probe{};  // while the breaker is open: how long until then
  std::optional<JournalStatus> journal;
};

/// Stands between the pipeline and one writer: a bounded queue and a thread of its own, so that a
/// slow writer loses its own oldest values, counted, and delays nobody. What fails for a while is
/// tried again when its breaker allows. A batch that is refused is tried in halves, until the
/// samples are found that the far end will not have; the others are delivered.
///
/// With a journal what waits is also on disk, and what finds no room in memory waits there alone.
/// When the far end is back, new values go to it at once; those of the journal follow beside them,
/// oldest first. What waits when the daemon stops is delivered after its next start.
///
/// A notifier's outlet treats notifications alike, each as one value; but those that wait in the
/// journal are delivered before newer ones, so that no OKAY comes before what it ends.
///
/// Threads  all public members any, but start() and stop() belong to the owner
class Outlet {
 public:
  /// Told when a flush is done, by the outlet's thread.
  using Done = std::function<void()>;

  /// Either `writer` or `notifier` is null. The ledger is the writer's as well.
  Outlet(std::string name, Writer* writer, Notifier* notifier, std::shared_ptr<Ledger> ledger,
         const QueueOptions& limits, const Clock& clock, Log log,
         std::unique_ptr<Journal> journal = nullptr);
  Outlet(const Outlet&) = delete;
  Outlet& operator=(const Outlet&) = delete;
  ~Outlet();

  const std::string& name() const noexcept { return name_; }
  bool takes_values() const noexcept { return writer_ != nullptr; }

  Status start();
  /// Ends the thread when everything has been written and flushed, or when the time is over: what
  /// is left then stays in the journal, or is counted as dropped. False: the writer hangs and its
  /// thread was given up.
  bool stop(Nanoseconds limit);

  // When a writer gives way to another one while values arrive. The other's outlet is submitted to
  // from then on, and started when this one has ended and what waits in it was taken over.

  /// Ends the thread behind the write that is under way; what the writer holds back it writes out,
  /// for as long as `limit`. What is queued stays.
  void retire(Nanoseconds limit);
  /// Ends the thread when all has been written, or behind `limit`, without waiting for it.
  void finish(Nanoseconds limit);
  /// The thread has left the writer.
  bool ended() noexcept;
  /// Puts what waits in `before`, which was retired, in front of what waits here, and goes on with
  /// its journal, whatever directory this one was given. If `before` has not ended (its writer
  /// hangs) what it has in its journal is found there when it is gone.
  void take_over(Outlet& before);
  const std::shared_ptr<Ledger>& ledger() const noexcept { return ledger_; }
  void set_limits(const QueueOptions& limits);

  void submit(std::shared_ptr<const Batch> batch);
  void submit(std::shared_ptr<const Notification> notification);
  /// Lets the thread begin with what was submitted: once a tick, not once a batch.
  void publish();
  void flush(FlushRequest request, Done done);
  /// Flush by itself every `interval` what is older than `older_than`.
  void flush_every(Span interval, Span older_than);

  OutletStatus status() const;

 private:
  using Position = Journal::Position;
  /// What the journal is told when all parts of a batch are done with.
  struct Receipt {
    Position position;
    std::uint64_t values = 0;
    std::size_t parts = 1;
  };
  struct Item {
    std::shared_ptr<const Batch> batch;
    std::shared_ptr<const Notification> notification;
    std::shared_ptr<FlushRequest> flush;
    Done done;
    Steady since;
    std::uint64_t counted = 0;           // of its values, by the writer, as dropped or held
    std::shared_ptr<Receipt> receipt{};  // empty: it is not in the journal

    bool is_kept() const noexcept { return batch || notification; }
    std::size_t size() const noexcept { return batch ? batch->size() : notification ? 1 : 0; }
    std::size_t bytes() const noexcept {
      return batch ? batch->bytes() : notification ? notification->bytes() : 0;
    }
  };
  using Lock = std::unique_lock<std::mutex>;

  void run();
  void submit(Item item);
  bool wait(Lock& lock);
  Steady next_event();
  Item take();
  void process(Item& item);
  void write(Item& item);
  Status deliver(const Item& item) noexcept;
  std::string_view work() const noexcept;
  std::string_view counted_as() const noexcept;
  void arrived(const Item& item);
  void done_with(const Item& item, std::optional<Loss> loss);
  Status settle();
  void settle_or_rest();
  void settle_all();
  void settle_some();
  void send_alone();
  void lost(Lock& lock, const Error& error);
  void refused(const Item& item, const Error& error);
  void halve(const Item& item);
  void failed(const Error& error);
  bool pause(Nanoseconds length, bool to_the_end = false);
  bool rest();
  bool wants_wake() const;
  bool drained() const;
  void timed_flush();
  void make_room(const Item& item);
  bool shed() noexcept;
  void drop_front(Loss loss);
  void drop_all(Loss loss);

  // With a journal.
  std::shared_ptr<Receipt> keep(const Item& item);
  bool belongs_behind_journal() const noexcept;
  void leave_to_journal();
  void catch_up();
  Position oldest_live();
  void run_keeper();
  void restore();
  std::uint64_t not_counted_yet(std::uint64_t found);
  void take_journal(Outlet& before);
  void queue_behind_journal();
  void count_losses();

  const std::string name_;
  Writer* const writer_;
  Notifier* const notifier_;
  const std::shared_ptr<Ledger> ledger_;
  const Clock& clock_;
  const Log log_;

  mutable std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  QueueOptions limits_;
  Ring<Item> queue_;
  std::size_t values_ = 0, bytes_ = 0;  // in queue_
  Ring<Item> again_;                    // to be written before queue_, for not the first time
  Ring<Item> unsettled_;                // written, not known to have arrived
  std::size_t on_the_way_ = 0;          // values in unsettled_
  std::size_t alone_ = 0;               // how many of again_, from the front, go each by itself
  bool waiting_ = false;
  bool stopping_ = false;
  bool retired_ = false;  // stopping, and another outlet takes what waits
  std::optional<Steady> give_up_;
  Steady busy_since_{};  // epoch: not writing
  Nanoseconds last_write_{};
  Span flush_interval_{}, flush_age_{};
  Steady next_flush_ = Steady::max();
  std::string last_error_;
  Trouble trouble_;
  Trouble shedding_;
  Complaint poison_;
  int refusals_ = 0;  // since something was accepted
  std::uint64_t random_;
  Breaker breaker_;

  std::unique_ptr<Journal> journal_;
  bool keeps_ = true;  // false: the journal is only emptied
  std::condition_variable keeper_changed_;
  bool keeper_idle_ = false, keeper_stops_ = false;
  Ring<std::shared_ptr<Receipt>> live_;  // of batches that were not read from it, in their order
  bool restored_ = false;                // what waited at the start is counted
  bool away_ = false;                    // the far end
  bool backlog_ = false;                 // there may be something to read in the journal
  std::uint64_t spills_ = 0;             // how often something was left to the journal
  Trouble journal_trouble_;

  Thread thread_, keeper_;
};

}  // namespace vital

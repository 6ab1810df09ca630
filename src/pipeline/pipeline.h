// SPDX-License-Identifier: MIT
#pragma once
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/trouble.h"
#include "pipeline/chain.h"
#include "pipeline/figures.h"
#include "pipeline/outlet.h"
#include "pipeline/router.h"
#include "pipeline/silences.h"
#include "pipeline/value_cache.h"

namespace vital {

/// The one way in for values: what a read, a client or a peer produced passes the chains and the
/// cache and goes on to outlets and watchers. Entered once per batch, under one lock. Notifications
/// that are raised on the way are sent when it is released.
///
/// Threads  any
class Pipeline {
 public:
  struct Counts {
    std::uint64_t batches = 0, values = 0, too_old = 0;
    std::uint64_t held_too_long = 0;  // dropped while the host's name was looked up
    std::uint64_t stopped = 0;        // by the chain before the cache
    std::uint64_t unwritten = 0;      // the chain behind the cache wrote them to nobody
    std::uint64_t notifications = 0;
    std::uint64_t silenced = 0;  // notifications that nobody wanted to hear
    std::uint64_t cached = 0;    // series in the cache
    std::uint64_t expired = 0;   // series that went missing
  };

  Pipeline(SeriesTable& series, const Clock& clock, Log log, std::int64_t timeout);

  // Wiring, by the daemon.
  void add(Outlet& outlet);
  void remove(Outlet& outlet);
  /// `after` takes the place of `before`: each batch reaches exactly one of them.
  void replace(Outlet& before, Outlet& after);
  /// `name` is what chains call it. It goes on from what one of that name left behind.
  void add(Watcher& watcher, std::string name);
  void remove(Watcher& watcher);
  /// `after` takes the place of `before` and goes on with what that knows.
  void replace(Watcher& before, Watcher& after);
  /// Values pass the chains that `build` makes from now on; nullptr: none. When it throws the old
  /// ones stay.
  void use(const std::function<std::unique_ptr<Chains>(Router&)>& build);
  /// An immediate notifier is called by whoever raises a notification.
  void add(Notifier& immediate);
  void remove(Notifier& immediate);
  void add(std::string name, const Counting& counting);
  void remove(const Counting& counting);
  /// The global option Timeout.
  void set_timeout(std::int64_t intervals);

  /// Takes a batch. It is the pipeline's from now on; outlets begin with it at the next publish().
  void submit(std::shared_ptr<Batch> batch);
  /// Lets the outlets begin with what was submitted.
  void publish();
  void notify(Notification notification);

  /// Keeps batches back until release(): the host's name is not known yet.
  void hold();
  void release();

  /// Drops the series that were not updated for `timeout` of their intervals.
  void expire();

  /// Asks outlets to flush: those of that plugin, or all. `done` is called once when all are done.
  /// Returns how many were asked.
  std::size_t flush(std::string_view plugin, const FlushRequest& request, const Outlet::Done& done);

  /// Hands a batch to the outlet of that name, in any case, at once, past chains and cache: of
  /// rates only those of gauges are known. When there is no such outlet that is said, once an hour.
  void write(std::string_view name, std::shared_ptr<Batch> batch);

  // Over a restart: the last totals of all series, as bytes. `boot` names the kernel's run.

  std::string save(std::string_view boot);
  /// Before values flow. False: malformed.
  bool restore(std::string bytes, std::string_view boot, Span extra_patience);

  // Questions of clients.

  /// Visits the cache's entry of a series under the pipeline's lock; false: there is none.
  bool visit(std::string_view name, const std::function<void(const ValueCache::Entry&)>& visit);
  void list(const std::function<void(std::size_t count)>& begin,
            const std::function<void(std::string_view name, Time time)>& each);

  /// What fires, and the silence that covers it (0: none).
  struct Firing {
    ActiveAlert alert;
    std::uint64_t silence = 0;
  };
  std::vector<Firing> alerts();
  /// False: nothing can fire.
  bool has_thresholds() const;
  /// The threshold that counts for values of that name, as lines; empty: none.
  std::vector<std::string> threshold(const Identifier& identifier) const;
  std::uint64_t silence(std::string pattern, std::string comment, Span length);
  bool end_silence(std::uint64_t id);
  std::vector<Silence> silences() const;
  /// Called whenever one begins or ends, with the pipeline's lock held.
  void when_silences_change(std::function<void()> call);
  /// All of them as bytes, for a restart, and back before the first value. What is not understood
  /// is ignored.
  std::string save_silences() const;
  void restore_silences(std::string_view bytes);

  /// What watchers must still know after a restart: names and bytes.
  using Memory = std::map<std::string, std::string>;
  Memory save_memory();
  /// Before the first value; a watcher that comes later gets its part then. What is not understood
  /// is ignored.
  void restore_memory(Memory memory);

  Counts counts() const;
  std::vector<OutletStatus> outlets() const;
  /// What others count, by their names.
  struct Counted {
    std::string name;
    std::vector<Figure> figures;
  };
  std::vector<Counted> counted() const;

 private:
  static constexpr std::size_t kMostHeld = 1000;  // batches; minutes of a usual host's

  void hold_back(std::shared_ptr<Batch> batch);
  void pass(const std::shared_ptr<Batch>& batch);
  bool store(Batch& batch, std::size_t at, Steady now, Time wall);
  void filter(const std::shared_ptr<Batch>& batch, Steady now, Time wall);
  bool filter(Batch& batch, std::size_t at, Passage::Surroundings& around, Steady now);
  void send_raised();
  void speak_again();
  void send(Notification notification);
  void refresh_retired(Batch& batch);

  SeriesTable& series_;
  const Clock& clock_;
  const Log log_;

  mutable std::mutex mutex_;  // guards all below
  std::int64_t timeout_;
  ValueCache cache_;
  std::vector<ValueCache::Listed> listed_;
  Router router_;
  std::unique_ptr<Chains> chains_;
  std::uint64_t renames_ = 0;         // of this host, that the chains know of
  std::shared_ptr<Batch> later_;      // values that chains made
  std::vector<Notification> raised_;  // to be sent, in this order
  Silences silences_;
  std::function<void()> silences_change_;
  Memory memory_;         // of watchers that are not there
  bool sending_ = false;  // a thread is at it
  Counts counts_;
  Complaint too_old_;
  Complaint no_writer_;
  bool holding_ = false;
  std::vector<std::shared_ptr<Batch>> held_;
  unsigned sweeps_ = 0;
  std::uint64_t resets_ = 0;  // of the clock

  mutable std::mutex listeners_mutex_;  // guards what follows
  std::vector<Notifier*> immediate_;
  std::vector<std::pair<std::string, const Counting*>> counting_;
};

}  // namespace vital

// SPDX-License-Identifier: MIT
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/trouble.h"
#include "pipeline/figures.h"
#include "pipeline/outlet.h"
#include "pipeline/value_cache.h"

namespace vital {

/// The one way in for values: what a read, a client or a peer produced passes the cache and goes
/// on to every outlet. Entered once per batch, under one lock.
///
/// Threads  any
class Pipeline {
 public:
  struct Counts {
    std::uint64_t batches = 0, values = 0, too_old = 0;
    std::uint64_t held_too_long = 0;  // dropped while the host's name was looked up
    std::uint64_t notifications = 0;
    std::uint64_t cached = 0;   // series in the cache
    std::uint64_t expired = 0;  // series that went missing
  };

  Pipeline(SeriesTable& series, const Clock& clock, Log log, std::int64_t timeout);

  // Wiring, by the daemon.
  void add(Outlet& outlet);
  void remove(Outlet& outlet);
  /// `after` takes the place of `before`: each batch reaches exactly one of them.
  void replace(Outlet& before, Outlet& after);
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
  std::size_t flush(std::string_view plugin, const FlushRequest& request, Outlet::Done done);

  // Over a restart: the last totals of all series, as bytes. `boot` names the kernel's run.

  std::string save(std::string_view boot);
  /// Before values flow. False: malformed.
  bool restore(std::string bytes, std::string_view boot, Span extra_patience);

  // Questions of clients.

  /// Visits the cache's entry of a series under the pipeline's lock; false: there is none.
  bool visit(std::string_view name, const std::function<void(const ValueCache::Entry&)>& visit);
  void list(const std::function<void(std::size_t count)>& begin,
            const std::function<void(std::string_view name, Time time)>& each);

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

  void pass(const std::shared_ptr<Batch>& batch);
  void refresh_retired(Batch& batch);

  SeriesTable& series_;
  const Clock& clock_;
  const Log log_;

  mutable std::mutex mutex_;  // guards all below
  std::int64_t timeout_;
  ValueCache cache_;
  std::vector<ValueCache::Listed> listed_;
  std::vector<Outlet*> outlets_;
  Counts counts_;
  Complaint too_old_;
  bool holding_ = false;
  std::vector<std::shared_ptr<Batch>> held_;
  unsigned sweeps_ = 0;
  std::uint64_t resets_ = 0;  // of the clock

  mutable std::mutex listeners_mutex_;  // guards what follows
  std::vector<Notifier*> immediate_;
  std::vector<std::pair<std::string, const Counting*>> counting_;
};

}  // namespace vital

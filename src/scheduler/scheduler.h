// SPDX-License-Identifier: MIT
#pragma once
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "scheduler/lane.h"

namespace vital {

/// Performs all reads at their times: those of kernel files together on one lane, at one wake-up a
/// tick; those that may block on lanes apart. Ticks lie on the wall clock's grid and are waited
/// for on the steady clock. A read that hangs keeps the thread it hangs on, and nothing else.
///
/// Threads  all but status() belong to the main thread; status() any
class Scheduler {
 public:
  Scheduler(ReadContext context, std::size_t blocking_lanes, Log log);
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;
  ~Scheduler();

  /// Adds a reader. Once the reads have been started it is due at `due`, or as all are at the start
  /// when that is not given.
  std::shared_ptr<Read> add(Reader& reader, ReaderSpec spec, std::shared_ptr<Sources> sources,
                            Log log, Time due = {});
  /// Takes a reader out. A read that is under way goes on; until it is no longer busy() the reader
  /// must live.
  void remove(const std::shared_ptr<Read>& read);
  bool busy(const Read& read) const;

  // MaxReadInterval and ReadThreads; the latter counts for readers that are added from now on.
  void set_longest_rest(Span span) const noexcept { context_.longest_rest.set(span); }
  void set_blocking_lanes(std::size_t count) noexcept { blocking_lanes_ = count; }

  /// The first read comes at once, unless the grid's next point is near.
  Status start();
  /// Every reader once, in this thread. True if all of them worked.
  bool read_once();
  /// Waits for reads that are under way. Returns the names of those that hang and were given up.
  std::vector<std::string> stop(Nanoseconds limit);

  /// Readable when supervise() should be called.
  int watch_fd() const noexcept { return watch_.get(); }
  void supervise();

  std::vector<ReadStatus> status() const;
  /// Somebody looks at what reads cost: each is weighed, whole, at its next one.
  void weigh_next() const noexcept;

 private:
  using LanePtr = std::shared_ptr<Lane>;

  LanePtr make_lane(bool shared);
  void place(const std::shared_ptr<Read>& read);
  LanePtr emptiest_apart() const;
  Status start_lane(const LanePtr& lane);
  void look_at(const LanePtr& lane);
  void part(const LanePtr& lane);
  void bring_home(const LanePtr& lane);

  ReadContext context_;
  std::size_t blocking_lanes_;
  const Log log_;
  Fd watch_;
  std::vector<LanePtr> lanes_;
  LanePtr shared_;  // the one where kernel files are read; one of lanes_
  bool started_ = false;

  mutable std::mutex mutex_;  // guards reads_
  std::vector<std::shared_ptr<Read>> reads_;
};

}  // namespace vital

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
/// Threads  add(), start(), stop() and supervise() belong to the main thread; status() any
class Scheduler {
 public:
  Scheduler(ReadContext context, std::size_t blocking_lanes, Log log);
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;
  ~Scheduler();

  void add(Reader& reader, ReaderSpec spec, std::shared_ptr<Sources> sources, Log log);

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

 private:
  using LanePtr = std::shared_ptr<Lane>;

  LanePtr make_lane(bool shared);
  Status start_lane(const LanePtr& lane);
  void look_at(const LanePtr& lane);
  void part(const LanePtr& lane);
  void bring_home(const LanePtr& lane);

  ReadContext context_;
  const std::size_t blocking_lanes_;
  const Log log_;
  Fd watch_;
  std::vector<LanePtr> lanes_;
  LanePtr shared_;  // the one where kernel files are read; one of lanes_

  mutable std::mutex mutex_;  // guards reads_
  std::vector<std::shared_ptr<Read>> reads_;
};

}  // namespace vital

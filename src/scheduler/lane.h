// SPDX-License-Identifier: MIT
#pragma once
#include <memory>
#include <mutex>
#include <vector>

#include "base/thread.h"
#include "scheduler/read.h"

namespace vital {

/// A thread that performs reads, one after the other, each when it is due. When one of them takes
/// long while others wait, the scheduler gives those to another lane.
///
/// Threads  all public members any
class Lane : public std::enable_shared_from_this<Lane> {
 public:
  using Reads = std::vector<std::shared_ptr<Read>>;

  /// `shared`: the lane of the kernel's files, where quick readers belong.
  Lane(ReadContext context, bool shared);

  Status start();
  /// False: the lane has ended, or is about to.
  bool add(std::shared_ptr<Read> read);
  /// Takes a read away. One that is under way goes on, see busy(). A lane apart that has nothing
  /// left to do ends.
  void remove(const Read& read) noexcept;
  /// Asks the thread to end behind the read that is under way.
  void request_stop() noexcept;
  /// False: still busy when the time was over.
  bool join_for(Nanoseconds limit) noexcept { return thread_.join_for(limit); }
  void abandon() noexcept { thread_.abandon(); }

  bool shared() const noexcept { return shared_; }
  std::size_t size() const;
  /// How many reads it has beside the one that is under way.
  std::size_t others() const;
  /// The read that is under way, and since when.
  struct Busy {
    std::shared_ptr<Read> read;
    Steady since;
  };
  Busy busy() const;
  /// Takes away all reads but the one that is under way.
  Reads take_others();
  /// A lane that has only one, quick, read left which belongs elsewhere gives it away and ends.
  std::shared_ptr<Read> take_recovered();
  bool ended() const;

  /// Readable when the lane did not come round in time and should be looked at.
  int alarm_fd() const noexcept { return alarm_.get(); }
  void set_alarm(Steady moment) noexcept;
  void clear_alarm() noexcept;

 private:
  void run();
  bool tick();
  std::shared_ptr<Read> next(Time now);
  Steady wake_time();
  Nanoseconds grace() const;
  void note_duration(Nanoseconds length);

  ReadContext context_;
  bool shared_;
  Bell bell_;
  Fd alarm_;
  Thread thread_;

  mutable std::mutex mutex_;  // guards all below
  Reads reads_;
  std::shared_ptr<Read> current_;
  Steady since_{};
  std::uint64_t resets_ = 0;
  bool stopping_ = false;
  unsigned quick_ = 0;  // reads in a row that were no longer slow
  Nanoseconds last_tick_{};
  bool ended_ = false;
};

}  // namespace vital

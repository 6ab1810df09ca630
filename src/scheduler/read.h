// SPDX-License-Identifier: MIT
#pragma once
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/root.h"
#include "base/setting.h"
#include "base/trouble.h"
#include "plugin/host.h"

namespace vital {

class Pipeline;

/// A read that begins at most this much behind its point of the grid still bears the point's time.
constexpr Span kPunctual = span_of(std::chrono::milliseconds{100});

/// How a reader is doing, for people.
struct ReadStatus {
  std::string name;
  Span interval{};
  Time last;               // the stamp of the last read; Time{}: none yet
  Nanoseconds duration{};  // of the last read, or of the one that is under way
  bool running = false;
  bool resting = false;  // it failed, and is not read at every tick
  std::uint64_t reads = 0, failures = 0, missed = 0, overruns = 0;
  std::uint64_t values = 0;  // of all reads together
  Nanoseconds cpu{};         // that a read takes of a CPU, as the last few that were weighed did
  std::optional<std::uint64_t> transfers;  // read(2), write(2) and their kin, of one read
  std::string last_error;                  // of the last failure; empty: there was none yet
};

/// What a read needs of the daemon.
struct ReadContext {
  Clock& clock;
  Pipeline& pipeline;
  SeriesTable& series;
  Root root;
  Setting<Span> longest_rest;  // MaxReadInterval
};

/// One reader with its timetable: when it is due, and how it has fared.
///
/// Threads  perform() one at a time, by the lane that has it; status(), weigh_next(), overrun() any
class Read {
 public:
  Read(Reader& reader, ReaderSpec spec, std::shared_ptr<Sources> sources, Log log);

  const std::string& name() const noexcept { return spec_.name; }
  Span interval() const noexcept { return spec_.interval; }
  bool blocking() const noexcept { return spec_.blocking; }
  Nanoseconds deadline() const noexcept { return spec_.deadline; }

  /// Any thread may ask.
  Time due() const noexcept { return due_; }
  void set_due(Time due) noexcept { due_ = due; }
  /// The grid of this reader's interval, counted from 1970: the first point behind `time`.
  Time next_on_grid(Time time) const noexcept;

  /// Reads at a tick, unless it rests, submits what came and says when it is due next. `now` is
  /// what the clock shows.
  void perform(const ReadContext& context, Time now) noexcept;
  /// Reads once, whatever is due; true if it worked.
  bool perform_once(const ReadContext& context) noexcept;
  /// The read that is under way has passed its deadline: counted, and said unless the one before it
  /// had as well.
  void overrun(Nanoseconds so_far) noexcept;
  /// Somebody wants to know what it costs: the next read is weighed, whole.
  void weigh_next() noexcept { asked_ = true; }

  ReadStatus status() const;

 private:
  Time stamp(Time now) noexcept;
  bool rests(Steady now) noexcept;
  Status read_at(const ReadContext& context, Time stamp) noexcept;
  void weighed(Nanoseconds cpu, std::optional<std::uint64_t> transfers) noexcept;
  void finish(const ReadContext& context, const Status& status, Time stamp) noexcept;
  std::shared_ptr<Batch> empty_batch();

  Reader& reader_;
  const ReaderSpec spec_;
  const std::shared_ptr<Sources> sources_;
  const Log log_;

  std::atomic<Time> due_{Time{}};  // set by the lane that has it
  std::atomic<bool> asked_{true};  // for the whole weight

  // Of the lane that has it.
  Steady rest_until_{};
  Span rest_{};
  std::vector<std::shared_ptr<Batch>> batches_;
  std::uint64_t turns_ = 0;

  mutable std::mutex mutex_;  // guards all below
  ReadStatus status_;
  Steady started_{};
  bool late_ = false;  // the read has passed its deadline
  bool slow_ = false;  // so did those before it, since that was said
  Trouble trouble_;
  const Clock* clock_ = nullptr;
};

}  // namespace vital

// SPDX-License-Identifier: MIT
#include "scheduler/read.h"

#include <algorithm>

#include "base/thread_cost.h"
#include "pipeline/pipeline.h"

namespace vital {
namespace {

constexpr std::size_t kMostBatches = 64;

/// Reads whose time on the CPU is taken: to ask for it is a system call, which would cost more than
/// some of them if it were done each time.
constexpr std::uint64_t kWeighEach = 32;

}  // namespace

Read::Read(Reader& reader, ReaderSpec spec, std::shared_ptr<Sources> sources, Log log)
    : reader_{reader}, spec_{std::move(spec)}, sources_{std::move(sources)}, log_{std::move(log)} {
  status_.name = spec_.name;
  status_.interval = spec_.interval;
}

Time Read::next_on_grid(Time time) const noexcept {
  const std::int64_t step = spec_.interval.count();
  return Time{Span{(time.time_since_epoch().count() / step + 1) * step}};
}

/// The point of the grid that this read is for, or the time itself when it is too late for that.
/// Points that were passed over are missed: counted, never made up for.
Time Read::stamp(Time now) noexcept {
  const Time due = due_;
  const Span late = std::max(now - due, Span::zero());
  const std::int64_t skipped = late / spec_.interval;
  const Time point = due + spec_.interval * skipped;
  {
    const std::lock_guard lock{mutex_};
    status_.missed += static_cast<std::uint64_t>(skipped);
  }
  const Time stamp = now - point <= std::min(kPunctual, spec_.interval / 10) ? point : now;
  due_ = next_on_grid(stamp);
  return stamp;
}

/// A reader that failed rests, but not longer than its source is away.
bool Read::rests(Steady now) noexcept {
  if (now >= rest_until_) return false;
  if (spec_.is_back && spec_.is_back()) return false;
  return !sources_ || !sources_->any_back();
}

void Read::perform(const ReadContext& context, Time now) noexcept {
  const Time at = stamp(now);
  if (rests(context.clock.now())) return;
  const std::uint64_t turn = turns_++;
  const bool whole = turn != 0 && asked_ && asked_.exchange(false);  // the first is like no other
  if (!whole && turn % kWeighEach != 1) return finish(context, read_at(context, at), at);
  const auto transfers = whole ? thread_transfers() : std::nullopt;
  const Nanoseconds before = thread_cpu();
  finish(context, read_at(context, at), at);
  const Nanoseconds cpu = thread_cpu() - before;
  const auto after = transfers ? thread_transfers() : std::nullopt;
  weighed(cpu, after ? std::optional{*after - *transfers - 1} : std::nullopt);
}

void Read::weighed(Nanoseconds cpu, std::optional<std::uint64_t> transfers) noexcept {
  const std::lock_guard lock{mutex_};
  if (transfers) status_.transfers = transfers;
  status_.cpu = status_.cpu == Nanoseconds::zero() ? cpu : (3 * status_.cpu + cpu) / 4;
}

bool Read::perform_once(const ReadContext& context) noexcept {
  const Time at = context.clock.wall();
  const Status status = read_at(context, at);
  finish(context, status, at);
  return static_cast<bool>(status);
}

Status Read::read_at(const ReadContext& context, Time at) noexcept {
  {
    const std::lock_guard lock{mutex_};
    clock_ = &context.clock;
    status_.running = true;
    late_ = false;
    started_ = context.clock.now();
  }
  const std::shared_ptr<Batch> batch = empty_batch();
  batch->begin(at, spec_.interval, context.series.era());
  Status status = reader_.read(*batch);
  {
    const std::lock_guard lock{mutex_};
    status_.values += batch->size();
  }
  context.pipeline.submit(batch);
  return status;
}

void Read::finish(const ReadContext& context, const Status& status, Time at) noexcept {
  const std::lock_guard lock{mutex_};
  status_.running = false;
  status_.duration = context.clock.now() - started_;
  status_.last = at;
  ++status_.reads;
  if (slow_ && !late_) log_.notice("the read is within its deadline again");
  slow_ = late_;
  if (status) {
    trouble_.ends(log_, "reading");
    status_.resting = false;
    rest_ = Span::zero();
    rest_until_ = Steady{};
    return;
  }
  ++status_.failures;
  status_.last_error = status.error().message().view();
  trouble_.begins(log_, "reading", status.error());
  const Span longest = std::max(context.longest_rest.get(), spec_.interval);
  rest_ = std::min(longest, 2 * std::max(rest_, spec_.interval));
  rest_until_ = started_ + nanoseconds(rest_ - spec_.interval / 2);  // between two ticks
  status_.resting = true;
}

void Read::overrun(Nanoseconds so_far) noexcept {
  const std::lock_guard lock{mutex_};
  if (!status_.running || std::exchange(late_, true)) return;
  ++status_.overruns;
  if (slow_) return;
  log_.warning("the read has not come back after ", seconds(so_far), " s, its deadline is ",
               seconds(spec_.deadline), " s; it is left alone until it does, and ticks are missed");
}

/// A batch that no writer holds any more, or a new one.
std::shared_ptr<Batch> Read::empty_batch() {
  for (const auto& batch : batches_)
    if (is_free(batch)) return batch;
  auto batch = std::make_shared<Batch>();
  if (batches_.size() < kMostBatches) batches_.push_back(batch);
  return batch;
}

ReadStatus Read::status() const {
  const std::lock_guard lock{mutex_};
  ReadStatus status = status_;
  if (status.running) status.duration = clock_->now() - started_;
  return status;
}

}  // namespace vital

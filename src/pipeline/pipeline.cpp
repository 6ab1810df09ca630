// SPDX-License-Identifier: MIT
#include "pipeline/pipeline.h"

#include <algorithm>

namespace vital {
namespace {

constexpr std::size_t kAhead = 8;  // samples; what reading the next ones' entries takes

}  // namespace

Pipeline::Pipeline(SeriesTable& series, const Clock& clock, Log log, std::int64_t timeout)
    : series_{series}, clock_{clock}, log_{std::move(log)}, timeout_{timeout} {}

void Pipeline::add(Outlet& outlet) {
  const std::lock_guard lock{mutex_};
  outlets_.push_back(&outlet);
}

void Pipeline::remove(Outlet& outlet) {
  const std::lock_guard lock{mutex_};
  std::erase(outlets_, &outlet);
}

void Pipeline::replace(Outlet& before, Outlet& after) {
  const std::lock_guard lock{mutex_};
  std::replace(outlets_.begin(), outlets_.end(), &before, &after);
}

void Pipeline::set_timeout(std::int64_t intervals) {
  const std::lock_guard lock{mutex_};
  timeout_ = intervals;
}

void Pipeline::add(Notifier& immediate) {
  const std::lock_guard lock{listeners_mutex_};
  immediate_.push_back(&immediate);
}

void Pipeline::remove(Notifier& immediate) {
  const std::lock_guard lock{listeners_mutex_};
  std::erase(immediate_, &immediate);
}

void Pipeline::add(std::string name, const Counting& counting) {
  const std::lock_guard lock{listeners_mutex_};
  counting_.emplace_back(std::move(name), &counting);
}

void Pipeline::remove(const Counting& counting) {
  const std::lock_guard lock{listeners_mutex_};
  std::erase_if(counting_, [&](const auto& entry) { return entry.second == &counting; });
}

void Pipeline::submit(std::shared_ptr<Batch> batch) {
  if (batch->empty()) return;
  const std::lock_guard lock{mutex_};
  if (!holding_) return pass(batch);
  if (held_.size() >= kMostHeld) {
    counts_.held_too_long += held_.front()->size();
    held_.erase(held_.begin());
  }
  held_.push_back(std::move(batch));
}

void Pipeline::pass(const std::shared_ptr<Batch>& batch) {
  refresh_retired(*batch);
  const Steady now = clock_.now();
  const Time wall = clock_.wall();
  if (const std::uint64_t resets = clock_.resets(); resets != resets_) {
    resets_ = resets;
    cache_.clock_went_back(wall);
    log_.warning("the clock was set back by more than a minute, to ", local_time(wall),
                 "; values bear the new time from now on");
  }
  const std::size_t before = batch->size();
  batch->filter([&](std::size_t at) {
    if (at + kAhead < before) cache_.fetch(batch->series(at + kAhead));
    const Sample sample = (*batch)[at];
    if (cache_.update(batch->series(at), sample, batch->rates(at), now, wall) ==
        ValueCache::Update::stored)
      return true;
    too_old_.say(log_, now, "a value of ", sample.series.name(),
                 " is not newer than the last one and is dropped");
    return false;
  });
  counts_.too_old += before - batch->size();
  ++counts_.batches;
  counts_.values += batch->size();
  if (batch->empty()) return;
  for (Outlet* outlet : outlets_) outlet->submit(batch);
}

/// A series may have left the table between its look-up and now; its name has not.
void Pipeline::refresh_retired(Batch& batch) {
  for (std::size_t at = 0; at < batch.size(); ++at) {
    const SeriesInfo& series = batch.series(at);
    if (!series.retired()) continue;
    const auto again = series_.intern(series.identifier(), series.type(), series.labels());
    if (again) batch.rename(at, *again->get());
  }
}

void Pipeline::publish() {
  const std::lock_guard lock{mutex_};
  for (Outlet* outlet : outlets_) outlet->publish();
}

void Pipeline::notify(Notification notification) {
  const auto shared = std::make_shared<const Notification>(std::move(notification));
  {
    const std::lock_guard lock{listeners_mutex_};
    for (Notifier* notifier : immediate_) (void)notifier->notify(*shared);
  }
  const std::lock_guard lock{mutex_};
  ++counts_.notifications;
  for (Outlet* outlet : outlets_) outlet->submit(shared);
}

void Pipeline::hold() {
  const std::lock_guard lock{mutex_};
  holding_ = true;
}

void Pipeline::release() {
  {
    const std::lock_guard lock{mutex_};
    holding_ = false;
    for (const auto& batch : std::exchange(held_, {})) pass(batch);
  }
  publish();
}

/// A little at a time, for whoever has values waits meanwhile.
std::string Pipeline::save(std::string_view boot) {
  constexpr std::size_t kStep = 2048;
  ByteWriter out;
  RememberedValues::write_head(boot, out);
  std::string bytes;
  bool more = true;
  for (std::size_t at = 0; more; at += kStep) {
    {
      const std::lock_guard lock{mutex_};
      more = cache_.save(at, at + kStep, out);
    }
    bytes += out.view();
    out.clear();
  }
  return bytes;
}

bool Pipeline::restore(std::string bytes, std::string_view boot, Span extra_patience) {
  const std::lock_guard lock{mutex_};
  return cache_.remembered().load(std::move(bytes), boot, {timeout_, extra_patience});
}

void Pipeline::expire() {
  constexpr unsigned kFullSweep = 16;  // how seldom all names are looked through
  std::vector<SeriesInfo*> gone;
  bool full = false;
  {
    const std::lock_guard lock{mutex_};
    cache_.expire(clock_.now(), timeout_, [&](const ValueCache::Entry&) { ++counts_.expired; });
    gone = cache_.take_expired();
    RememberedValues& remembered = cache_.remembered();
    if (!remembered.empty() && clock_.wall() > remembered.until()) remembered.forget();
    full = ++sweeps_ % kFullSweep == 0;
  }
  if (!gone.empty()) series_.retire(gone);
  if (full) series_.retire_unheld();
}

std::size_t Pipeline::flush(std::string_view plugin, const FlushRequest& request,
                            Outlet::Done done) {
  const std::lock_guard lock{mutex_};
  std::vector<Outlet*> asked;
  for (Outlet* outlet : outlets_)
    if (outlet->takes_values() && (plugin.empty() || outlet->name() == plugin))
      asked.push_back(outlet);
  if (asked.empty()) {
    if (done) done();
    return 0;
  }
  const auto left = std::make_shared<std::atomic<std::size_t>>(asked.size());
  for (Outlet* outlet : asked)
    outlet->flush(request, [left, done] {
      if (--*left == 0 && done) done();
    });
  return asked.size();
}

bool Pipeline::visit(std::string_view name,
                     const std::function<void(const ValueCache::Entry&)>& visit) {
  const Series series = series_.find(name);
  if (!series) return false;
  const std::lock_guard lock{mutex_};
  return cache_.visit(*series, visit);
}

void Pipeline::list(const std::function<void(std::size_t count)>& begin,
                    const std::function<void(std::string_view name, Time time)>& each) {
  const std::lock_guard lock{mutex_};
  cache_.list(listed_);
  begin(listed_.size());
  for (const auto& entry : listed_) each(entry.series->name(), entry.time);
}

Pipeline::Counts Pipeline::counts() const {
  const std::lock_guard lock{mutex_};
  Counts counts = counts_;
  counts.cached = cache_.size();
  return counts;
}

std::vector<OutletStatus> Pipeline::outlets() const {
  const std::lock_guard lock{mutex_};
  std::vector<OutletStatus> result;
  for (const Outlet* outlet : outlets_) result.push_back(outlet->status());
  return result;
}

std::vector<Pipeline::Counted> Pipeline::counted() const {
  const std::lock_guard lock{listeners_mutex_};
  std::vector<Counted> result;
  for (const auto& [name, counting] : counting_)
    if (auto figures = counting->figures(); !figures.empty())
      result.push_back({name, std::move(figures)});
  return result;
}

}  // namespace vital

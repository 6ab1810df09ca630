// SPDX-License-Identifier: MIT
#include "pipeline/pipeline.h"

#include <algorithm>

namespace vital {
namespace {

constexpr std::size_t kAhead = 8;  // samples; what reading the next ones' entries takes

}  // namespace

Pipeline::Pipeline(SeriesTable& series, const Clock& clock, Log log, std::int64_t timeout)
    : series_{series},
      clock_{clock},
      log_{std::move(log)},
      timeout_{timeout},
      router_{clock_, log_} {}

void Pipeline::add(Outlet& outlet) {
  const std::lock_guard lock{mutex_};
  router_.add(outlet);
}

void Pipeline::remove(Outlet& outlet) {
  const std::lock_guard lock{mutex_};
  router_.remove(outlet);
}

void Pipeline::add(Watcher& watcher, std::string name) {
  const std::lock_guard lock{mutex_};
  if (const auto found = memory_.find(name); found != memory_.end()) {
    watcher.restore(found->second);
    memory_.erase(found);
  }
  router_.add(watcher, std::move(name));
}

void Pipeline::remove(Watcher& watcher) {
  const std::lock_guard lock{mutex_};
  for (const auto& [other, name] : router_.watchers())
    if (other == &watcher) memory_[name] = watcher.save();
  router_.remove(watcher);
}

void Pipeline::replace(Watcher& before, Watcher& after) {
  const std::lock_guard lock{mutex_};
  after.restore(before.save());
  router_.replace(before, after);
}

void Pipeline::use(const std::function<std::unique_ptr<Chains>(Router&)>& build) {
  const std::lock_guard lock{mutex_};
  chains_ = build(router_);
}

void Pipeline::replace(Outlet& before, Outlet& after) {
  const std::lock_guard lock{mutex_};
  router_.replace(before, after);
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
  while (batch && !batch->empty()) {
    bool raised = false;
    {
      const std::lock_guard lock{mutex_};
      if (holding_) return hold_back(std::move(batch));
      pass(batch);
      batch = std::exchange(later_, nullptr);
      raised = !raised_.empty();
    }
    if (raised) send_raised();
  }
}

void Pipeline::hold_back(std::shared_ptr<Batch> batch) {
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
  ++counts_.batches;
  if (chains_) return filter(batch, now, wall);
  const std::size_t count = batch->size();
  batch->filter([&](std::size_t at) {
    if (at + kAhead < count) cache_.fetch(batch->series(at + kAhead));
    return store(*batch, at, now, wall);
  });
  counts_.values += batch->size();
  if (!batch->empty()) router_.everybody(batch, raised_);
}

bool Pipeline::store(Batch& batch, std::size_t at, Steady now, Time wall) {
  const Sample sample = batch[at];
  if (cache_.update(batch.series(at), sample, batch.rates(at), now, wall) ==
      ValueCache::Update::stored)
    return true;
  ++counts_.too_old;
  too_old_.say(log_, now, "a value of ", sample.series.name(),
               " is not newer than the last one and is dropped");
  return false;
}

void Pipeline::filter(const std::shared_ptr<Batch>& batch, Steady now, Time wall) {
  if (const std::uint64_t renames = series_.renames(); renames != renames_) {
    renames_ = renames;
    chains_->forget(true);
  }
  router_.begin(batch);
  Passage::Surroundings around{cache_, router_, raised_, later_, wall};
  std::size_t ended = 0;  // stopped or refused by the cache, so that they are counted already
  for (std::size_t at = 0; at < batch->size(); ++at) {
    if (at + kAhead < batch->size()) cache_.fetch(batch->series(at + kAhead));
    if (!filter(*batch, at, around, now)) ++ended;
  }
  counts_.values += batch->size() - ended;
  const std::size_t unwritten = router_.finish(raised_);
  counts_.unwritten += unwritten > ended ? unwritten - ended : 0;
}

/// False: it did not get as far as the chain behind the cache.
bool Pipeline::filter(Batch& batch, std::size_t at, Passage::Surroundings& around, Steady now) {
  Passage value{batch, at, around};
  if (Chain* chain = chains_->before_cache(); chain && chain->process(value) == Next::stop) {
    ++counts_.stopped;
    return false;
  }
  if (!store(batch, at, now, around.now)) return false;
  value.now_behind_cache();
  if (Chain* chain = chains_->behind_cache())
    (void)chain->process(value);
  else
    router_.write(at, Router::kEverybody);
  return true;
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
  for (Outlet* outlet : router_.outlets()) outlet->publish();
}

void Pipeline::notify(Notification notification) {
  {
    const std::lock_guard lock{mutex_};
    raised_.push_back(std::move(notification));
  }
  send_raised();
}

/// One thread at a time sends, so that they arrive in the order in which they were raised; what
/// others raise meanwhile it sends as well.
void Pipeline::send_raised() {
  std::unique_lock lock{mutex_};
  if (sending_) return;
  sending_ = true;
  while (!raised_.empty()) {
    auto raised = std::exchange(raised_, {});
    lock.unlock();
    for (Notification& notification : raised) send(std::move(notification));
    lock.lock();
  }
  sending_ = false;
}

void Pipeline::send(Notification notification) {
  {
    const std::lock_guard lock{mutex_};
    if (silences_.find(subject_of(notification), clock_.wall()) != nullptr) {
      ++counts_.silenced;
      return;
    }
  }
  const auto shared = std::make_shared<const Notification>(std::move(notification));
  {
    const std::lock_guard lock{listeners_mutex_};
    for (Notifier* notifier : immediate_) (void)notifier->notify(*shared);
  }
  const std::lock_guard lock{mutex_};
  ++counts_.notifications;
  for (Outlet* outlet : router_.outlets()) outlet->submit(shared);
}

void Pipeline::hold() {
  const std::lock_guard lock{mutex_};
  holding_ = true;
}

void Pipeline::release() {
  std::shared_ptr<Batch> later;
  {
    const std::lock_guard lock{mutex_};
    holding_ = false;
    for (const auto& batch : std::exchange(held_, {})) pass(batch);
    later = std::exchange(later_, nullptr);
  }
  if (later) submit(std::move(later));
  send_raised();
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
    const Time wall = clock_.wall();
    cache_.expire(clock_.now(), timeout_, [&](const ValueCache::Entry& entry) {
      ++counts_.expired;
      for (const auto& [watcher, name] : router_.watchers())
        watcher->missing(entry.series, entry.time, wall, raised_);
    });
    for (const auto& [watcher, name] : router_.watchers()) watcher->tick(wall, raised_);
    speak_again();
    gone = cache_.take_expired();
    RememberedValues& remembered = cache_.remembered();
    if (!remembered.empty() && clock_.wall() > remembered.until()) remembered.forget();
    full = ++sweeps_ % kFullSweep == 0;
    if (full && chains_) chains_->forget(false);
  }
  send_raised();
  if (!gone.empty()) series_.retire(gone);
  if (full) series_.retire_unheld();
}

/// Where a silence is over, what began during it and still fires is said now.
void Pipeline::speak_again() {
  const auto ended = silences_.take_ended(clock_.wall());
  if (ended.empty()) return;
  if (silences_change_) silences_change_();
  for (const auto& [watcher, name] : router_.watchers())
    watcher->alerts([&](const ActiveAlert& alert) {
      const std::string subject = subject_of(alert.last);
      const bool unsaid = std::any_of(ended.begin(), ended.end(), [&](const Silence& silence) {
        return silence.covers(subject) && alert.told >= silence.since;
      });
      if (unsaid) raised_.push_back(alert.last);
    });
}

std::vector<Pipeline::Firing> Pipeline::alerts() {
  std::vector<Firing> all;
  const std::lock_guard lock{mutex_};
  for (const auto& [watcher, name] : router_.watchers())
    watcher->alerts([&](const ActiveAlert& alert) {
      const Silence* const silence = silences_.find(subject_of(alert.last), clock_.wall());
      all.push_back({alert, silence == nullptr ? 0 : silence->id});
    });
  return all;
}

bool Pipeline::has_thresholds() const {
  const std::lock_guard lock{mutex_};
  const auto& all = router_.watchers();
  return std::any_of(all.begin(), all.end(),
                     [](const auto& named) { return named.watcher->has_thresholds(); });
}

std::vector<std::string> Pipeline::threshold(const Identifier& identifier) const {
  const std::lock_guard lock{mutex_};
  for (const auto& [watcher, name] : router_.watchers())
    if (auto lines = watcher->threshold(identifier); !lines.empty()) return lines;
  return {};
}

std::uint64_t Pipeline::silence(std::string pattern, std::string comment, Span length) {
  const std::lock_guard lock{mutex_};
  const Time now = clock_.wall();
  const auto id = silences_.add(std::move(pattern), std::move(comment), now, now + length);
  if (silences_change_) silences_change_();
  return id;
}

bool Pipeline::end_silence(std::uint64_t id) {
  const std::lock_guard lock{mutex_};
  const bool found = silences_.end(id, clock_.wall());
  if (found && silences_change_) silences_change_();
  return found;
}

std::vector<Silence> Pipeline::silences() const {
  const std::lock_guard lock{mutex_};
  return silences_.all();
}

void Pipeline::when_silences_change(std::function<void()> call) {
  const std::lock_guard lock{mutex_};
  silences_change_ = std::move(call);
}

std::string Pipeline::save_silences() const {
  const std::lock_guard lock{mutex_};
  return silences_.save();
}

void Pipeline::restore_silences(std::string_view bytes) {
  const std::lock_guard lock{mutex_};
  silences_.restore(bytes);
}

Pipeline::Memory Pipeline::save_memory() {
  const std::lock_guard lock{mutex_};
  Memory memory = memory_;
  for (const auto& [watcher, name] : router_.watchers()) memory[name] = watcher->save();
  std::erase_if(memory, [](const auto& entry) { return entry.second.empty(); });
  return memory;
}

void Pipeline::restore_memory(Memory memory) {
  const std::lock_guard lock{mutex_};
  memory_ = std::move(memory);
}

std::size_t Pipeline::flush(std::string_view plugin, const FlushRequest& request,
                            const Outlet::Done& done) {
  const std::lock_guard lock{mutex_};
  std::vector<Outlet*> asked;
  for (Outlet* outlet : router_.outlets())
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

void Pipeline::write(std::string_view name, std::shared_ptr<Batch> batch) {
  for (std::size_t at = 0; at < batch->size(); ++at) {
    const Sample sample = (*batch)[at];
    const auto rates = batch->rates(at);
    for (std::size_t i = 0; i < rates.size(); ++i)
      if (sample.kind(i) == Kind::gauge) rates[i] = sample.values[i].gauge;
  }
  const std::lock_guard lock{mutex_};
  for (Outlet* outlet : router_.outlets()) {
    if (!outlet->takes_values() || !iequals(outlet->name(), name)) continue;
    outlet->submit(std::move(batch));
    return outlet->publish();
  }
  no_writer_.say(log_, clock_.now(), "values are for the writer ", name,
                 " alone, which there is not; they are lost");
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
  for (const Outlet* outlet : router_.outlets()) result.push_back(outlet->status());
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

// SPDX-License-Identifier: MIT
#include "rrdtool/writer.h"

#include <algorithm>
#include <ctime>

#include "base/hash.h"

namespace vital::rrdtool {
namespace {

constexpr Nanoseconds kWriteAtOnce = std::chrono::milliseconds{50};

// New files must not delay the values of others: so much at a time, and then as long a pause.
constexpr Nanoseconds kSetupAtOnce = std::chrono::milliseconds{20};
constexpr std::size_t kMostSetupsAtOnce = 32;

constexpr Nanoseconds kFirstRetry = std::chrono::milliseconds{250};
constexpr Nanoseconds kLongestRetry = std::chrono::seconds{8};
constexpr Nanoseconds kLookForMade = std::chrono::milliseconds{50};
constexpr Nanoseconds kDoubt = std::chrono::minutes{1};
constexpr Nanoseconds kIdle = std::chrono::hours{1};
constexpr std::size_t kMostWaiting = 4096;  // records of a file that cannot be written just now

bool by_path(const File* a, const File* b) noexcept { return a->rrd.path() < b->rrd.path(); }

}  // namespace

RrdWriter::RrdWriter(std::string directory, LayoutOptions layout, const CacheOptions& cache,
                     const Clock& clock, const Log& log, std::shared_ptr<Ledger> ledger)
    : cache_{cache},
      clock_{clock},
      log_{log},
      ledger_{std::move(ledger)},
      files_{std::move(directory)},
      store_{std::move(layout), clock, log, ledger_},
      pace_{cache.writes_per_second},
      next_search_{clock.now() + nanoseconds(cache.flush)},
      next_removal_{clock.now() + kIdle},
      retry_pause_{kFirstRetry},
      random_{hash_bytes("rrdtool",
                         static_cast<std::uint64_t>(clock.wall().time_since_epoch().count()))} {}

RrdWriter::~RrdWriter() {
  const std::uint64_t left = ledger_->held_now();
  if (left == 0) return;
  log_.error(left, " values could not be written before the end");
  ledger_->released(left);
  ledger_->dropped(Loss::stopped, left);
}

Status RrdWriter::write(const Batch& batch) noexcept {
  const Steady now = clock_.now();
  resets_ = clock_.resets();
  for (const Sample& sample : batch) take(sample, now);
  queue_due(now);
  if (now >= next_removal_) remove_idle(now);
  return {};
}

void RrdWriter::take(const Sample& sample, Steady now) {
  File* const file = files_.of(sample.series);
  if (file == nullptr) {
    complaint_.say(log_, now, "there is no file for ", sample.series.name(),
                   ": no directory may begin with a dot");
    return ledger_->dropped(Loss::refused);
  }
  if (file->type != &sample.series.type()) retype(*file, sample.series.type());
  const std::int64_t time = rounded_seconds(sample.time);
  if (file->last_seen == Steady{}) file->variation = new_variation();
  file->last_seen = now;
  if (!accept(*file, sample, time, now)) return;
  if (file->state == File::State::unknown || file->state == File::State::absent) want_setup(*file);
  if (sample.time - file->first < cache_.timeout + file->variation || file->due) return;
  file->due = true;
  file->variation = new_variation();
  due_.push_back(file);
}

/// Lets a value wait, or counts it as lost.
bool RrdWriter::accept(File& file, const Sample& sample, std::int64_t time, Steady now) {
  if (time <= file.newest && file.resets != resets_) turn_back(file, sample);
  if (time <= file.newest) {
    ledger_->dropped(Loss::too_old);
    doubt(file, now);
    return false;
  }
  if (!store_.may_wait(file, now)) return false;
  const bool stuck = file.state != File::State::ready || file.kept;
  if (stuck && file.waiting() >= kMostWaiting) {
    ledger_->dropped(Loss::queue_full);
    return false;
  }
  if (file.pending.empty()) {
    file.first = sample.time;
    file.interval = sample.interval;
    file.since = now;
  }
  file.newest = time;
  file.resets = resets_;
  file.pending.push_back({.derive = time});
  file.pending.insert(file.pending.end(), sample.values.begin(), sample.values.end());
  ledger_->held();
  return true;
}

/// The clock was set back: what the file has of the time that is still to come makes way.
void RrdWriter::turn_back(File& file, const Sample& sample) {
  write_now(file);
  if (!file.pending.empty()) return;  // the next value tries again
  const std::int64_t before = std::max<std::int64_t>(rounded_seconds(sample.interval), 1);
  if (store_.turn_back(file, rounded_seconds(sample.time) - before)) file.resets = resets_;
}

/// The newer value may be gone: the clock was wrong for a while, and somebody has removed the file.
void RrdWriter::doubt(File& file, Steady now) noexcept {
  if (file.state != File::State::ready || !file.pending.empty() || now - file.since < kDoubt)
    return;
  file.state = File::State::unknown;
  file.newest = 0;
}

/// types.db has another type of that name now. What waits is of the old one.
void RrdWriter::retype(File& file, const DataSet& type) {
  if (*file.type != type) {
    write_now(file);
    store_.drop_all(file, Loss::failed);
    file.state = File::State::unknown;
  }
  file.type = &type;
}

/// Anything from -RandomTimeout to +RandomTimeout.
Span RrdWriter::new_variation() noexcept {
  if (cache_.random == Span::zero()) return Span::zero();
  random_ = hash_bytes("next", random_);
  const auto width = static_cast<std::uint64_t>(2 * cache_.random.count() + 1);
  return Span{static_cast<std::int64_t>(random_ % width)} - cache_.random;
}

/// Files side by side on disk are written one after the other.
void RrdWriter::queue_due(Steady now) {
  if (queue_.empty()) next_write_ = now;
  if (!std::is_sorted(due_.begin(), due_.end(), by_path))
    std::sort(due_.begin(), due_.end(), by_path);
  for (File* file : due_) {
    if (!std::exchange(file->queued, true)) queue_.push(file);
  }
  due_.clear();
}

/// For a while only: values that come meanwhile, for files that still queue, are written with the
/// others of their file, so that there is less to do the longer it takes.
void RrdWriter::write_queue() {
  const Steady begin = clock_.now();
  next_write_ = begin;
  while (!queue_.empty() && next_write_ - begin < kWriteAtOnce) {
    if (!queue_.front()->pending.empty() && !pace_.take(next_write_)) return;
    File& file = *queue_.pop();
    file.queued = false;
    write_out(file);
    next_write_ = clock_.now();
  }
}

void RrdWriter::write_out(File& file) {
  if (!file.in_making) account_for(file, store_.write(file));
}

/// What is to be written and is not stays due: until the file is made, or for another try.
void RrdWriter::account_for(File& file, Store::Outcome outcome) {
  file.due = outcome != Store::Outcome::settled;
  if (outcome == Store::Outcome::absent) want_setup(file);
  if (outcome != Store::Outcome::later || std::exchange(file.kept, true)) return;
  kept_.push_back(&file);
  next_retry_ = clock_.now() + retry_pause_;
}

void RrdWriter::retry_kept(Steady now) {
  retry_pause_ = std::min(2 * retry_pause_, kLongestRetry);
  for (File* file : kept_) file->kept = false;
  due_.insert(due_.end(), kept_.begin(), kept_.end());
  kept_.clear();
  queue_due(now);
}

/// Finds the values that wait too long because none came after them.
void RrdWriter::search(Steady now) {
  next_search_ = now + nanoseconds(cache_.flush);
  const Nanoseconds longest = nanoseconds(cache_.timeout + cache_.random);
  files_.each([&](File& file) {
    if (file.pending.empty() || file.due || now - file.since < longest) return;
    file.due = true;
    due_.push_back(&file);
  });
  queue_due(now);
}

void RrdWriter::remove_idle(Steady now) {
  next_removal_ = now + kIdle;
  files_.each([&](File& file) {
    const bool used = !file.pending.empty() || file.due || file.queued || file.in_setup ||
                      file.in_making || file.kept;
    if (used || now - file.last_seen < kIdle) return;
    store_.forget(file);
    files_.remove(file);
  });
}

void RrdWriter::want_setup(File& file) {
  if (file.in_setup || file.in_making) return;
  file.in_setup = true;
  setup_.push(&file);
}

void RrdWriter::set_up_some() {
  const Steady begin = clock_.now();
  Steady now = begin;
  for (std::size_t i = 0; i < kMostSetupsAtOnce && !setup_.empty() && now - begin < kSetupAtOnce;
       ++i) {
    File& file = *setup_.pop();
    file.in_setup = false;
    set_up(file);
    now = clock_.now();
  }
  next_setup_ = now + (now - begin);
}

void RrdWriter::set_up(File& file) {
  if (file.pending.empty()) {
    file.due = false;
    return;
  }
  Store::Outcome outcome = Store::Outcome::settled;
  if (file.state == File::State::unknown) outcome = store_.examine(file);
  if (file.state == File::State::absent) outcome = make(file);
  after_setup(file, outcome);
}

Store::Outcome RrdWriter::make(File& file) {
  if (!cache_.make_apart) return store_.make(file);
  auto layout = store_.layout_of(file);
  if (!layout) return Store::Outcome::settled;
  if (!maker_.add(file, file.rrd.path(), std::move(*layout), Store::start_of(file)))
    return store_.make(file);
  file.in_making = true;
  ++making_;
  next_take_ = clock_.now() + kLookForMade;
  return Store::Outcome::absent;
}

/// Values that are due have waited for this.
void RrdWriter::after_setup(File& file, Store::Outcome outcome) {
  if (!file.due || file.queued || file.in_making) return;
  if (outcome == Store::Outcome::settled)
    write_out(file);
  else
    account_for(file, outcome);
}

void RrdWriter::take_made(bool wait) {
  next_take_ = clock_.now() + kLookForMade;
  for (const Maker<File>::Made& made : maker_.take(wait)) {
    --making_;
    made.file->in_making = false;
    after_setup(*made.file, store_.was_made(*made.file, made.status));
  }
}

Steady RrdWriter::next_wake() const noexcept {
  Steady next = Steady::max();
  if (cache_.timeout > Span::zero() && ledger_->held_now() != 0) next = next_search_;
  if (!setup_.empty()) next = std::min(next, next_setup_);
  if (!queue_.empty()) next = std::min(next, std::max(next_write_, pace_.next()));
  if (!kept_.empty()) next = std::min(next, next_retry_);
  if (making_ != 0) next = std::min(next, next_take_);
  return next;
}

void RrdWriter::wake() noexcept {
  const Steady now = clock_.now();
  if (!kept_.empty() && now >= next_retry_) retry_kept(now);
  if (cache_.timeout > Span::zero() && now >= next_search_) search(now);
  write_queue();
  if (kept_.empty()) retry_pause_ = kFirstRetry;
  if (making_ != 0 && now >= next_take_) take_made(false);
  if (!setup_.empty() && now >= next_setup_) set_up_some();
}

Status RrdWriter::flush(const FlushRequest& request) noexcept {
  const Nanoseconds age = nanoseconds(request.older_than);
  const Steady now = clock_.now();
  std::vector<File*> wanted;
  const auto want = [&](File& file) {
    if (!file.pending.empty() && now - file.since >= age) wanted.push_back(&file);
  };
  if (request.identifier.empty())
    files_.each(want);
  else if (File* const file = files_.find(request.identifier))
    want(*file);
  else
    log_.info("no values of ", std::string_view{request.identifier}, " to flush");
  std::sort(wanted.begin(), wanted.end(), by_path);
  for (File* file : wanted) write_now(*file);
  insist();
  return {};
}

/// Whatever the queue and its pace.
void RrdWriter::write_now(File& file) {
  fetch_from_maker(file);
  Store::Outcome outcome = store_.write(file);
  if (outcome == Store::Outcome::absent) outcome = store_.make(file);
  if (outcome == Store::Outcome::settled) outcome = store_.write(file);
  account_for(file, outcome);
}

void RrdWriter::fetch_from_maker(File& file) {
  if (file.in_making && maker_.withdraw(file)) {
    file.in_making = false;
    --making_;
  }
  while (file.in_making) take_made(true);
}

/// Who asks for a flush wants to read the files: a lock that another reader holds is soon gone.
void RrdWriter::insist() {
  constexpr int kTries = 20;
  constexpr timespec kPause{.tv_sec = 0, .tv_nsec = 10'000'000};
  for (int i = 0; i < kTries && !kept_.empty(); ++i) {
    ::nanosleep(&kPause, nullptr);
    for (File* file : std::exchange(kept_, {})) {
      file->kept = false;
      write_now(*file);
    }
  }
}

}  // namespace vital::rrdtool

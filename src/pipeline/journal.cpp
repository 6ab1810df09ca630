// SPDX-License-Identifier: MIT
#include "pipeline/journal.h"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace vital {
namespace {

using journal::MarkState;
using journal::on_disk;
using journal::SegmentFile;
using journal::Settled;

constexpr std::size_t kChunk = std::size_t{256} << 10;  // written at once
constexpr Nanoseconds kRetry = std::chrono::seconds{1};
constexpr int kSegments = 16;     // so much of the limit goes at a time when it is met
constexpr int kLargestEntry = 4;  // a fourth of the limit: what is larger is not kept on disk
constexpr int kAges = 8;          // segments end after this part of the age limit

JournalLimits sane(JournalLimits limits) noexcept {
  limits.most_bytes = std::max(limits.most_bytes, JournalLimits::kLeastBytes);
  return limits;
}

std::uint64_t segment_bytes_of(const JournalLimits& limits) noexcept {
  return std::clamp<std::uint64_t>(limits.most_bytes / kSegments, std::uint64_t{64} << 10,
                                   std::uint64_t{8} << 20);
}

journal::Place furthest(journal::Place a, journal::Place b) noexcept {
  return {std::max(a.entries, b.entries), std::max(a.values, b.values)};
}

std::uint32_t new_salt(Time now) noexcept {
  std::uint32_t salt = 0;
  if (::getrandom(&salt, sizeof salt, GRND_NONBLOCK) != sizeof salt)
    salt = static_cast<std::uint32_t>(now.time_since_epoch().count());
  return salt;
}

/// Files whose names contradict each other are none of ours.
void leave_out_strangers(std::vector<SegmentFile>& files) {
  std::uint64_t values = 0;
  std::erase_if(files, [&values](const SegmentFile& file) {
    if (file.name.begin.values < values) return true;
    values = file.name.begin.values;
    return false;
  });
}

/// Behind the last whole record of a segment.
journal::Place end_of(const journal::Directory& directory, const SegmentFile& file) {
  journal::Place end = file.name.begin;
  auto opened = directory.open(file.name);
  if (!opened) return end;
  journal::SegmentReader reader;
  reader.open(std::move(*opened), file.name.salt);
  for (journal::Record record; reader.next(file.bytes, 0, record);)
    end = furthest(end, record.stretch.end);
  return end;
}

}  // namespace

JournalLimits limits_of(const JournalOptions& options) noexcept {
  return {.most_bytes = options.most_bytes,
          .most_age = options.most_age,
          .sync_interval = nanoseconds(options.sync_interval)};
}

Journal::Journal(std::string directory, const JournalLimits& limits, SeriesTable& series,
                 PastTypes& types, const Clock& clock)
    : path_{std::move(directory)},
      most_bytes_{sane(limits).most_bytes},
      most_age_{limits.most_age},
      sync_interval_{limits.sync_interval},
      most_pending_bytes_{limits.most_pending_bytes},
      segment_bytes_{segment_bytes_of(sane(limits))},
      clock_{clock},
      decoder_{series, types} {}

Journal::~Journal() = default;

void Journal::set_limits(const JournalLimits& limits) noexcept {
  const JournalLimits wanted = sane(limits);
  most_bytes_.set(wanted.most_bytes);
  most_age_.set(wanted.most_age);
  sync_interval_.set(wanted.sync_interval);
  segment_bytes_.set(segment_bytes_of(wanted));
}

Status Journal::open() {
  const Lock io{io_mutex_};
  Status status = connect();
  const Lock lock{mutex_};
  retry_at_ = status ? Steady{} : clock_.now() + kRetry;
  return status;
}

/// Takes the directory, at the start or when it was removed since.
Status Journal::connect() {
  if (directory_) return {};
  auto directory = std::make_shared<journal::Directory>();
  if (auto status = directory->open(path_); !status) return status;
  auto files = directory->segments();
  if (!files) return files.error();
  leave_out_strangers(*files);
  const Place written = files->empty() ? Place{} : end_of(*directory, files->back());
  std::optional<MarkState> state;
  {
    const Lock lock{mark_mutex_};
    if (auto status = mark_.open(directory->fd(), state); !status) return status;
  }
  {
    const Lock lock{mutex_};
    directory_ = std::move(directory);
    segments_.clear();
    doomed_.clear();
    growing_ = false;
    if (!opened_) recover(std::move(state), std::move(*files), written);
    mark_stale_ = true;
  }
  // Both slots, so that they have their place on the disk and are whole again.
  (void)write_mark();
  (void)write_mark();
  purge();
  return {};
}

void Journal::recover(std::optional<MarkState> state, std::vector<SegmentFile> files,
                      Place written) {
  if (state)
    settled_ = std::move(state->settled);
  else
    settled_ = Settled{files.empty() ? Place{} : files.front().name.begin};
  end_ = furthest(written, settled_.low());
  if (state) end_ = furthest(end_, state->end);
  written_end_ = writing_end_ = end_;
  for (const SegmentFile& file : files) segments_.push_back({file.name, file.bytes, file.changed});
  while (oldest_is_needless()) {
    doomed_.push_back(segments_.front());
    segments_.pop_front();
  }
  opened_ = true;
}

Result<Journal::Position> Journal::append(std::shared_ptr<const Batch> batch) {
  const std::uint64_t values = batch->size();
  const Lock lock{mutex_};
  return append(
      {.stretch = {}, .written = {}, .since = {}, .batch = std::move(batch), .notification = {}},
      journal::SegmentWriter::records_of(values), values);
}

Result<Journal::Position> Journal::append(std::shared_ptr<const Notification> notification) {
  const Lock lock{mutex_};
  return append({.stretch = {},
                 .written = {},
                 .since = {},
                 .batch = {},
                 .notification = std::move(notification)},
                1, 1);
}

Result<Journal::Position> Journal::append(Recent entry, std::uint64_t entries,
                                          std::uint64_t values) {
  if (!opened_) return Error{Errc::temporary, "the journal is not open"};
  const std::size_t bytes = entry.bytes();
  if (!recent_.empty() && recent_bytes_ + bytes > most_pending_bytes_)
    return Error{Errc::temporary, "too much waits to be written to the journal"};
  const Position position{end_, {end_.entries + entries, end_.values + values}};
  entry.stretch = position;
  entry.written = clock_.wall();
  entry.since = clock_.now();
  recent_.push(std::move(entry));
  recent_bytes_ += bytes;
  end_ = position.end;
  return position;
}

Steady Journal::next_sync() const {
  const Lock lock{mutex_};
  if (retry_at_ != Steady{}) return retry_at_;
  if (!opened_) return clock_.now();
  Steady next = tidy_since_ == Steady::max() ? tidy_since_ : tidy_since_ + sync_interval_.get();
  if (recent_.empty()) return next;
  if (recent_bytes_ > most_pending_bytes_ / 2) return clock_.now();
  // A quarter of the interval is for the writing itself.
  return std::min(next, recent_.front().since + sync_interval_.get() * 3 / 4);
}

Status Journal::sync() {
  const Lock io{io_mutex_};
  Status status = connect();
  if (status) {
    stage();
    status = write_staged();
    staged_.clear();
    tidy();
  }
  const Lock lock{mutex_};
  retry_at_ = status ? Steady{} : clock_.now() + kRetry;
  return status;
}

void Journal::stage() {
  const Lock lock{mutex_};
  for (std::size_t at = 0; at < recent_.size(); ++at)
    if (!settled_.covers(recent_[at].stretch)) staged_.push_back(recent_[at]);
  if (!staged_.empty()) writing_end_ = end_;
}

Status Journal::write_staged() {
  if (staged_.empty()) return {};
  // What is acknowledged in memory leaves a gap on the disk, and must not seem lost.
  bool stale = false;
  {
    const Lock lock{mutex_};
    stale = mark_stale_;
  }
  if (stale) (void)write_mark();
  if (writer_.is_open() && !writer_.is_there()) close_segment();
  for (const Recent& entry : staged_) {
    if (auto status = write(entry); !status) return status;
    if (writer_.buffered() >= kChunk)
      if (auto status = commit(); !status) return status;
  }
  if (auto status = commit(); !status) return status;
  if (auto status = writer_.sync(); !status) {
    close_segment();  // what the system did with its pages nobody knows
    return status;
  }
  if (directory_stale_) {
    if (auto status = directory_->sync(); !status) return status;
    directory_stale_ = false;
  }
  return write_mark();
}

bool Journal::segment_is_done(const Recent& next) const noexcept {
  if (writer_.size() == 0) return false;
  if (writer_.size() + next.bytes() > segment_bytes_.get() || writer_.full()) return true;
  return most_age_.get() != Span{} && next.written - segment_began_ > most_age_.get() / kAges;
}

Status Journal::write(const Recent& entry) {
  if (writer_.is_open() && segment_is_done(entry))
    if (auto status = end_segment(); !status) return status;
  if (!writer_.is_open()) {
    if (auto status = begin_segment(entry.stretch.begin); !status) return status;
    segment_began_ = entry.written;
  }
  const std::size_t before = writer_.buffered();
  const Status status = entry.batch
                            ? writer_.add(entry.stretch.begin, entry.written, *entry.batch)
                            : writer_.add(entry.stretch.begin, entry.written, *entry.notification);
  if (status && writer_.buffered() - before <= most_bytes_.get() / kLargestEntry) {
    added_end_ = entry.stretch.end;
    added_written_ = entry.written;
    return {};
  }
  writer_.take_back(before);
  const Status ended = end_segment();
  const Lock lock{mutex_};
  lose(entry.stretch, &JournalLosses::overflow);
  return ended;
}

Status Journal::begin_segment(Place begin) {
  const journal::SegmentName name{begin, new_salt(clock_.wall())};
  if (auto status = writer_.begin(*directory_, name); !status) {
    if (directory_->is_there()) return status;
    const Lock lock{mutex_};
    directory_.reset();  // connect() makes it anew
    return Error{Errc::temporary, path_, ENOENT};
  }
  directory_stale_ = true;
  added_end_ = begin;
  const Lock lock{mutex_};
  segments_.push_back({name, 0, {}});
  growing_ = true;
  return {};
}

/// Nothing more comes to the segment that grows.
Status Journal::end_segment() {
  if (auto status = commit(); !status) return status;
  writer_.add_echo();
  if (auto status = commit(); !status) return status;
  const Status status = writer_.sync();
  close_segment();
  return status;
}

void Journal::close_segment() {
  writer_.close();
  const Lock lock{mutex_};
  if (!growing_) return;
  growing_ = false;
  if (segments_.back().bytes != 0) return;
  doomed_.push_back(segments_.back());
  segments_.pop_back();
}

/// Writes what is encoded.
Status Journal::commit() {
  if (writer_.buffered() == 0) return {};
  Status status = make_room();
  if (status) status = writer_.flush();
  if (!status) {
    close_segment();
    return status;
  }
  const Lock lock{mutex_};
  segments_.back().bytes = writer_.written();
  segments_.back().newest = added_written_;
  written_end_ = furthest(written_end_, added_end_);
  while (!recent_.empty() && recent_.front().stretch.end.entries <= added_end_.entries)
    recent_bytes_ -= recent_.pop().bytes();
  return {};
}

Status Journal::make_room() {
  const std::uint64_t growth = on_disk(writer_.size()) - on_disk(writer_.written());
  while (true) {
    {
      const Lock lock{mutex_};
      if (bytes_on_disk() + growth <= most_bytes_.get()) return {};
    }
    if (!drop_oldest(&JournalLosses::overflow)) return Error{Errc::temporary, path_, ENOSPC};
    purge();
  }
}

bool Journal::drop_oldest(std::uint64_t JournalLosses::*reason) {
  const Lock lock{mutex_};
  if (segments_.size() <= (growing_ ? 1u : 0u)) return false;
  lose({settled_.low(), segment_end(0)}, reason);
  doomed_.push_back(segments_.front());
  segments_.pop_front();
  return true;
}

/// Removes what is too old or not needed any more.
void Journal::tidy() {
  const auto oldest_is_too_old = [this] {
    const Lock lock{mutex_};
    return !segments_.empty() && too_old(segments_.front().newest);
  };
  while (oldest_is_too_old() && drop_oldest(&JournalLosses::too_old)) {
  }
  bool unsynced = false;
  {
    const Lock lock{mutex_};
    while (oldest_is_needless()) {
      doomed_.push_back(segments_.front());
      segments_.pop_front();
    }
    tidy_since_ = Steady::max();
    unsynced = std::exchange(mark_unsynced_, false) && doomed_.empty();
  }
  purge();
  if (unsynced) (void)mark_.sync();
}

/// Removes the doomed. What is gone must be known to be settled, also after a loss of power.
void Journal::purge() {
  std::vector<Segment> doomed;
  {
    const Lock lock{mutex_};
    if (doomed_.empty() || !directory_) return;
    doomed = doomed_;
  }
  (void)write_mark();
  (void)mark_.sync();
  for (const Segment& segment : doomed) {
    if (!directory_->remove(segment.name)) continue;  // next time
    const Lock lock{mutex_};
    std::erase_if(doomed_, [&](const Segment& other) { return other.name == segment.name; });
  }
}

Status Journal::write_mark() {
  const Lock mark{mark_mutex_};
  if (!mark_.is_open()) return Error{Errc::temporary, path_ + ": it is not open"};
  Place end;
  {
    const Lock lock{mutex_};
    marked_ = settled_;
    end = furthest(written_end_, settled_.low());
    if (!settled_.behind().empty()) end = furthest(end, settled_.behind().back().end);
    mark_stale_ = false;
  }
  Status status = mark_.write(marked_, end);
  if (!status) {
    const Lock lock{mutex_};
    mark_stale_ = true;
  }
  return status;
}

std::uint64_t Journal::acknowledge(const Position& position) {
  bool on_disk = false;
  std::uint64_t values = 0;
  {
    const Lock lock{mutex_};
    values = settled_.settle(position);
    mark_stale_ = true;
    forget_settled();
    on_disk = position.begin.entries < writing_end_.entries;
    mark_unsynced_ = mark_unsynced_ || on_disk;
    if (oldest_is_needless()) tidy_since_ = std::min(tidy_since_, clock_.now());
  }
  if (on_disk) (void)write_mark();  // if it fails sync() tries again
  return values;
}

JournalLosses Journal::take_losses() {
  const Lock lock{mutex_};
  return std::exchange(losses_, {});
}

Journal::Position Journal::end() const {
  const Lock lock{mutex_};
  return {end_, end_};
}

JournalStatus Journal::status() const {
  const Lock lock{mutex_};
  JournalStatus status{.values_waiting = settled_.waiting(end_),
                       .bytes = opened_ ? bytes_on_disk() : 0,
                       .segments = segments_.size(),
                       .values_pending = 0};
  for (std::size_t at = 0; at < recent_.size(); ++at)
    if (!settled_.covers(recent_[at].stretch))
      status.values_pending += recent_[at].stretch.values();
  return status;
}

void Journal::forget_settled() {
  while (!recent_.empty() && settled_.covers(recent_.front().stretch))
    recent_bytes_ -= recent_.pop().bytes();
}

std::uint64_t Journal::bytes_on_disk() const noexcept {
  std::uint64_t bytes = journal::kOverhead;
  for (const Segment& segment : segments_) bytes += on_disk(segment.bytes);
  for (const Segment& segment : doomed_) bytes += on_disk(segment.bytes);
  return bytes;
}

journal::Place Journal::segment_end(std::size_t at) const noexcept {
  if (at + 1 < segments_.size()) return segments_[at + 1].name.begin;
  return recent_.empty() ? end_ : recent_.front().stretch.begin;
}

bool Journal::oldest_is_needless() const noexcept {
  return segments_.size() > (growing_ ? 1u : 0u) &&
         segment_end(0).entries <= settled_.low().entries;
}

void Journal::lose(const Position& stretch, std::uint64_t JournalLosses::*reason) {
  losses_.*reason += settled_.settle(stretch);
  mark_stale_ = true;
  forget_settled();
}

bool Journal::too_old(Time written) const noexcept {
  return most_age_.get() != Span{} && written < clock_.wall() - most_age_.get();
}

}  // namespace vital

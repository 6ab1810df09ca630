// SPDX-License-Identifier: MIT
#include <algorithm>

#include "pipeline/journal.h"

namespace vital {

using journal::Decoder;
using journal::Record;
using journal::RecordKind;

Result<JournalEntry> Journal::read(const Position& before) {
  JournalEntry entry;
  while (true) {
    Target target;
    switch (find(before.begin.entries, target, entry)) {
      case Found::nothing:
        return Error{Errc::absent, "nothing waits in the journal"};
      case Found::in_memory:
        return entry;
      case Found::on_disk:
        break;
    }
    if (auto status = open_segment(target); !status) return status.error();
    if (read_segment(target, before.begin.entries, entry)) return entry;
  }
}

void Journal::rewind() noexcept {
  at_ = {};
  reading_open_ = false;
}

/// Where the next entry is; if it is in memory, the entry itself.
Journal::Found Journal::find(std::uint64_t before, Target& target, JournalEntry& entry) {
  const Lock lock{mutex_};
  if (!opened_) return Found::nothing;
  while (true) {
    at_ = settled_.skip(at_);
    if (at_.entries >= std::min(before, end_.entries)) return Found::nothing;
    if (recent_.empty() || at_.entries < recent_.front().stretch.begin.entries) break;
    if (read_memory(entry)) return Found::in_memory;
  }
  const auto next = std::upper_bound(segments_.begin(), segments_.end(), at_.entries,
                                     [](std::uint64_t entries, const Segment& segment) {
                                       return entries < segment.name.begin.entries;
                                     });
  const auto number = static_cast<std::size_t>(next - segments_.begin());
  const std::size_t at = number == 0 ? 0 : number - 1;
  target.directory = directory_;
  target.until = segment_end(at);
  target.exists = directory_ && at < segments_.size();
  if (target.exists) target.segment = segments_[at];
  return Found::on_disk;
}

/// False: what was next is too old.
bool Journal::read_memory(JournalEntry& entry) {
  std::size_t first = 0, last = recent_.size();
  while (first + 1 < last) {
    const std::size_t middle = (first + last) / 2;
    (recent_[middle].stretch.begin.entries <= at_.entries ? first : last) = middle;
  }
  const Recent& found = recent_[first];
  const Position stretch = found.stretch;
  at_ = stretch.end;
  if (too_old(found.written)) {
    lose(stretch, &JournalLosses::too_old);
    return false;
  }
  entry = {.position = stretch, .batch = found.batch, .notification = found.notification};
  return true;
}

/// Success also when there is no such segment any more, which then has no record.
Status Journal::open_segment(const Target& target) {
  if (reading_open_ && target.exists && reading_ == target.segment.name) return {};
  reading_open_ = false;
  reader_.close();
  decoder_.begin();
  learned_ = 0;
  if (!target.exists) return {};
  auto file = target.directory->open(target.segment.name);
  if (!file && file.error().code() != Errc::absent) return file.error();
  if (!file) return {};
  reader_.open(std::move(*file), target.segment.name.salt);
  reading_ = target.segment.name;
  reading_open_ = true;
  return {};
}

/// The next entry of this segment. False: it has none that is to be read.
bool Journal::read_segment(const Target& target, std::uint64_t before, JournalEntry& entry) {
  const std::uint64_t end = target.segment.bytes;
  Record record;
  while (reading_open_ && reader_.next(end, at_.entries, record)) {
    if (record.kind == RecordKind::definitions) {
      (void)decoder_.learn(record.payload);
      continue;
    }
    if (!is_next(record, target)) continue;
    if (record.stretch.begin.entries >= before) {
      reader_.seek(record.offset);
      return false;
    }
    at_ = record.stretch.end;
    if (decode(record, end, entry)) return true;
    const Lock lock{mutex_};
    lose(record.stretch, &JournalLosses::damaged);
  }
  const Lock lock{mutex_};
  lose({at_, target.until}, &JournalLosses::damaged);
  at_ = target.until;
  return false;
}

/// Whether a record has an entry that is to be read. What should have stood before it is lost.
bool Journal::is_next(const Record& record, const Target& target) {
  const auto& [begin, end] = record.stretch;
  if (begin.entries < at_.entries || begin.values < at_.values ||
      end.entries > target.until.entries || end.values > target.until.values)
    return false;
  const Lock lock{mutex_};
  lose({at_, begin}, &JournalLosses::damaged);
  at_ = begin;
  if (settled_.covers(record.stretch)) return false;
  if (!too_old(record.written)) return true;
  lose(record.stretch, &JournalLosses::too_old);
  return false;
}

bool Journal::decode(Record& record, std::uint64_t end, JournalEntry& entry) {
  entry = {.position = record.stretch, .batch = {}, .notification = {}};
  if (record.kind == RecordKind::notification) {
    const auto notification = std::make_shared<Notification>();
    entry.notification = notification;
    return record.stretch.values() == 1 &&
           Decoder::decode(record.payload, *notification) == Decoder::Outcome::done;
  }
  const std::shared_ptr<Batch> batch = spare_batch();
  entry.batch = batch;
  return decode_batch(record, end, *batch) && batch->size() == record.stretch.values();
}

bool Journal::decode_batch(Record& record, std::uint64_t end, Batch& batch) {
  auto outcome = decoder_.decode(record.payload, batch);
  if (outcome == Decoder::Outcome::undefined && learned_ < end) {
    const std::uint64_t entries = record.stretch.begin.entries;
    learn_all(end);
    reader_.seek(record.offset);
    if (!reader_.next(end, entries, record)) return false;
    outcome = decoder_.decode(record.payload, batch);
  }
  return outcome == Decoder::Outcome::done;
}

/// Where a definition was damaged its copy stands further on.
void Journal::learn_all(std::uint64_t end) {
  reader_.seek(0);
  Record record;
  while (reader_.next(end, kAll, record)) (void)decoder_.learn(record.payload);
  learned_ = end;
}

std::shared_ptr<Batch> Journal::spare_batch() {
  for (std::shared_ptr<Batch>& batch : spare_) {
    if (!batch) batch = std::make_shared<Batch>();
    if (is_free(batch)) return batch;
  }
  return std::make_shared<Batch>();
}

}  // namespace vital

// SPDX-License-Identifier: MIT
#pragma once
#include <array>
#include <deque>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ring.h"
#include "base/setting.h"
#include "config/queue_options.h"
#include "pipeline/journal_codec.h"
#include "pipeline/journal_mark.h"
#include "pipeline/journal_segment.h"

namespace vital {

struct JournalLimits {
  static constexpr std::uint64_t kLeastBytes = std::uint64_t{1} << 20;

  std::uint64_t most_bytes = std::uint64_t{256} << 20;    // on disk, never exceeded
  Span most_age{};                                        // older entries are dropped; zero: none
  Nanoseconds sync_interval = std::chrono::seconds{1};    // what a crash may cost
  std::size_t most_pending_bytes = std::size_t{8} << 20;  // in memory, not written yet
};

/// What the options say, as limits.
JournalLimits limits_of(const JournalOptions& options) noexcept;

/// Values that waited in a journal and will never be read from it. A notification counts as one.
struct JournalLosses {
  std::uint64_t overflow = 0;  // the oldest, when the limit of bytes was met
  std::uint64_t too_old = 0;
  std::uint64_t damaged = 0;  // on disk they were torn, changed or deleted
  std::uint64_t all() const noexcept { return overflow + too_old + damaged; }
};

/// What was appended: a batch or a notification, and where it stands in the journal. A large batch
/// may come back in several pieces.
struct JournalEntry {
  journal::Stretch position;
  std::shared_ptr<const Batch> batch;
  std::shared_ptr<const Notification> notification;
};

struct JournalStatus {
  std::uint64_t values_waiting = 0;  // neither acknowledged nor lost
  std::uint64_t bytes = 0;           // on disk
  std::uint64_t segments = 0;
  std::uint64_t values_pending = 0;  // of those that wait, not on disk yet
};

/// Keeps on disk what a writer has still to deliver, in order, over crashes and restarts.
///
/// An entry is appended to memory, and so collecting never waits for a disk; sync() writes what is
/// not acknowledged by then, so that what is delivered within a sync interval never touches the
/// disk. A process that is killed loses what it appended since the last sync(), as does a host that
/// loses power. What was acknowledged stays so when the process is killed.
///
/// Each value or notification that was appended, or was waiting at open(), is counted once: in what
/// acknowledge() returns, or in take_losses(); until then in values_waiting.
///
/// Errors   temporary: the disk is full, or the directory cannot be written to. Nothing is lost by
///          it: what is appended already stays in memory and can be read and acknowledged, and the
///          next sync() tries again. limit: another process has the directory
/// Threads  any for append(), acknowledge(), take_losses() and status(), which never wait for the
///          disk but for acknowledge()'s one short write; sync(), open() any, one after the other;
///          read() and rewind() belong to one thread
class Journal {
 public:
  using Position = journal::Stretch;
  static constexpr std::uint64_t kAll = std::numeric_limits<std::uint64_t>::max();

  /// What is read from disk is interned in `series`, with types of `types`; both outlive it. Who
  /// ends it calls sync() last.
  Journal(std::string directory, const JournalLimits& limits, SeriesTable& series, PastTypes& types,
          const Clock& clock);
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  ~Journal();

  /// Takes the directory and finds what waits there. When it fails sync() tries again.
  Status open();

  /// How much and how long it keeps from now on, and how often it is written.
  void set_limits(const JournalLimits& limits) noexcept;

  /// Puts an entry behind all others. It is on disk after the next sync().
  ///
  /// Errors  temporary: not open, or too much waits to be written. The entry is not in the journal
  Result<Position> append(std::shared_ptr<const Batch> batch);
  Result<Position> append(std::shared_ptr<const Notification> notification);

  /// Writes what was appended and makes it last, and removes segments that nobody needs any more.
  Status sync();
  /// When sync() should be called, so that no more than the sync interval is at risk.
  /// Steady::max(): there is nothing to do. An append may make it earlier.
  Steady next_sync() const;

  /// The oldest entry that was neither read nor acknowledged, if it was appended before `before`.
  ///
  /// Errors  absent: there is none; others: it cannot be read now
  Result<JournalEntry> read(const Position& before = {{kAll, kAll}, {kAll, kAll}});
  /// Reads again from the oldest entry that is not acknowledged.
  void rewind() noexcept;

  /// It was delivered, or given up: it will not be read again, not even after a restart. In any
  /// order. Returns how many of its values were waiting until now; the others were counted before,
  /// as lost or as acknowledged.
  std::uint64_t acknowledge(const Position& position);

  /// Behind the last entry: what is appended from now on is not before it.
  Position end() const;
  /// What was lost since the last call.
  JournalLosses take_losses();
  JournalStatus status() const;

 private:
  using Place = journal::Place;

  /// An entry that is not on disk, or not yet for certain.
  struct Recent {
    Position stretch;
    Time written;
    Steady since;
    std::shared_ptr<const Batch> batch;
    std::shared_ptr<const Notification> notification;
    std::size_t bytes() const noexcept { return batch ? batch->bytes() : notification->bytes(); }
  };
  struct Segment {
    journal::SegmentName name;
    std::uint64_t bytes = 0;  // whole records
    Time newest;              // when its last entry was appended, or later
  };
  /// Where the next entry is to be found.
  struct Target {
    std::shared_ptr<journal::Directory> directory;
    Segment segment;
    bool exists = false;
    Place until;  // where the next segment, or memory, takes over
  };
  using Lock = std::lock_guard<std::mutex>;

  // With io_mutex_.
  Status connect();
  void recover(std::optional<journal::MarkState> state, std::vector<journal::SegmentFile> files,
               Place written);
  void stage();
  Status write_staged();
  Status write(const Recent& entry);
  Status begin_segment(Place begin);
  Status end_segment();
  void close_segment();
  bool segment_is_done(const Recent& next) const noexcept;
  Status commit();
  Status make_room();
  bool drop_oldest(std::uint64_t JournalLosses::*reason);
  void tidy();
  void purge();

  Status write_mark();  // takes mark_mutex_

  // With mutex_.
  Result<Position> append(Recent entry, std::uint64_t entries, std::uint64_t values);
  void forget_settled();
  std::uint64_t bytes_on_disk() const noexcept;
  Place segment_end(std::size_t at) const noexcept;
  bool oldest_is_needless() const noexcept;
  void lose(const Position& stretch, std::uint64_t JournalLosses::*reason);

  // The reading thread's.
  enum class Found : std::uint8_t { nothing, in_memory, on_disk };
  Found find(std::uint64_t before, Target& target, JournalEntry& entry);
  bool read_memory(JournalEntry& entry);
  Status open_segment(const Target& target);
  bool read_segment(const Target& target, std::uint64_t before, JournalEntry& entry);
  bool is_next(const journal::Record& record, const Target& target);
  bool decode(journal::Record& record, std::uint64_t end, JournalEntry& entry);
  bool decode_batch(journal::Record& record, std::uint64_t end, Batch& batch);
  void learn_all(std::uint64_t end);
  std::shared_ptr<Batch> spare_batch();
  bool too_old(Time written) const noexcept;

  const std::string path_;
  const Setting<std::uint64_t> most_bytes_;
  const Setting<Span> most_age_;
  const Setting<Nanoseconds> sync_interval_;
  const std::size_t most_pending_bytes_;
  const Setting<std::uint64_t> segment_bytes_;
  const Clock& clock_;

  std::mutex io_mutex_;  // guards the next ones; held while the disk is waited for
  journal::SegmentWriter writer_;
  std::vector<Recent> staged_;
  Place added_end_;     // behind the last entry that writer_ was given
  Time added_written_;  // when that was appended
  Time segment_began_;
  bool directory_stale_ = false;  // has to be synced

  std::mutex mark_mutex_;  // guards the next ones; taken after io_mutex_
  journal::Mark mark_;     // opened and synced with io_mutex_, so that no one waits for its sync
  journal::Settled marked_;

  mutable std::mutex mutex_;  // guards the next ones; taken last and never held for long
  std::shared_ptr<journal::Directory> directory_;
  bool opened_ = false;
  std::deque<Segment> segments_;
  bool growing_ = false;         // the last of them, by writer_
  std::vector<Segment> doomed_;  // to be removed
  mutable Ring<Recent> recent_;
  std::size_t recent_bytes_ = 0;
  journal::Settled settled_;
  Place end_;                          // behind the last entry
  Place written_end_;                  // behind the last one on disk
  Place writing_end_;                  // what lies before may be on disk
  bool mark_stale_ = false;            // settled_ has changed since
  bool mark_unsynced_ = false;         // what is acknowledged might come back after a loss of power
  Steady retry_at_{};                  // after a failure; epoch: there was none
  Steady tidy_since_ = Steady::max();  // a segment waits to be removed
  JournalLosses losses_;

  // The reading thread's own.
  Place at_;
  journal::SegmentName reading_;
  bool reading_open_ = false;
  journal::SegmentReader reader_;
  journal::Decoder decoder_;
  std::uint64_t learned_ = 0;  // all definitions in so many bytes of it are known
  std::array<std::shared_ptr<Batch>, 2> spare_;
};

}  // namespace vital

// SPDX-License-Identifier: MIT
#pragma once
#include "pipeline/journal_codec.h"
#include "pipeline/journal_directory.h"

namespace vital::journal {

/// The segment that grows: encodes entries into memory and appends them to its file.
///
/// What defines the series of entries is written twice, some time apart, so that one damaged place
/// never costs more entries than stand there.
///
/// Threads  none of its own
class SegmentWriter {
 public:
  /// Entries become records of so many samples at most.
  static constexpr std::size_t kMostSamples = 1024;
  static std::uint64_t records_of(std::size_t samples) noexcept {
    return samples == 0 ? 1 : (samples + kMostSamples - 1) / kMostSamples;
  }

  bool is_open() const noexcept { return static_cast<bool>(file_); }
  /// Makes the file.
  Status begin(const Directory& directory, const SegmentName& name);
  void close() noexcept { file_.reset(); }

  /// Encodes an entry behind what is encoded already.
  ///
  /// Errors  too_long
  Status add(Place begin, Time written, const Batch& batch);
  Status add(Place begin, Time written, const Notification& notification);
  /// Takes back what was encoded behind the first `buffered` bytes. The segment can take no more
  /// entries, for it may have lost definitions.
  void take_back(std::size_t buffered) noexcept { buffer_.cut(buffered); }
  /// Repeats definitions that stand there only once.
  void add_echo();

  /// Appends what is encoded to the file. After a failure the file ends where it ended before, as
  /// far as the system lets us, and must be closed.
  Status flush() noexcept;
  /// Makes it last.
  Status sync() noexcept;
  /// False: somebody has removed the file.
  bool is_there() const noexcept;

  std::uint64_t written() const noexcept { return written_; }
  /// With what is still to be written.
  std::uint64_t size() const noexcept { return written_ + buffer_.size(); }
  std::size_t buffered() const noexcept { return buffer_.size(); }
  bool full() const noexcept { return encoder_.full(); }

 private:
  Status add_record(Record record);

  Fd file_;
  std::uint32_t salt_ = 0;
  std::uint64_t written_ = 0;
  bool unsynced_ = false;
  Encoder encoder_;
  ByteWriter buffer_, payload_, definitions_;
  ByteWriter once_;    // definition records that were written once
  ByteWriter unsent_;  // the same, of those still in buffer_
};

}  // namespace vital::journal

// SPDX-License-Identifier: MIT
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/fd.h"
#include "base/time.h"
#include "pipeline/journal_place.h"

namespace vital::journal {

enum class RecordKind : std::uint32_t {
  batch = 0,         ///< one entry
  notification = 1,  ///< one entry, which counts as one value
  definitions = 2,   ///< no entry: what entries of the same segment refer to by number
};

/// One record of a segment.
struct Record {
  RecordKind kind = RecordKind::batch;
  Stretch stretch;
  Time written;  // when the entry was appended
  std::string_view payload;
  std::uint64_t offset = 0;  // where it stands in its file
};

/// What the name of a segment's file says: what its first entry is, and a random number that is
/// part of all its checksums. So text in a label that looks like a record, and blocks of another
/// file that a crash left in this one, are never taken for records.
struct SegmentName {
  Place begin;
  std::uint32_t salt = 0;
  bool operator==(const SegmentName&) const noexcept = default;
};
Text<64> format(const SegmentName& name) noexcept;
std::optional<SegmentName> parse_segment_name(std::string_view text) noexcept;

constexpr std::size_t kRecordHead = 48;  // bytes before the payload
constexpr std::size_t kMostPayload = std::size_t{16} << 20;

/// Appends a record to `bytes`. The payload has at most kMostPayload bytes.
void put_record(ByteWriter& bytes, const Record& record, std::uint32_t salt);

/// Reads the records of one segment in their order. Whatever is damaged is skipped up to the next
/// record that is whole.
///
/// Threads  none of its own
class SegmentReader {
 public:
  /// From the file's first byte on.
  void open(Fd file, std::uint32_t salt) noexcept;
  void close() noexcept { file_.reset(); }
  void seek(std::uint64_t offset) noexcept { offset_ = offset; }

  /// The next whole record that ends within the first `end` bytes of the file; records of entries
  /// before `from` are passed by unread. Its payload is good until the next call.
  bool next(std::uint64_t end, std::uint64_t from, Record& record);

  /// Where next() goes on.
  std::uint64_t offset() const noexcept { return offset_; }

 private:
  static constexpr std::size_t kWindow = std::size_t{64} << 10;

  std::string_view at(std::uint64_t offset, std::size_t size, std::uint64_t end);
  void search(std::uint64_t end);

  Fd file_;
  std::uint32_t salt_ = 0;
  std::uint64_t offset_ = 0;
  std::vector<char> window_;
  std::uint64_t window_at_ = 0;
  std::size_t filled_ = 0;
};

}  // namespace vital::journal

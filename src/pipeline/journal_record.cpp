// SPDX-License-Identifier: MIT
#include "pipeline/journal_record.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/crc32c.h"
#include "base/numbers.h"

namespace vital::journal {
namespace {

constexpr std::uint32_t kMagic = 0x31524a56;
constexpr std::string_view kMagicBytes = "VJR1";
constexpr std::string_view kSuffix = ".vj1";
constexpr std::size_t kHeadSum = 44;    // its place within the head
constexpr std::uint64_t kBlock = 4096;  // what a bad sector takes with it
constexpr std::uint64_t kMostEntries = std::uint64_t{1} << 62;

struct Head {
  Record record;
  std::uint32_t size = 0, payload_sum = 0;
};

/// Errors  nothing: not the head of a record
std::optional<Head> parse_head(std::string_view bytes, std::uint32_t salt) noexcept {
  if (bytes.size() != kRecordHead || !bytes.starts_with(kMagicBytes)) return {};
  ByteReader in{bytes.substr(kMagicBytes.size())};
  Head head;
  head.size = in.fixed<std::uint32_t>();
  const auto kind = in.fixed<std::uint32_t>();
  const auto values = in.fixed<std::uint32_t>();
  head.record.stretch.begin.entries = in.fixed<std::uint64_t>();
  head.record.stretch.begin.values = in.fixed<std::uint64_t>();
  head.record.written = Time{Span{in.fixed<std::int64_t>()}};
  head.payload_sum = in.fixed<std::uint32_t>();
  if (in.fixed<std::uint32_t>() != crc32c(bytes.substr(0, kHeadSum), salt)) return {};
  if (kind > static_cast<std::uint32_t>(RecordKind::definitions)) return {};
  head.record.kind = RecordKind{kind};
  const Place begin = head.record.stretch.begin;
  if (begin.entries > kMostEntries || begin.values > kMostEntries) return {};
  const bool entry = head.record.kind != RecordKind::definitions;
  if (head.size > kMostPayload || (values != 0 && !entry)) return {};
  head.record.stretch.end = {begin.entries + (entry ? 1 : 0), begin.values + values};
  return head;
}

void append_hex(Text<64>& text, std::uint64_t number, int digits) noexcept {
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4)
    text.add("0123456789abcdef"[(number >> shift) & 0xf]);
}

}  // namespace

Text<64> format(const SegmentName& name) noexcept {
  Text<64> text;
  append_hex(text, name.begin.entries, 16);
  append_hex(text.add('-'), name.begin.values, 16);
  append_hex(text.add('-'), name.salt, 8);
  text.add(kSuffix);
  return text;
}

std::optional<SegmentName> parse_segment_name(std::string_view text) noexcept {
  SegmentName name;
  if (text.size() != 42 + kSuffix.size() || !text.ends_with(kSuffix)) return {};
  if (!parse_whole(text.substr(0, 16), name.begin.entries, 16) ||
      !parse_whole(text.substr(17, 16), name.begin.values, 16) ||
      !parse_whole(text.substr(34, 8), name.salt, 16))
    return {};
  if (name.begin.entries > kMostEntries || name.begin.values > kMostEntries) return {};
  if (format(name).view() != text) return {};
  return name;
}

void put_record(ByteWriter& bytes, const Record& record, std::uint32_t salt) {
  const std::size_t first = bytes.size();
  bytes.fixed(kMagic);
  bytes.fixed(static_cast<std::uint32_t>(record.payload.size()));
  bytes.fixed(static_cast<std::uint32_t>(record.kind));
  bytes.fixed(static_cast<std::uint32_t>(record.stretch.values()));
  bytes.fixed(record.stretch.begin.entries);
  bytes.fixed(record.stretch.begin.values);
  bytes.fixed(record.written.time_since_epoch().count());
  bytes.fixed(crc32c(record.payload, salt));
  bytes.fixed(crc32c(bytes.view().substr(first, kHeadSum), salt));
  bytes.raw(record.payload);
}

void SegmentReader::open(Fd file, std::uint32_t salt) noexcept {
  file_ = std::move(file);
  salt_ = salt;
  offset_ = 0;
  filled_ = 0;
}

/// Those bytes of the file, or fewer if it has no more before `end` or cannot be read there.
std::string_view SegmentReader::at(std::uint64_t offset, std::size_t size, std::uint64_t end) {
  if (offset < window_at_ || offset + size > window_at_ + filled_) {
    const std::uint64_t left = end > offset ? end - offset : 0;
    const auto wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(std::max(size, kWindow), left));
    if (window_.size() < wanted) window_.resize(wanted);
    window_at_ = offset;
    filled_ = 0;
    while (filled_ < wanted) {
      const ssize_t count = ::pread(file_.get(), window_.data() + filled_, wanted - filled_,
                                    static_cast<off_t>(offset + filled_));
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) break;
      filled_ += static_cast<std::size_t>(count);
    }
  }
  const auto skipped = static_cast<std::size_t>(offset - window_at_);
  return {window_.data() + skipped, std::min(size, filled_ - skipped)};
}

bool SegmentReader::next(std::uint64_t end, std::uint64_t from, Record& record) {
  while (offset_ + kRecordHead <= end) {
    const auto head = parse_head(at(offset_, kRecordHead, end), salt_);
    if (!head) {
      search(end);
      continue;
    }
    const std::uint64_t begin = offset_ + kRecordHead;
    if (begin + head->size > end) {  // cut off, or it claims what it has not
      search(end);
      continue;
    }
    offset_ = begin + head->size;
    const bool passed = head->record.stretch.end.entries <= from;
    if (passed && head->record.kind != RecordKind::definitions) continue;
    record = head->record;
    record.offset = begin - kRecordHead;
    record.payload = at(begin, head->size, end);
    if (record.payload.size() == head->size && crc32c(record.payload, salt_) == head->payload_sum)
      return true;
  }
  offset_ = std::max(offset_, end);
  return false;
}

/// Goes on to the next place where a record might begin.
void SegmentReader::search(std::uint64_t end) {
  ++offset_;
  while (offset_ + kRecordHead <= end) {
    const std::string_view bytes =
        at(offset_, static_cast<std::size_t>(std::min<std::uint64_t>(kWindow, end - offset_)), end);
    if (bytes.size() < kMagicBytes.size()) {  // a bad sector, or the file is shorter than it was
      offset_ = (offset_ / kBlock + 1) * kBlock;
      continue;
    }
    const std::size_t found = bytes.find(kMagicBytes);
    if (found != std::string_view::npos) {
      offset_ += found;
      return;
    }
    offset_ += bytes.size() - (kMagicBytes.size() - 1);
  }
  offset_ = std::max(offset_, end);
}

}  // namespace vital::journal

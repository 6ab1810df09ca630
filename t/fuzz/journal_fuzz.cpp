// SPDX-License-Identifier: MIT
#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "base/crc32c.h"
#include "fuzz/fuzz.h"
#include "model/types.h"
#include "pipeline/journal_codec.h"
#include "pipeline/journal_mark.h"
#include "pipeline/journal_record.h"

using namespace vital;
using namespace vital::journal;

namespace {

constexpr std::uint32_t kSalt = 1;

Types make_types() {
  Types types;
  for (const char* line : {"gauge value:GAUGE:U:U", "if_octets rx:DERIVE:0:U, tx:DERIVE:0:U"})
    types.add(*parse_data_set(line));
  return types;
}

/// A segment's bytes. With the first bit of the input's first byte set, what follows is cut into
/// payloads and put into records, so that the decoder sees bytes whose checksums are right.
std::string segment_of(std::string_view input) {
  if (input.empty() || (input.front() & 1) == 0) return std::string{input};
  ByteWriter bytes;
  Place at;
  for (input.remove_prefix(1); input.size() > 2;) {
    const auto kind = RecordKind{static_cast<std::uint8_t>(input[0]) % 3u};
    const auto size = static_cast<std::uint8_t>(input[1]);
    const bool batch = kind == RecordKind::batch;
    const bool entry = kind != RecordKind::definitions;
    const Place end{at.entries + (entry ? 1 : 0), at.values + (batch ? size % 8u : 0)};
    put_record(
        bytes,
        {.kind = kind, .stretch = {at, end}, .written = {}, .payload = input.substr(2, size)},
        kSalt);
    at = end;
    input.remove_prefix(std::min<std::size_t>(input.size(), 2u + size));
  }
  return std::string{bytes.view()};
}

Fd file_with(std::string_view bytes) {
  static const int file = ::memfd_create("segment", MFD_CLOEXEC);
  fuzz::promise(::ftruncate(file, 0) == 0);
  fuzz::promise(::pwrite(file, bytes.data(), bytes.size(), 0) ==
                static_cast<ssize_t>(bytes.size()));
  return Fd{::dup(file)};
}

}  // namespace

/// Any bytes are records or are passed over. Records lie within the file, in its order. What is
/// decoded can be encoded and decoded again to the same number of samples.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Types types = make_types();
  PastTypes past{types};
  SeriesTable table;
  const std::string bytes = segment_of(fuzz::text_of(data, size));
  (void)parse_mark_slot(bytes);
  (void)parse_segment_name(bytes);
  Batch batch, again;
  Notification notification;
  SegmentReader reader;
  reader.open(file_with(bytes), kSalt);
  Decoder decoder{table, past}, other{table, past};
  std::uint64_t behind = 0;
  for (Record record; reader.next(bytes.size(), 0, record);) {
    fuzz::promise(record.offset >= behind && reader.offset() <= bytes.size());
    behind = reader.offset();
    if (record.kind == RecordKind::definitions) {
      (void)decoder.learn(record.payload);
    } else if (record.kind == RecordKind::notification) {
      (void)Decoder::decode(record.payload, notification);
    } else if (decoder.decode(record.payload, batch) == Decoder::Outcome::done) {
      Encoder encoder;
      ByteWriter payload, definitions;
      encoder.encode(batch, 0, batch.size(), payload, definitions);
      other.begin();
      fuzz::promise(other.learn(definitions.view()));
      fuzz::promise(other.decode(payload.view(), again) == Decoder::Outcome::done);
      fuzz::promise(again.size() == batch.size());
    }
  }
  fuzz::promise(reader.offset() == bytes.size());
  return 0;
}

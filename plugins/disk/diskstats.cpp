// SPDX-License-Identifier: MIT
#include "disk/diskstats.h"

#include "base/strings.h"

namespace vital::disk {
namespace {

bool next_four(Fields& fields, BlockDevice& device) noexcept {
  return fields.next(device.reads.operations) && fields.next(device.reads.sectors) &&
         fields.next(device.writes.operations) && fields.next(device.writes.sectors) &&
         fields.at_end();
}

bool next_eleven(Fields& fields, BlockDevice& device) noexcept {
  Queue& queue = device.queue.emplace();
  return fields.next(device.reads.operations) && fields.next(queue.reads_merged) &&
         fields.next(device.reads.sectors) && fields.next(queue.read_time) &&
         fields.next(device.writes.operations) && fields.next(queue.writes_merged) &&
         fields.next(device.writes.sectors) && fields.next(queue.write_time) &&
         fields.next(queue.pending) && fields.next(queue.busy_time) &&
         fields.next(queue.weighted_time);
}

}  // namespace

Result<BlockDevice> parse_block_device(std::string_view line) noexcept {
  Fields fields{line};
  BlockDevice device{};
  if (fields.next(device.major) && fields.next(device.minor) && fields.next(device.name)) {
    Fields four = fields;
    if (next_four(four, device) || next_eleven(fields, device)) return device;
  }
  return Error{Errc::malformed, trim(line)};
}

}  // namespace vital::disk

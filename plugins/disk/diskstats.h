// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/fields.h"
#include "base/result.h"

namespace vital::disk {

/// What was asked of a block device in one direction.
///
/// Units    operations completed and sectors of 512 bytes, since the device appeared
struct Transfers {
  std::uint64_t operations, sectors;
};

/// What a queue of operations knows beyond that.
///
/// Units    operations; milliseconds, which wrap at 2^32
struct Queue {
  std::uint64_t reads_merged, writes_merged;
  std::uint64_t read_time, write_time;     // summed over all operations
  std::int64_t pending;                    // operations under way; some kernels count below 0
  std::uint64_t busy_time, weighted_time;  // with work to do; the same times the operations pending
};

/// One block device: a disk, a partition, a volume. The name is a piece of the text it was read
/// from.
struct BlockDevice {
  unsigned major, minor;
  std::string_view name;
  Transfers reads, writes;
  std::optional<Queue> queue;  // partitions have none before Linux 2.6.25
};

/// One line of the table: four counters, or eleven and more. What Linux counts behind the eleventh
/// (discards since 4.18, flushes since 5.5) is not looked at.
///
/// Errors   malformed: cut short, another number of columns, or something is no number
/// Threads  pure
/// Source   /proc/diskstats, see Documentation/admin-guide/iostats.rst of the kernel
Result<BlockDevice> parse_block_device(std::string_view line) noexcept;

/// Hands each device of the table to `visit`, whose Status counts as that line's. A line that fails
/// does not cost the others theirs; the first failure is returned.
template <typename Visit>
Status for_each_block_device(std::string_view text, Visit&& visit) noexcept {
  Status outcome;
  Lines lines{text};
  for (std::string_view line; lines.next(line);) {
    const auto device = parse_block_device(line);
    if (auto status = device ? visit(*device) : Status{device.error()}; !status && outcome)
      outcome = status;
  }
  if (lines.truncated() && outcome) return Error{Errc::malformed, lines.rest()};
  return outcome;
}

}  // namespace vital::disk

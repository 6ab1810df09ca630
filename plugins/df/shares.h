// SPDX-License-Identifier: MIT
#pragma once
#include <sys/statvfs.h>

#include <cstdint>
#include <optional>

namespace vital::df {

/// How the blocks or the inodes of a file system are shared out. The three together are `all`.
struct Shares {
  std::uint64_t free;      // for everybody
  std::uint64_t reserved;  // for root alone
  std::uint64_t used;
  std::uint64_t all;

  double percent(std::uint64_t part) const noexcept;
};

/// Its blocks; nothing for a file system that has none, such as proc.
///
/// Threads  pure, as all below
/// Source   statvfs(3)
std::optional<Shares> blocks_of(const struct statvfs& fs) noexcept;
/// Units  bytes
std::uint64_t block_size(const struct statvfs& fs) noexcept;

/// Its inodes; nothing for a file system that makes them as it needs them, or that was made with
/// just those it has and cannot be written to.
std::optional<Shares> inodes_of(const struct statvfs& fs) noexcept;

}  // namespace vital::df

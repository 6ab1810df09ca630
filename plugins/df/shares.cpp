// SPDX-License-Identifier: MIT
#include "df/shares.h"

#include <algorithm>

namespace vital::df {
namespace {

/// Numbers that do not fit together, as network file systems may send them, are made to.
Shares share(std::uint64_t all, std::uint64_t free, std::uint64_t available) noexcept {
  if (static_cast<std::int64_t>(available) < 0)
    available = 0;  // more is used than there was for all
  free = std::max(free, available);
  all = std::max(all, free);
  return {.free = available, .reserved = free - available, .used = all - free, .all = all};
}

}  // namespace

/// With the precision of a float, as collectd computes it.
double Shares::percent(std::uint64_t part) const noexcept {
  return static_cast<double>(static_cast<float>(part) / static_cast<float>(all) * 100.0F);
}

std::optional<Shares> blocks_of(const struct statvfs& fs) noexcept {
  if (fs.f_blocks == 0) return std::nullopt;
  return share(fs.f_blocks, fs.f_bfree, fs.f_bavail);
}

std::uint64_t block_size(const struct statvfs& fs) noexcept {
  return fs.f_frsize != 0 ? fs.f_frsize : fs.f_bsize;
}

std::optional<Shares> inodes_of(const struct statvfs& fs) noexcept {
  const bool read_only = (fs.f_flag & ST_RDONLY) != 0;
  if (fs.f_files == 0 || (fs.f_ffree == 0 && read_only)) return std::nullopt;
  return share(fs.f_files, fs.f_ffree, fs.f_favail);
}

}  // namespace vital::df

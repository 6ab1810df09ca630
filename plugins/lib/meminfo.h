// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace vital {

/// What /proc/meminfo says that somebody here wants. What this kernel does not print, or not as a
/// number of kB, is absent.
///
/// Units    bytes
/// Errors   malformed: the text is cut short, or has none of these lines
/// Threads  a plain value; parse_meminfo() is pure
/// Source   /proc/meminfo, see proc(5)
struct Meminfo {
  using Bytes = std::optional<std::uint64_t>;

  Bytes mem_total, mem_free, buffers, cached;
  Bytes swap_cached, swap_total, swap_free;
  Bytes slab;                        // since 2.6.0
  Bytes s_reclaimable, s_unreclaim;  // parts of slab, since 2.6.19
};

Result<Meminfo> parse_meminfo(std::string_view text) noexcept;

}  // namespace vital

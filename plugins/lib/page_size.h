// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "base/root.h"

namespace vital {

/// The size of a page of the kernel whose files are below `root`, which need not be the one that
/// runs this.
///
/// Units    bytes
/// Errors   those of reading proc/meminfo and proc/vmstat; absent: they do not tell
/// Threads  any; allocates: for set-up
Result<std::uint64_t> page_size(const Root& root);

/// What the free memory in bytes (meminfo) and in pages (vmstat) make a page. The two are not from
/// the same moment, but a page is a power of two.
Result<std::uint64_t> estimate_page_size(std::string_view meminfo,
                                         std::string_view vmstat) noexcept;

}  // namespace vital

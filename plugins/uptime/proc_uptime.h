// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace vital::uptime {

/// How long the kernel has been running, the time of a suspend included.
///
/// Units    seconds; one that has begun counts, as sysinfo(2) has it
/// Errors   malformed: the line is cut short, or its first field is no such number
/// Threads  pure
/// Source   /proc/uptime, see proc(5)
Result<std::uint64_t> parse_uptime(std::string_view text) noexcept;

}  // namespace vital::uptime

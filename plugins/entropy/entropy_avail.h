// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace vital::entropy {

/// How many bits the full pool holds since Linux 5.17; it was 4096 before.
constexpr std::uint64_t kFull = 256;

/// How much randomness the kernel has gathered.
///
/// Units    bits
/// Errors   malformed: not one number on a whole line
/// Threads  pure
/// Source   /proc/sys/kernel/random/entropy_avail, see random(4)
Result<std::uint64_t> parse_entropy(std::string_view text) noexcept;

/// Since Linux 5.19 the pool fills up once, after boot, and nothing drains it any more.
///
/// Source   /proc/sys/kernel/osrelease
bool stays_full(std::string_view osrelease) noexcept;

}  // namespace vital::entropy

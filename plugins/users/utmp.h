// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <string_view>

namespace vital::users {

/// How many log-ins a utmp file holds: records of the type USER_PROCESS. A record that is cut short
/// at the end does not count.
///
/// Threads  pure
/// Source   utmp(5), as this host's C library lays it out
std::uint64_t count_users(std::string_view utmp) noexcept;

}  // namespace vital::users

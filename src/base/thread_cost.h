// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.h"

namespace vital {

/// How long the calling thread has been on a CPU. A system call.
Nanoseconds thread_cpu() noexcept;

/// How often the calling thread has called read(2), write(2) and their kin, before it asked. Three
/// system calls, of which one counts from then on. Nothing: this kernel does not count, or this
/// process may not know.
///
/// Source  /proc/thread-self/io, see proc(5); no other system calls are counted there
std::optional<std::uint64_t> thread_transfers() noexcept;

/// The same of the text of such a file.
std::optional<std::uint64_t> parse_transfers(std::string_view text) noexcept;

/// Pages that were not there yet when a thread touched them.
///
/// Source  /proc/PID/task/TID/stat, see proc(5)
std::optional<std::uint64_t> parse_minor_faults(std::string_view text) noexcept;

}  // namespace vital

// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <string>

#include "base/result.h"

namespace vital {

/// Capabilities as bits, each by its number in <linux/capability.h>.
///
/// Threads  capabilities are a thread's own: what follows is about the thread that calls it, and
///          the threads that it starts later
/// Source   capabilities(7), through libcap
using Capabilities = std::uint64_t;

constexpr Capabilities capability(int number) noexcept { return Capabilities{1} << number; }

/// Whether this build can give any up.
bool knows_capabilities() noexcept;
/// Those that may be used now.
Capabilities held_capabilities() noexcept;
/// Gives up all others for good. Programs that gain privileges when they are run, such as sudo(8),
/// `may_gain` others nevertheless.
Status keep_capabilities(Capabilities kept, bool may_gain = false) noexcept;
/// Lets programs that this thread runs have them, also when they run as an ordinary user.
Status hand_down_capabilities(Capabilities inherited) noexcept;
/// "CAP_NET_RAW, CAP_SYS_PTRACE"; "none".
std::string names_of_capabilities(Capabilities set);

}  // namespace vital

// SPDX-License-Identifier: MIT
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/fd.h"
#include "processes/taskstats.h"

namespace vital::processes {

/// Asks the kernel how long processes have waited, many in one go.
///
/// Errors   denied: the capability CAP_NET_ADMIN is missing; absent, unsupported: this kernel does
///          not count that; else what the system said
/// Threads  none of its own: its reader's
/// Source   generic netlink, family TASKSTATS. PIDs are those of this process's PID name space
class DelayAccounting {
 public:
  /// An answer for each process, none for one that has ended.
  Status ask(std::span<const int> pids, std::span<std::optional<Delays>> answers) noexcept;

 private:
  static constexpr std::size_t kAtOnce = 32;  // their answers fit the socket's buffer with ease
  static constexpr std::size_t kLongestAnswer = 1024;  // 596 bytes in Linux 6.18; it grew slowly

  Status connect() noexcept;
  Status send(std::span<const char> bytes) const noexcept;
  /// Receives what there is, at most kAtOnce messages, and hands each to `take`.
  template <typename Take>
  Result<std::size_t> receive(Take&& take) noexcept;
  Status ask_some(std::span<const int> pids, std::span<std::optional<Delays>> answers) noexcept;

  Fd socket_;
  std::uint16_t family_ = 0;
  std::uint32_t sequence_ = 0;
  std::array<char, kAtOnce * kDelaysQuestion> questions_;
  std::array<std::array<char, kLongestAnswer>, kAtOnce> answers_;
};

}  // namespace vital::processes

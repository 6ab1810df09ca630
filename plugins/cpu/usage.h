// SPDX-License-Identifier: MIT
#pragma once
#include <array>
#include <cstdint>

#include "lib/proc_stat.h"

namespace vital::cpu {

/// What becomes of the time that a CPU ran guests: it is counted twice, as a guest state and as
/// part of user or nice.
enum class Guests {
  hidden,    // no guest states
  separate,  // taken out of user and nice
  included,  // in both: the states add up to more than there was
};

void count(Guests guests, CpuTimes& times) noexcept;

/// How one CPU, or several together, spent the time between two reads.
///
/// Units    ticks of 1/100 s
/// Threads  a plain value
struct Usage {
  std::array<std::uint64_t, CpuTimes::kStates> ticks{};
  std::size_t states = 0;  // absent from here on

  void add(const Usage& other) noexcept;
  std::uint64_t total() const noexcept;
};

/// Remembers what one CPU had counted and tells how it has spent its time since.
///
/// A state's count may step back a little: iowait and idle do when a task that waits moves to
/// another CPU, user does by a tick when guest is taken out of it. Such a state has spent nothing
/// until it has passed its highest count, so that nothing is counted twice. When all of them
/// together step back the CPU was away and starts anew.
///
/// Threads  none of its own: its reader's
class Meter {
 public:
  /// False when there is nothing to compare with; `usage` is then left alone.
  bool advance(const CpuTimes& now, Usage& usage) noexcept;

 private:
  std::array<std::uint64_t, CpuTimes::kStates> highest_{};
  std::uint64_t total_ = 0;
  std::size_t states_ = 0;  // 0: never read
};

}  // namespace vital::cpu

// SPDX-License-Identifier: MIT
#pragma once
#include <deque>
#include <optional>

#include "base/time.h"

namespace vital {

/// When something that failed is started again: soon after a single fault, later after each
/// further one; not at all after too many in a short time.
///
/// Threads  none of its own: whoever owns it serialises
class RestartPolicy {
 public:
  static constexpr std::size_t kMostFaults = 5;
  static constexpr Nanoseconds kWithin = std::chrono::minutes{1};

  /// It failed. How long to wait before it is started again; nothing: it is parked.
  std::optional<Nanoseconds> fault(Steady now);
  /// Somebody has seen to it: what was before does not count.
  void forgive() noexcept { recent_.clear(); }

 private:
  std::deque<Steady> recent_;  // faults within the last minute
};

}  // namespace vital

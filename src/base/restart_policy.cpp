// SPDX-License-Identifier: MIT
#include "base/restart_policy.h"

namespace vital {

std::optional<Nanoseconds> RestartPolicy::fault(Steady now) {
  constexpr Nanoseconds kFirst = std::chrono::milliseconds{100};
  constexpr int kGrowth = 4;  // 0.1, 0.4, 1.6 and 6.4 s
  while (!recent_.empty() && now - recent_.front() >= kWithin) recent_.pop_front();
  recent_.push_back(now);
  if (recent_.size() >= kMostFaults) return std::nullopt;
  Nanoseconds pause = kFirst;
  for (std::size_t before = 1; before < recent_.size(); ++before) pause *= kGrowth;
  return pause;
}

}  // namespace vital

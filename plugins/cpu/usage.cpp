// SPDX-License-Identifier: MIT
#include "cpu/usage.h"

#include <algorithm>
#include <numeric>

namespace vital::cpu {

void count(Guests guests, CpuTimes& times) noexcept {
  if (guests == Guests::hidden) {
    times.states = std::min<std::size_t>(times.states, CpuTimes::guest);
    return;
  }
  if (guests == Guests::included) return;
  const auto take_out = [&](CpuTimes::State guest, CpuTimes::State from) {
    if (times.states > guest) times.ticks[from] -= std::min(times.ticks[from], times.ticks[guest]);
  };
  take_out(CpuTimes::guest, CpuTimes::user);
  take_out(CpuTimes::guest_nice, CpuTimes::nice);
}

void Usage::add(const Usage& other) noexcept {
  states = std::max(states, other.states);
  for (std::size_t state = 0; state < other.states; ++state) ticks[state] += other.ticks[state];
}

std::uint64_t Usage::total() const noexcept {
  return std::accumulate(ticks.begin(), ticks.end(), std::uint64_t{0});
}

bool Meter::advance(const CpuTimes& now, Usage& usage) noexcept {
  const auto end = now.ticks.begin() + static_cast<std::ptrdiff_t>(now.states);
  const std::uint64_t total = std::accumulate(now.ticks.begin(), end, std::uint64_t{0});
  const bool comparable = states_ == now.states && total >= total_;
  total_ = total;
  states_ = now.states;
  if (!comparable) {
    highest_ = now.ticks;
    return false;
  }
  usage = Usage{.states = now.states};
  for (std::size_t state = 0; state < now.states; ++state) {
    const std::uint64_t before = highest_[state];
    highest_[state] = std::max(before, now.ticks[state]);
    usage.ticks[state] = highest_[state] - before;
  }
  return true;
}

}  // namespace vital::cpu

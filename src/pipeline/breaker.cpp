// SPDX-License-Identifier: MIT
#include "pipeline/breaker.h"

#include <algorithm>
#include <array>

#include "base/hash.h"

namespace vital {

std::string_view name_of(Breaker::State state) noexcept {
  constexpr std::array<std::string_view, 3> kNames{"closed", "open", "probing"};
  return kNames[static_cast<std::size_t>(state)];
}

void Breaker::open(Steady now, Nanoseconds asked) noexcept {
  ++failures_;
  state_ = State::open;
  next_probe_ = now + std::max(pause(), asked);
}

void Breaker::probe() noexcept {
  if (state_ == State::open) state_ = State::probing;
}

void Breaker::close() noexcept {
  failures_ = 0;
  state_ = State::closed;
}

Nanoseconds Breaker::pause() noexcept {
  constexpr std::uint64_t kMostDoublings = 20;
  const auto doublings = std::min(failures_ - 1, kMostDoublings);
  const Nanoseconds longest = std::min(longest_, first_ * (std::int64_t{1} << doublings));
  random_ = hash_bytes("next", random_);
  return Nanoseconds{
      static_cast<std::int64_t>(random_ % static_cast<std::uint64_t>(longest.count() + 1))};
}

}  // namespace vital

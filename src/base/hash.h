// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <cstring>
#include <string_view>

namespace vital {

/// A fast hash of bytes; not for cryptography. A seed that strangers cannot guess keeps them from
/// choosing names that collide.
inline std::uint64_t hash_bytes(std::string_view bytes, std::uint64_t seed = 0) noexcept {
  constexpr std::uint64_t kOdd1 = 0x9e3779b97f4a7c15, kOdd2 = 0xd6e8feb86659fd93;
  const auto mix = [](std::uint64_t a, std::uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  };
  std::uint64_t state = mix(seed ^ kOdd1, bytes.size() ^ kOdd2);
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; at += 8, left -= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    state = mix(state ^ word, kOdd2);
  }
  std::uint64_t tail = 0;
  if (left != 0) std::memcpy(&tail, at, left);
  return mix(state ^ tail, kOdd1 ^ left);
}

}  // namespace vital

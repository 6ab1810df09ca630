// SPDX-License-Identifier: MIT
#include "base/crc32c.h"

#include <array>
#include <bit>
#include <cstring>

namespace vital {
namespace {

constexpr std::uint32_t kPolynomial = 0x82f63b78;  // its bits mirrored, as the checksum needs them
using Table = std::array<std::array<std::uint32_t, 256>, 8>;

/// table[n][byte]: what a byte with n bytes behind it adds to the checksum.
constexpr Table make_table() noexcept {
  Table table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t rest = byte;
    for (int bit = 0; bit < 8; ++bit) rest = (rest >> 1) ^ ((rest & 1) != 0 ? kPolynomial : 0);
    table[0][byte] = rest;
  }
  for (std::size_t n = 1; n < table.size(); ++n)
    for (std::size_t byte = 0; byte < 256; ++byte)
      table[n][byte] = (table[n - 1][byte] >> 8) ^ table[0][table[n - 1][byte] & 0xff];
  return table;
}

constexpr Table kTable = make_table();

std::uint64_t word_at(const char* at) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t with_instruction(std::string_view bytes,
                                                                 std::uint32_t before) noexcept {
  std::uint64_t state = ~before;
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; at += 8, left -= 8) state = __builtin_ia32_crc32di(state, word_at(at));
  auto last = static_cast<std::uint32_t>(state);
  for (; left != 0; ++at, --left)
    last = __builtin_ia32_crc32qi(last, static_cast<unsigned char>(*at));
  return ~last;
}
#endif

}  // namespace

std::uint32_t crc32c_portable(std::string_view bytes, std::uint32_t before) noexcept {
  std::uint32_t state = ~before;
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; at += 8, left -= 8) {
    const std::uint64_t word = word_at(at) ^ state;
    state = 0;
    for (std::size_t n = 0; n < 8; ++n) state ^= kTable[7 - n][(word >> (8 * n)) & 0xff];
  }
  for (; left != 0; ++at, --left)
    state = (state >> 8) ^ kTable[0][(state ^ static_cast<unsigned char>(*at)) & 0xff];
  return ~state;
}

std::uint32_t crc32c(std::string_view bytes, std::uint32_t before) noexcept {
#if defined(__x86_64__)
  static const bool has_instruction = __builtin_cpu_supports("sse4.2") != 0;
  if (has_instruction) return with_instruction(bytes, before);
#endif
  return crc32c_portable(bytes, before);
}

}  // namespace vital

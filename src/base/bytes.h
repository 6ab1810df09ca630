// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <vector>

namespace vital {
namespace detail {

template <typename Number>
std::array<char, sizeof(Number)> little_end_first(Number number) noexcept {
  auto bytes = std::bit_cast<std::array<char, sizeof(Number)>>(number);
  if constexpr (std::endian::native == std::endian::big) std::reverse(bytes.begin(), bytes.end());
  return bytes;
}

}  // namespace detail

/// Appends numbers and strings as bytes, little end first, to memory that is kept.
///
/// Threads  none of its own: whoever owns it serialises
class ByteWriter {
 public:
  /// An integer or a double in as many bytes as it has.
  template <typename Number>
  requires std::is_arithmetic_v<Number>
  void fixed(Number number) {
    const auto bytes = detail::little_end_first(number);
    raw({bytes.data(), bytes.size()});
  }
  /// Writes it over what stands at `place`.
  template <typename Number>
  requires std::is_arithmetic_v<Number>
  void put(std::size_t place, Number number) noexcept {
    const auto bytes = detail::little_end_first(number);
    std::copy(bytes.begin(), bytes.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(place));
  }
  /// Seven bits a byte, the lowest first: small numbers take one byte.
  void small(std::uint64_t number) {
    char bytes[10] = {};  // g++ 12 at -O1 does not see that each one is written
    std::size_t size = 0;
    for (; number >= 0x80; number >>= 7) bytes[size++] = static_cast<char>(number | 0x80);
    bytes[size++] = static_cast<char>(number);
    raw({bytes, size});
  }
  /// The same for numbers near zero on either side.
  void small_signed(std::int64_t number) {
    const auto bits = static_cast<std::uint64_t>(number);
    small((bits << 1) ^ (number < 0 ? ~std::uint64_t{0} : 0));
  }
  void text(std::string_view text) {
    small(text.size());
    raw(text);
  }
  void raw(std::string_view bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }

  void clear() noexcept { bytes_.clear(); }
  /// Forgets what was appended behind the first `size` bytes.
  void cut(std::size_t size) noexcept { bytes_.resize(size); }
  std::size_t size() const noexcept { return bytes_.size(); }
  bool empty() const noexcept { return bytes_.empty(); }
  std::string_view view() const noexcept { return {bytes_.data(), bytes_.size()}; }

 private:
  std::vector<char> bytes_;
};

/// Takes them out again and trusts nothing. What is not there reads as zero or empty, and from then
/// on everything does: ask ok() before believing any of it.
///
/// Threads  a plain value over bytes that must outlive it
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) noexcept : left_{bytes} {}

  template <typename Number>
  requires std::is_arithmetic_v<Number> Number fixed()
  noexcept {
    const std::string_view taken = raw(sizeof(Number));
    if (taken.empty()) return {};
    Number number;
    std::memcpy(&number, taken.data(), sizeof number);
    const auto bytes = detail::little_end_first(number);
    std::memcpy(&number, bytes.data(), sizeof number);
    return number;
  }
  std::uint64_t small() noexcept {
    std::uint64_t number = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto byte = fixed<std::uint8_t>();
      if (!ok_ || (shift == 63 && byte > 1)) break;
      number |= std::uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return number;
    }
    fail();
    return 0;
  }
  std::int64_t small_signed() noexcept {
    const std::uint64_t bits = small();
    return static_cast<std::int64_t>((bits >> 1) ^ (~(bits & 1) + 1));
  }
  std::string_view text() noexcept {
    const std::uint64_t size = small();
    return size > left_.size() ? fail() : raw(static_cast<std::size_t>(size));
  }
  std::string_view raw(std::size_t size) noexcept {
    if (size > left_.size()) return fail();
    const std::string_view taken = left_.substr(0, size);
    left_.remove_prefix(size);
    return taken;
  }

  bool ok() const noexcept { return ok_; }
  /// All was there, and there was no more.
  bool done() const noexcept { return ok_ && left_.empty(); }
  std::size_t left() const noexcept { return left_.size(); }

 private:
  std::string_view fail() noexcept {
    ok_ = false;
    left_ = {};
    return {};
  }

  std::string_view left_;
  bool ok_ = true;
};

}  // namespace vital

// SPDX-License-Identifier: MIT
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "model/batch.h"
#include "model/notification.h"

namespace vital::network {

using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;

/// What a part of a packet is.
enum class PartType : std::uint16_t {
  host = 0x0000,
  time = 0x0001,
  plugin = 0x0002,
  plugin_instance = 0x0003,
  type = 0x0004,
  type_instance = 0x0005,
  values = 0x0006,
  interval = 0x0007,
  time_hr = 0x0008,
  interval_hr = 0x0009,
  message = 0x0100,
  severity = 0x0101,
  signature = 0x0200,
  encryption = 0x0210,
};

constexpr std::size_t kHeader = 4;       // of every part: type and length
constexpr std::size_t kNumberPart = 12;  // header and eight bytes
constexpr std::size_t kMacSize = 32;     // HMAC-SHA-256
constexpr std::size_t kIvSize = 16;
constexpr std::size_t kChecksumSize = 20;                              // SHA-1
constexpr std::size_t kSignatureHead = kHeader + kMacSize;             // then the user's name
constexpr std::size_t kEncryptionHead = kHeader + 2;                   // then the user's name
constexpr std::size_t kEncryptionExtra = 6 + kIvSize + kChecksumSize;  // around name and payload
constexpr std::size_t kLongestUser = 64;
/// What each packet leaves free, so that any kind of security finds room.
constexpr std::size_t kSecurityReserve = 106;

template <typename Integer>
Integer load_big_endian(const std::uint8_t* at) noexcept {
  Integer value = 0;
  std::memcpy(&value, at, sizeof value);
  if constexpr (std::endian::native == std::endian::big) return value;
  if constexpr (sizeof value == 2) return static_cast<Integer>(__builtin_bswap16(value));
  if constexpr (sizeof value == 8) return static_cast<Integer>(__builtin_bswap64(value));
}

template <typename Integer>
void store_big_endian(std::uint8_t* at, Integer value) noexcept {
  for (std::size_t i = 0; i < sizeof value; ++i)
    at[i] = static_cast<std::uint8_t>(value >> (8 * (sizeof value - 1 - i)));
}

/// One value of the wire: a gauge is stored little endian, all others big endian.
inline Value load_value(Kind kind, const std::uint8_t* at) noexcept {
  const auto bits = load_big_endian<std::uint64_t>(at);
  if (kind != Kind::gauge) return {.counter = bits};
  return {.gauge = std::bit_cast<double>(__builtin_bswap64(bits))};
}

inline void store_value(Kind kind, Value value, std::uint8_t* at) noexcept {
  const std::uint64_t bits = kind == Kind::gauge
                                 ? __builtin_bswap64(std::bit_cast<std::uint64_t>(value.gauge))
                                 : value.counter;
  store_big_endian(at, bits);
}

/// Writes values and notifications into a packet. A value's parts that the packet already has are
/// not written again.
///
/// Units    capacity in bytes, without the room that security needs
/// Errors   what does not fit is left out whole
/// Threads  none of its own; the buffer must outlive it
/// Source   the parts that collectd 5.12 sends, in its order
class PacketEncoder {
 public:
  PacketEncoder() noexcept = default;
  explicit PacketEncoder(MutableBytes buffer) noexcept : buffer_{buffer} {}

  /// False: it does not fit.
  bool add(const Sample& sample) noexcept;
  bool empty() const noexcept { return size_ == 0; }
  std::size_t values() const noexcept { return values_; }
  Bytes packet() const noexcept { return buffer_.first(size_); }
  void clear() noexcept { *this = PacketEncoder{buffer_}; }

 private:
  std::string_view put(PartType type, std::string_view text) noexcept;
  void put(PartType type, std::int64_t number) noexcept;

  MutableBytes buffer_;
  std::size_t size_ = 0, values_ = 0;
  std::string_view host_, plugin_, plugin_instance_, type_, type_instance_;  // in buffer_
  std::int64_t time_ = 0, interval_ = 0;
};

/// Writes a notification as a packet of its own. Its size; 0: it does not fit.
std::size_t encode_notification(const Notification& notification, MutableBytes buffer) noexcept;

}  // namespace vital::network

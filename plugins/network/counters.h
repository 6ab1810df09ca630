// SPDX-License-Identifier: MIT
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

namespace vital::network {

/// Why something that a peer sent was not used. The first ones are counted in packets, a packet
/// of which a part was used included; the others in values and notifications.
enum class Drop : std::uint8_t {
  denied,         ///< the peer is not in the networks that we take packets from
  flood,          ///< the peer sent so much useless stuff that it is not listened to for a second
  malformed,      ///< the packet, or the rest of it, is not what it should be
  cut,            ///< the packet was larger than MaxPacketSize
  unknown_user,   ///< signed or encrypted by somebody that the AuthFile lacks
  bad_signature,  ///< the signature or the checksum is wrong
  unprotected,    ///< less protected than the SecurityLevel wants
  incomplete,     ///< no time, host, plugin, type or message
  bad_time,       ///< a time or an interval that cannot be
  bad_name,       ///< a name that is too long or has control characters
  unknown_type,   ///< types.db lacks the type
  wrong_values,   ///< not the values that the type has in types.db
  replayed,       ///< older than the ReplayWindow
  looped,         ///< our own, come back
  series_limit,   ///< a new series above MaxSeries or MaxNewSeries
  notifications,  ///< more notifications than anybody can want
};
constexpr std::size_t kDrops = 16;
constexpr bool counts_packets(Drop drop) noexcept { return drop <= Drop::bad_signature; }

std::string_view name_of(Drop drop) noexcept;

/// A count that one thread raises and others read.
///
/// Threads  add() the owner, get() any
class Count {
 public:
  void add(std::uint64_t more = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
  }
  void set(std::uint64_t value) noexcept { value_.store(value, std::memory_order_relaxed); }
  std::uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class Drops {
 public:
  void add(Drop drop, std::uint64_t more = 1) noexcept { at(drop).add(more); }
  std::uint64_t get(Drop drop) const noexcept {
    return counts_[static_cast<std::size_t>(drop)].get();
  }

 private:
  Count& at(Drop drop) noexcept { return counts_[static_cast<std::size_t>(drop)]; }
  std::array<Count, kDrops> counts_;
};

/// What one thread received.
struct ReceiveCounts {
  Count packets, octets;  // also of what was dropped
  Count values;           // value lists that were passed on
  Count overflowed;       // packets that the kernel dropped because nobody read them in time
  Count waiting;          // octets in the kernel's buffers when it was last looked
  Drops drops;
};

/// What was sent.
struct SendCounts {
  Count packets, octets;   // to all servers together
  Count failed;            // packets that a server could not be sent
  Count values, received;  // value lists sent; not sent because they were received
};

}  // namespace vital::network

// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <vector>

#include "lib/network_packet.h"

namespace vital::bench {

/// The packets in which many hosts send a value of each of their series, as collectd would pack
/// them. They are made once; from round to round only times and values are written anew.
///
/// Units    each packet leaves the room free that security needs
/// Threads  a plain value
class Load {
 public:
  struct Shape {
    std::size_t series, hosts, plugins;
    Span interval;
    std::size_t packet_size;  // bytes
  };

  /// Errors  throws BenchError: a value does not fit into a packet
  explicit Load(const Shape& shape);

  std::size_t size() const noexcept { return packets_.size(); }
  std::size_t values() const noexcept { return values_; }
  std::size_t values(std::size_t at) const noexcept { return packets_[at].values; }
  /// The packet as it is sent in that round, at that time.
  network::Bytes packet(std::size_t at, Time time, std::uint64_t round) noexcept;

 private:
  struct Packet {
    std::size_t offset;  // in bytes_
    std::uint32_t size, values;
  };

  void add_host(const Shape& shape, std::size_t host, std::size_t count);
  void keep(const network::PacketEncoder& encoder);

  std::vector<std::uint8_t> bytes_;
  std::vector<Packet> packets_;
  std::size_t values_ = 0;
};

}  // namespace vital::bench

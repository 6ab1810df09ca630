// SPDX-License-Identifier: MIT
#pragma once
#include <sys/socket.h>

#include <memory>
#include <string>
#include <vector>

#include "base/fd.h"
#include "lib/network_crypt.h"
#include "lib/network_parser.h"

namespace vital::bench {

/// A UDP socket connected to the host, or bound to it.
///
/// Errors  throws BenchError
enum class End : std::uint8_t { connected, bound };
Fd open_socket(const std::string& host, const std::string& port, End end);

/// Collects packets, secured as it was told, and sends many with one system call.
///
/// Errors   what the kernel will not take is counted; a receiver that is not there is no error
/// Threads  one
class Burst {
 public:
  struct Security {
    network::Trust level = network::Trust::none;
    std::string user, password;
  };
  struct Counts {
    std::uint64_t packets = 0, octets = 0, failed = 0;
  };
  static constexpr std::size_t kMost = 64;  // packets to one system call

  /// Errors  throws BenchError: no memory for the key
  Burst(Security security, std::size_t packet_size);

  /// The bytes are copied.
  void add(network::Bytes packet);
  bool full() const noexcept { return used_ == kMost; }
  bool empty() const noexcept { return used_ == 0; }
  void send(const Fd& socket) noexcept;
  const Counts& counts() const noexcept { return counts_; }

 private:
  std::size_t secure(network::Bytes packet, network::MutableBytes room);

  const Security security_;
  network::Crypt crypt_;
  network::Key key_{};
  const std::size_t room_;  // of one packet, in bytes
  std::vector<std::uint8_t> bytes_;
  std::vector<iovec> pieces_;
  std::vector<mmsghdr> messages_;
  std::size_t used_ = 0;
  Counts counts_;
};

}  // namespace vital::bench

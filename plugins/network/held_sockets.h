// SPDX-License-Identifier: MIT
#pragma once
#include <vector>

#include "network/socket.h"

namespace vital::network {

/// The sockets that this process receives on already: those of the plugin as it was configured
/// before a reload. Whoever takes its place goes on with them, so that no packet is lost between
/// the two.
///
/// Threads  none of its own; valid while nobody closes any of them
/// Source   proc(5), /proc/self/fd
class HeldSockets {
 public:
  HeldSockets();

  bool has_port(std::uint16_t port) const noexcept;
  /// A further descriptor of the socket that open_listener() would open, each once. Nothing: there
  /// is none. A multicast group's sockets are left, for there a new one does not collide.
  Fd take(const Address& address, const ListenOptions& options) noexcept;

 private:
  struct Held {
    int fd;
    std::uint64_t inode;
    Address address;
  };
  std::vector<Held> held_;
};

}  // namespace vital::network

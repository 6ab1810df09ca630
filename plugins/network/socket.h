// SPDX-License-Identifier: MIT
#pragma once
#include <optional>
#include <string>

#include "base/fd.h"
#include "base/log.h"
#include "network/address.h"

namespace vital::network {

/// How a socket that listens is made.
struct ListenOptions {
  std::string interface;
  int buffer = 0;             // bytes
  bool say_if_small = false;  // when the system does not grant that much
  bool shared = false;        // several threads listen on the same address
  bool only_ipv6 = false;     // an IPv6 address stands for itself alone
};

/// A socket bound to the address; for a multicast group, also a member of it.
Result<Fd> open_listener(const Address& address, const ListenOptions& options, const Log& log);

class HeldSockets;
/// The socket for the address that is held already, as the options want it now. Nothing: there is
/// none.
Fd go_on_with(HeldSockets& held, const Address& address, const ListenOptions& options,
              const Log& log);

/// Whether a socket could be bound to the address, when this process had none at its port.
Status can_listen(const Address& address);

/// How a socket that sends is made.
struct SendOptions {
  std::string interface;
  std::string bind_address;
  std::optional<int> time_to_live;
};

/// A socket that can send to the address.
Result<Fd> open_sender(const Address& address, const SendOptions& options, const Log& log);

}  // namespace vital::network

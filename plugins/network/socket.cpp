// SPDX-License-Identifier: MIT
#include "network/socket.h"

#include <net/if.h>

#include <cerrno>

#include "network/held_sockets.h"

namespace vital::network {
namespace {

template <typename Value>
Status set(const Fd& socket, int level, int name, const Value& value, std::string_view what) {
  if (::setsockopt(socket.get(), level, name, &value, sizeof value) == 0) return {};
  return Error::system(what);
}

Status set_device(const Fd& socket, const std::string& name) {
  if (::setsockopt(socket.get(), SOL_SOCKET, SO_BINDTODEVICE, name.c_str(),
                   static_cast<socklen_t>(name.size())) == 0)
    return {};
  return Error::system(name);
}

/// 0: no interface was asked for, or there is none of that name.
unsigned index_of(const std::string& interface, const Log& log) {
  if (interface.empty()) return 0;
  const unsigned index = ::if_nametoindex(interface.c_str());
  if (index == 0)
    log.warning("there is no network interface ", std::string_view{interface},
                "; the system chooses one");
  return index;
}

Result<Fd> new_socket(const Address& address) {
  Fd socket{::socket(address.family(), SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  if (!socket) return Error::system("socket");
  return socket;
}

Status bind_to(const Fd& socket, const Address& address) {
  if (::bind(socket.get(), address.get(), address.size()) == 0) return {};
  return Error::system(address.text().view());
}

Status join(const Fd& socket, const Address& group, unsigned interface) {
  if (group.family() == AF_INET) {
    ip_mreqn request{};
    request.imr_multiaddr = group.ipv4().sin_addr;
    request.imr_ifindex = static_cast<int>(interface);
    return set(socket, IPPROTO_IP, IP_ADD_MEMBERSHIP, request, group.text().view());
  }
  ipv6_mreq request{};
  request.ipv6mr_multiaddr = group.ipv6().sin6_addr;
  request.ipv6mr_interface = interface;
  return set(socket, IPPROTO_IPV6, IPV6_JOIN_GROUP, request, group.text().view());
}

/// As large as it may be; to ask for more than the system's limit takes a privilege.
void set_buffer(const Fd& socket, const ListenOptions& options, const Log& log) {
  const int wanted = options.buffer;
  if (::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUFFORCE, &wanted, sizeof wanted) != 0)
    (void)::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &wanted, sizeof wanted);
  int got = 0;
  socklen_t size = sizeof got;
  if (!options.say_if_small ||
      ::getsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &got, &size) != 0 || got / 2 >= wanted)
    return;  // the kernel doubles what it is asked for
  log.notice("the system grants a ReceiveBuffer of ", got / 2, " bytes, not ", wanted,
             "; raise net.core.rmem_max");
}

Status set_time_to_live(const Fd& socket, const Address& address, int hops) {
  const bool multicast = address.is_multicast();
  if (address.family() == AF_INET)
    return set(socket, IPPROTO_IP, multicast ? IP_MULTICAST_TTL : IP_TTL, hops, "TimeToLive");
  return set(socket, IPPROTO_IPV6, multicast ? IPV6_MULTICAST_HOPS : IPV6_UNICAST_HOPS, hops,
             "TimeToLive");
}

Status set_outgoing(const Fd& socket, const Address& address, const std::string& name,
                    unsigned index) {
  if (!address.is_multicast()) return set_device(socket, name);
  if (address.family() == AF_INET6)
    return set(socket, IPPROTO_IPV6, IPV6_MULTICAST_IF, static_cast<int>(index), name);
  ip_mreqn request{};
  request.imr_ifindex = static_cast<int>(index);
  return set(socket, IPPROTO_IP, IP_MULTICAST_IF, request, name);
}

Status bind_source(const Fd& socket, const std::string& source) {
  const auto addresses = resolve(source, {}, Names::digits_only);
  return addresses ? bind_to(socket, addresses->front()) : addresses.error();
}

}  // namespace

Result<Fd> open_listener(const Address& address, const ListenOptions& options, const Log& log) {
  auto socket = new_socket(address);
  if (!socket) return socket.error();
  constexpr int kOn = 1;
  const bool multicast = address.is_multicast();
  const unsigned interface = index_of(options.interface, log);
  Status status = set(*socket, SOL_SOCKET, SO_RXQ_OVFL, kOn, "SO_RXQ_OVFL");
  // Several daemons may listen to a group. An address has one owner, or they would take each
  // other's packets.
  if (status && multicast) status = set(*socket, SOL_SOCKET, SO_REUSEADDR, kOn, "SO_REUSEADDR");
  if (status && options.shared)
    status = set(*socket, SOL_SOCKET, SO_REUSEPORT, kOn, "SO_REUSEPORT");
  if (status && address.family() == AF_INET6)
    status = set(*socket, IPPROTO_IPV6, IPV6_V6ONLY, int{options.only_ipv6}, "IPV6_V6ONLY");
  if (status && !multicast && interface != 0) status = set_device(*socket, options.interface);
  if (status) status = bind_to(*socket, address);
  if (status && multicast) status = join(*socket, address, interface);
  if (!status) return status.error();
  set_buffer(*socket, options, log);
  return socket;
}

Fd go_on_with(HeldSockets& held, const Address& address, const ListenOptions& options,
              const Log& log) {
  Fd socket = held.take(address, options);
  if (!socket) return socket;
  if (options.shared) (void)set(socket, SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT");
  set_buffer(socket, options, log);
  return socket;
}

Status can_listen(const Address& address) {
  const auto socket = new_socket(address);
  if (!socket) return socket.error();
  constexpr int kOn = 1;
  Status status;
  if (address.is_multicast()) status = set(*socket, SOL_SOCKET, SO_REUSEADDR, kOn, "SO_REUSEADDR");
  if (status && address.family() == AF_INET6)
    status = set(*socket, IPPROTO_IPV6, IPV6_V6ONLY, kOn, "IPV6_V6ONLY");
  if (status) status = bind_to(*socket, address);
  const bool is_ours =
      !status && status.error().number() == EADDRINUSE && HeldSockets{}.has_port(address.port());
  return is_ours ? Status{} : status;
}

Result<Fd> open_sender(const Address& address, const SendOptions& options, const Log& log) {
  auto socket = new_socket(address);
  if (!socket) return socket.error();
  const unsigned interface = index_of(options.interface, log);
  Status status;
  if (options.time_to_live) status = set_time_to_live(*socket, address, *options.time_to_live);
  if (status && interface != 0)
    status = set_outgoing(*socket, address, options.interface, interface);
  if (status && !options.bind_address.empty()) status = bind_source(*socket, options.bind_address);
  if (!status) return status.error();
  return socket;
}

}  // namespace vital::network

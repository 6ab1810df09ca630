// SPDX-License-Identifier: MIT
#include "network/held_sockets.h"

#include <fcntl.h>
#include <net/if.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "base/numbers.h"

namespace vital::network {
namespace {

/// Family 0: it is no socket for datagrams.
Address address_of(int fd) noexcept {
  int type = 0;
  socklen_t size = sizeof type;
  if (::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_DGRAM) return {};
  sockaddr_storage storage{};
  size = sizeof storage;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return {};
  if (storage.ss_family != AF_INET && storage.ss_family != AF_INET6) return {};
  return {reinterpret_cast<const sockaddr*>(&storage), size};
}

bool is_bound_alike(int fd, const Address& address, const ListenOptions& options) noexcept {
  char device[IFNAMSIZ + 1] = {};
  socklen_t size = sizeof device - 1;
  if (::getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, &size) != 0) return false;
  if (options.interface != device) return false;
  int only_ipv6 = 0;
  size = sizeof only_ipv6;
  return address.family() != AF_INET6 ||
         (::getsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only_ipv6, &size) == 0 &&
          (only_ipv6 != 0) == options.only_ipv6);
}

}  // namespace

HeldSockets::HeldSockets() {
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator{"/proc/self/fd", failed}) {
    int fd = -1;
    struct stat status {};
    if (!parse_whole(entry.path().filename().string(), fd) || ::fstat(fd, &status) != 0) continue;
    const Address address = address_of(fd);
    const bool known = std::any_of(held_.begin(), held_.end(),
                                   [&](const Held& held) { return held.inode == status.st_ino; });
    if (address.family() != 0 && !known) held_.push_back({fd, status.st_ino, address});
  }
}

bool HeldSockets::has_port(std::uint16_t port) const noexcept {
  return std::any_of(held_.begin(), held_.end(),
                     [&](const Held& held) { return held.address.port() == port; });
}

Fd HeldSockets::take(const Address& address, const ListenOptions& options) noexcept {
  if (address.is_multicast()) return {};
  const auto found = std::find_if(held_.begin(), held_.end(), [&](const Held& held) {
    return held.address == address && is_bound_alike(held.fd, address, options);
  });
  if (found == held_.end()) return {};
  Fd socket{::fcntl(found->fd, F_DUPFD_CLOEXEC, 0)};
  held_.erase(found);
  return socket;
}

}  // namespace vital::network

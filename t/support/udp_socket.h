// SPDX-License-Identifier: MIT
#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <optional>
#include <string>

#include "base/fd.h"
#include "support/packets.h"

namespace vital::test {

/// A peer on the loopback interface, on a port that the system chooses.
class UdpSocket {
 public:
  UdpSocket() : fd_{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)} {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address_;
    if (::bind(fd_.get(), reinterpret_cast<sockaddr*>(&address_), size) != 0 ||
        ::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&address_), &size) != 0)
      throw std::runtime_error{"no socket"};
  }

  int port() const noexcept { return ntohs(address_.sin_port); }
  /// "127.0.0.1" "PORT", as options want it.
  std::string option() const { return "\"127.0.0.1\" \"" + std::to_string(port()) + "\""; }

  /// The next packet; nothing when none comes within so many milliseconds.
  std::optional<Packet> receive(int patience = 5000) {
    pollfd event{fd_.get(), POLLIN, 0};
    if (::poll(&event, 1, patience) <= 0) return std::nullopt;
    Packet packet(65536);
    const ssize_t size = ::recv(fd_.get(), packet.data(), packet.size(), 0);
    if (size < 0) return std::nullopt;
    packet.resize(static_cast<std::size_t>(size));
    return packet;
  }
  bool silent() { return !receive(50); }

  void send(const Packet& packet, int port) {
    sockaddr_in to = address_;
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    if (::sendto(fd_.get(), packet.data(), packet.size(), 0, reinterpret_cast<sockaddr*>(&to),
                 sizeof to) < 0)
      throw std::runtime_error{"cannot send"};
  }

 private:
  Fd fd_;
  sockaddr_in address_{};
};

/// A port that nobody has just now.
inline int free_port() { return UdpSocket{}.port(); }

}  // namespace vital::test

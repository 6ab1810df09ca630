// SPDX-License-Identifier: MIT
#pragma once
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace vital::network {

/// The address of a host without a port, as sixteen bytes: one of IPv4 stands in IPv6's place for
/// it (::ffff:192.0.2.1), so that both are compared alike.
struct HostAddress {
  std::array<std::uint8_t, 16> bytes{};

  bool is_ipv4() const noexcept;
  /// "192.0.2.1", "2001:db8::1".
  Text<64> text() const noexcept;
  bool operator==(const HostAddress&) const noexcept = default;
};

/// A socket's address: host and port, of IPv4 or IPv6.
///
/// Threads  a plain value
class Address {
 public:
  Address() noexcept = default;
  Address(const sockaddr* address, socklen_t size) noexcept;

  int family() const noexcept { return storage_.ss_family; }
  bool is_multicast() const noexcept;
  HostAddress host() const noexcept;
  std::uint16_t port() const noexcept;
  const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage_); }
  const sockaddr_in& ipv4() const noexcept {
    return reinterpret_cast<const sockaddr_in&>(storage_);
  }
  const sockaddr_in6& ipv6() const noexcept {
    return reinterpret_cast<const sockaddr_in6&>(storage_);
  }
  socklen_t size() const noexcept { return size_; }
  /// "192.0.2.1:25826", "[2001:db8::1]:25826".
  Text<80> text() const noexcept;
  bool operator==(const Address& other) const noexcept;

 private:
  sockaddr_storage storage_{};
  socklen_t size_ = 0;
};

HostAddress host_of(const sockaddr_storage& address) noexcept;

/// Whether a name has to be looked up, or is written in digits.
enum class Names : std::uint8_t { look_up, digits_only };

/// All addresses of a host and port. An empty host means every address of this one. May take long
/// when it has to look up. Allocates.
///
/// Errors  temporary: nobody knows the name, or nobody can be asked just now; malformed: a name
///         where only digits are wanted
Result<std::vector<Address>> resolve(const std::string& host, const std::string& port, Names names);

/// Some networks, such as 192.0.2.0/24 or 2001:db8::/32; a lone address is a network of its own.
///
/// Threads  a plain value
class Networks {
 public:
  /// Errors  malformed
  Status add(std::string_view text);
  bool empty() const noexcept { return networks_.empty(); }
  bool contains(const HostAddress& host) const noexcept;

 private:
  struct Network {
    HostAddress base;
    unsigned bits;  // of 128
  };
  std::vector<Network> networks_;
};

}  // namespace vital::network

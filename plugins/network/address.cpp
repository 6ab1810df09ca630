// SPDX-License-Identifier: MIT
#include "network/address.h"

#include <arpa/inet.h>
#include <netdb.h>

#include <algorithm>
#include <memory>

#include "base/numbers.h"

namespace vital::network {
namespace {

constexpr std::size_t kMapped = 12;  // bytes before an address of IPv4
constexpr std::array<std::uint8_t, kMapped> kIpv4Prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

HostAddress mapped(const in_addr& address) noexcept {
  HostAddress host;
  std::copy(kIpv4Prefix.begin(), kIpv4Prefix.end(), host.bytes.begin());
  std::memcpy(host.bytes.data() + kMapped, &address, sizeof address);
  return host;
}

HostAddress plain(const in6_addr& address) noexcept {
  HostAddress host;
  std::memcpy(host.bytes.data(), &address, sizeof address);
  return host;
}

bool parse_host(const std::string& text, HostAddress& host) noexcept {
  in_addr ipv4{};
  in6_addr ipv6{};
  if (::inet_pton(AF_INET, text.c_str(), &ipv4) == 1) {
    host = mapped(ipv4);
    return true;
  }
  if (::inet_pton(AF_INET6, text.c_str(), &ipv6) != 1) return false;
  host = plain(ipv6);
  return true;
}

}  // namespace

bool HostAddress::is_ipv4() const noexcept {
  return std::equal(kIpv4Prefix.begin(), kIpv4Prefix.end(), bytes.begin());
}

Text<64> HostAddress::text() const noexcept {
  char buffer[INET6_ADDRSTRLEN] = "";
  const bool ipv4 = is_ipv4();
  (void)::inet_ntop(ipv4 ? AF_INET : AF_INET6, bytes.data() + (ipv4 ? kMapped : 0), buffer,
                    sizeof buffer);
  return Text<64>{}.add(buffer);
}

Address::Address(const sockaddr* address, socklen_t size) noexcept
    : size_{std::min(size, static_cast<socklen_t>(sizeof storage_))} {
  std::memcpy(&storage_, address, size_);
}

bool Address::is_multicast() const noexcept {
  if (family() == AF_INET) return IN_MULTICAST(ntohl(ipv4().sin_addr.s_addr));
  return family() == AF_INET6 && IN6_IS_ADDR_MULTICAST(&ipv6().sin6_addr);
}

HostAddress Address::host() const noexcept { return host_of(storage_); }

std::uint16_t Address::port() const noexcept {
  return ntohs(family() == AF_INET6 ? ipv6().sin6_port : ipv4().sin_port);
}

Text<80> Address::text() const noexcept {
  Text<80> text;
  const bool ipv6 = family() == AF_INET6;
  text.add(ipv6 ? "[" : "").add(host().text().view()).add(ipv6 ? "]:" : ":").add(port());
  return text;
}

bool Address::operator==(const Address& other) const noexcept {
  return size_ == other.size_ && std::memcmp(&storage_, &other.storage_, size_) == 0;
}

HostAddress host_of(const sockaddr_storage& address) noexcept {
  if (address.ss_family == AF_INET)
    return mapped(reinterpret_cast<const sockaddr_in&>(address).sin_addr);
  return plain(reinterpret_cast<const sockaddr_in6&>(address).sin6_addr);
}

Result<std::vector<Address>> resolve(const std::string& host, const std::string& port,
                                     Names names) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = AI_PASSIVE | (names == Names::digits_only ? AI_NUMERICHOST : 0);
  addrinfo* found = nullptr;
  const int error =
      ::getaddrinfo(host.empty() ? nullptr : host.c_str(), port.c_str(), &hints, &found);
  if (error != 0) {
    if (names == Names::digits_only) return Error{Errc::malformed, host};
    return Error{Errc::temporary, host + " port " + port + ": " + ::gai_strerror(error)};
  }
  const std::unique_ptr<addrinfo, decltype([](addrinfo* list) { ::freeaddrinfo(list); })> list{
      found};
  std::vector<Address> addresses;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next)
    if (entry->ai_family == AF_INET || entry->ai_family == AF_INET6)
      addresses.emplace_back(entry->ai_addr, entry->ai_addrlen);
  if (addresses.empty()) return Error{Errc::temporary, host + ": has no address"};
  return addresses;
}

Status Networks::add(std::string_view text) {
  const auto slash = text.find('/');
  HostAddress base;
  if (!parse_host(std::string{text.substr(0, slash)}, base)) return Error{Errc::malformed, text};
  constexpr unsigned kAll = 128;
  const unsigned offset = base.is_ipv4() ? kMapped * 8 : 0;
  unsigned bits = kAll - offset;
  if (slash != std::string_view::npos &&
      (!parse_whole(text.substr(slash + 1), bits, 10) || bits > kAll - offset))
    return Error{Errc::malformed, text};
  networks_.push_back({base, bits + offset});
  return {};
}

bool Networks::contains(const HostAddress& host) const noexcept {
  return std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
    const unsigned whole = network.bits / 8, rest = network.bits % 8;
    if (std::memcmp(host.bytes.data(), network.base.bytes.data(), whole) != 0) return false;
    if (rest == 0) return true;
    const unsigned different = static_cast<unsigned>(host.bytes[whole] ^ network.base.bytes[whole]);
    return different >> (8 - rest) == 0;
  });
}

}  // namespace vital::network

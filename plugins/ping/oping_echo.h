// SPDX-License-Identifier: MIT
#pragma once
#include <memory>
#include <string>

#include "ping/echo.h"

namespace vital::ping {

struct EchoOptions {
  double timeout = 0;  // seconds that replies may take
  int ttl = 0;
  int family = 0;  // AF_UNSPEC, AF_INET or AF_INET6
  std::size_t size_bytes = 0;
  std::string source{};  // the address to send from; empty: the kernel chooses
  std::string device{};  // the interface to send from; empty: the kernel chooses
};

/// The most that the library can send and, with an IPv4 header in front, receive.
inline constexpr std::size_t kLargestPayload = 4096 - 20 - 8;

/// Raw ICMP sockets by way of liboping.
///
/// Errors  denied: this process may not have raw sockets; temporary: the source address cannot be
///         looked up
Result<std::unique_ptr<Echo>> open_echo(const EchoOptions& options);

}  // namespace vital::ping

// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/time.h"

namespace vital {

/// Where a server is: a host, by name or address, and a port or service.
struct Endpoint {
  std::string host, port;

  /// "carbon.example.com:2003", "[2001:db8::1]:2003".
  std::string text() const;
  bool operator==(const Endpoint&) const noexcept = default;
};

/// Parses "HOST", "HOST:PORT", "[ADDRESS]:PORT"; an address of IPv6 may stand alone.
///
/// Errors  malformed
Result<Endpoint> parse_endpoint(std::string_view text, std::string_view default_port);

enum class Transport : std::uint8_t { tcp, udp };

/// A connected socket that never blocks. Each of the host's addresses is tried in turn, all of
/// them together for as long as `limit`; looking up the name may take longer than that.
///
/// Errors  temporary: nobody knows the name, or none of its addresses takes a connection; timed_out
Result<Fd> connect_to(const Endpoint& endpoint, Transport transport, Nanoseconds limit) noexcept;

}  // namespace vital

// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <string_view>

#include "base/result.h"

namespace vital::rrdcached {

/// Where the daemon listens, as librrd's clients write it.
struct Place {
  std::string path;        // of a Unix socket; empty: it is reached over TCP
  std::string host, port;  // else

  bool is_local() const noexcept { return !path.empty(); }
};

/// "unix:/run/rrdcached.sock", "/run/rrdcached.sock", "host", "host:port", "[2001:db8::1]:port".
///
/// Errors  malformed
/// Source  rrdcached(1), ADDRESS OF THE DAEMON; the port is 42217 unless it is given
Result<Place> parse_place(std::string_view text);

}  // namespace vital::rrdcached

// SPDX-License-Identifier: MIT
#pragma once
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <string_view>

#include "base/result.h"

namespace vital {

/// The path of a Unix socket as the system wants it.
///
/// Errors  too_long: the kernel takes at most 107 bytes
class UnixAddress {
 public:
  static Result<UnixAddress> of(std::string_view path) noexcept {
    UnixAddress address;
    if (path.empty() || path.size() >= sizeof address.name_.sun_path)
      return Error{Errc::too_long, path, ENAMETOOLONG};
    std::copy(path.begin(), path.end(), address.name_.sun_path);
    return address;
  }

  const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&name_); }
  socklen_t size() const noexcept { return sizeof name_; }

 private:
  sockaddr_un name_{.sun_family = AF_UNIX, .sun_path = {}};
};

}  // namespace vital

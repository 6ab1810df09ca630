// SPDX-License-Identifier: MIT
#include "rrdcached/place.h"

namespace vital::rrdcached {
namespace {

constexpr std::string_view kPort = "42217";

Result<Place> remote(std::string_view whole, std::string_view host, std::string_view port) {
  if (host.empty() || port.empty()) return Error{Errc::malformed, whole};
  return Place{.path = {}, .host = std::string{host}, .port = std::string{port}};
}

}  // namespace

Result<Place> parse_place(std::string_view text) {
  constexpr std::string_view kUnix = "unix:";
  const bool marked = text.starts_with(kUnix);
  const std::string_view path = marked ? text.substr(kUnix.size()) : text;
  if (marked || path.starts_with('/')) {
    if (path.empty()) return Error{Errc::malformed, text};
    return Place{.path = std::string{path}, .host = {}, .port = {}};
  }
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return Error{Errc::malformed, text};
    const std::string_view rest = text.substr(end + 1);
    if (!rest.empty() && !rest.starts_with(':')) return Error{Errc::malformed, text};
    return remote(text, text.substr(1, end - 1), rest.empty() ? kPort : rest.substr(1));
  }
  const auto colon = text.find(':');
  // Several colons are an address of IPv6 without a port.
  if (colon == std::string_view::npos || text.find(':', colon + 1) != std::string_view::npos)
    return remote(text, text, kPort);
  return remote(text, text.substr(0, colon), text.substr(colon + 1));
}

}  // namespace vital::rrdcached

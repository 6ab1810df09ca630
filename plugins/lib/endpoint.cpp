// SPDX-License-Identifier: MIT
#include "lib/endpoint.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <memory>

namespace vital {
namespace {

using Addresses = std::unique_ptr<addrinfo, decltype([](addrinfo* list) { ::freeaddrinfo(list); })>;

/// What the system says of a host that does not answer is no reason to give up.
Error temporary(const Endpoint& endpoint, int number) noexcept {
  const Errc code = number == ETIMEDOUT ? Errc::timed_out : Errc::temporary;
  return Error{code, endpoint.text(), number};
}

Result<Addresses> look_up(const Endpoint& endpoint, Transport transport) noexcept {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = transport == Transport::tcp ? SOCK_STREAM : SOCK_DGRAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(endpoint.host.c_str(), endpoint.port.c_str(), &hints, &found);
  if (error == 0) return Addresses{found};
  Text<Error::kLongestCulprit> why;
  why.add_cut(endpoint.text()).add(": ").add_cut(::gai_strerror(error));
  return Error{Errc::temporary, why.view()};
}

/// 0 when the connection stands; else why it does not.
int await_connection(int socket, Steady end) noexcept {
  pollfd poll{socket, POLLOUT, 0};
  while (true) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0) return ETIMEDOUT;
    const int ready = ::poll(&poll, 1, static_cast<int>(left.count()));
    if (ready < 0 && errno != EINTR) return errno;
    if (ready > 0) break;
  }
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

int connect_one(const addrinfo& address, Steady end, Fd& socket) noexcept {
  socket.reset(::socket(address.ai_family, address.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return errno;
  if (::connect(socket.get(), address.ai_addr, address.ai_addrlen) == 0) return 0;
  return errno == EINPROGRESS ? await_connection(socket.get(), end) : errno;
}

}  // namespace

std::string Endpoint::text() const {
  const bool ipv6 = host.find(':') != std::string::npos;
  return (ipv6 ? "[" + host + "]" : host) + ":" + port;
}

Result<Endpoint> parse_endpoint(std::string_view text, std::string_view default_port) {
  const Error wrong{Errc::malformed, text};
  Endpoint result{std::string{text}, std::string{default_port}};
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return wrong;
    const std::string_view rest = text.substr(end + 1);
    result.host = text.substr(1, end - 1);
    if (!rest.empty() && !rest.starts_with(':')) return wrong;
    if (!rest.empty()) result.port = rest.substr(1);
  } else if (const auto colon = text.find(':');
             colon != std::string_view::npos &&
             text.find(':', colon + 1) == std::string_view::npos) {
    result.host = text.substr(0, colon);
    result.port = text.substr(colon + 1);
  }
  if (result.host.empty() || result.port.empty()) return wrong;
  return result;
}

Result<Fd> connect_to(const Endpoint& endpoint, Transport transport, Nanoseconds limit) noexcept {
  const auto addresses = look_up(endpoint, transport);
  if (!addresses) return addresses.error();
  Steady now = std::chrono::steady_clock::now();
  const Steady end = now + limit;
  std::int64_t left = 0;
  for (const addrinfo* at = addresses->get(); at != nullptr; at = at->ai_next) ++left;
  int error = EHOSTUNREACH;
  for (const addrinfo* at = addresses->get(); at != nullptr && now < end; at = at->ai_next) {
    Fd socket;
    error = connect_one(*at, now + (end - now) / left--, socket);
    if (error == 0) return socket;
    now = std::chrono::steady_clock::now();
  }
  return temporary(endpoint, error);
}

}  // namespace vital

// SPDX-License-Identifier: MIT
#include "control/client.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "base/numbers.h"
#include "base/strings.h"
#include "control/address.h"

namespace vital {

namespace {

/// What is left until then, never less than nothing. The longest means for ever.
Nanoseconds left_until(Steady deadline) noexcept {
  if (deadline == Steady::max()) return Nanoseconds::max();
  return std::max(Nanoseconds{deadline - std::chrono::steady_clock::now()}, Nanoseconds::zero());
}

Error no_answer() noexcept { return Error{Errc::timed_out, "the daemon does not answer"}; }

}  // namespace

Result<ControlClient> ControlClient::connect(const std::string& path, Steady deadline) {
  const auto address = UnixAddress::of(path);
  if (!address) return address.error();
  Fd fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (!fd) return Error::system(path);
  const Nanoseconds left = left_until(deadline);
  if (left == Nanoseconds::zero()) return no_answer();
  if (left != Nanoseconds::max()) {
    // A daemon that takes no more clients lets them wait in connect().
    const timeval limit{.tv_sec = left.count() / 1'000'000'000,
                        .tv_usec = std::max<suseconds_t>(left.count() / 1000 % 1'000'000, 1)};
    (void)::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  }
  if (::connect(fd.get(), address->get(), address->size()) != 0)
    return errno == EAGAIN ? no_answer() : Error::system(path);
  return ControlClient{std::move(fd), deadline};
}

Status ControlClient::wait(short events) const noexcept {
  while (true) {
    const Nanoseconds left = left_until(deadline_);
    if (left == Nanoseconds::max()) return {};
    constexpr std::int64_t kLongest = 3'600'000;
    const auto milliseconds =
        static_cast<int>(std::min<std::int64_t>(left.count() / 1'000'000 + 1, kLongest));
    pollfd ready{.fd = fd_.get(), .events = events, .revents = 0};
    const int count = left == Nanoseconds::zero() ? 0 : ::poll(&ready, 1, milliseconds);
    if (count > 0) return {};
    if (count < 0 && errno != EINTR) return Error::system("waiting for the daemon");
    if (left == Nanoseconds::zero()) return no_answer();
  }
}

Result<std::string> ControlClient::read_line() {
  while (true) {
    if (const auto end = buffer_.find('\n'); end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    if (auto status = wait(POLLIN); !status) return status.error();
    char chunk[16384];
    const ssize_t count = ::recv(fd_.get(), chunk, sizeof chunk, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Error::system("reading the daemon's answer");
    if (count == 0) return Error{Errc::temporary, "the daemon closed the connection"};
    buffer_.append(chunk, static_cast<std::size_t>(count));
  }
}

Result<ControlReply> ControlClient::request(std::string_view command) {
  const std::string line = std::string{command} + "\r\n";
  std::string_view rest = line;
  while (!rest.empty()) {
    if (auto status = wait(POLLOUT); !status) return status.error();
    const ssize_t count = ::send(fd_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return no_answer();
    if (count < 0) return Error::system("sending to the daemon");
    rest.remove_prefix(static_cast<std::size_t>(count));
  }
  auto head = read_line();
  if (!head) return head.error();
  ControlReply reply;
  const auto blank = head->find(' ');
  if (!parse_whole(std::string_view{*head}.substr(0, blank), reply.status))
    return Error{Errc::malformed, *head};
  if (blank != std::string::npos) reply.message = trim(std::string_view{*head}.substr(blank));
  for (int i = 0; i < reply.status; ++i) {
    auto next = read_line();
    if (!next) return next.error();
    reply.lines.push_back(std::move(*next));
  }
  return reply;
}

std::vector<std::string> usual_sockets(const std::string& run_dir, const std::string& state_dir) {
  std::vector<std::string> paths;
  const char* const runtime = std::getenv("XDG_RUNTIME_DIR");
  if (::geteuid() != 0 && runtime != nullptr && *runtime != '\0')
    paths.push_back(std::string{runtime} + "/vitald.sock");
  paths.push_back(run_dir + "/vitald.sock");
  paths.push_back(state_dir + "/vitald.sock");
  return paths;
}

}  // namespace vital

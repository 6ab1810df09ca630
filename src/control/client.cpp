// SPDX-License-Identifier: MIT
#include "control/client.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "base/numbers.h"
#include "base/strings.h"
#include "control/address.h"

namespace vital {

Result<ControlClient> ControlClient::connect(const std::string& path) {
  const auto address = UnixAddress::of(path);
  if (!address) return address.error();
  Fd fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (!fd || ::connect(fd.get(), address->get(), address->size()) != 0) return Error::system(path);
  return ControlClient{std::move(fd)};
}

Result<std::string> ControlClient::read_line() {
  while (true) {
    if (const auto end = buffer_.find('\n'); end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
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
    const ssize_t count = ::send(fd_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
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

// SPDX-License-Identifier: MIT
#include "rrdcached/client.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace vital::rrdcached {
namespace {

constexpr auto kPatience = std::chrono::seconds{10};  // with a daemon that does nothing
constexpr std::size_t kLongestLine = 64 << 10;

std::string_view first_words(std::string_view line) noexcept { return line.substr(0, 80); }

}  // namespace

Status Client::closing(Status status) noexcept {
  if (!status && status.error().code() != Errc::refused) {
    socket_.reset();
    received_.clear();
    read_ = 0;
  }
  return status;
}

Status Client::batch(std::string_view commands, std::vector<Complaint>& complaints) noexcept {
  complaints.clear();
  if (auto status = connect(); !status) return status;
  return closing(exchange(commands, complaints));
}

Status Client::command(std::string_view text, std::vector<std::string>& lines) noexcept {
  if (auto status = connect(); !status) return status;
  return closing(ask(text, lines));
}

Status Client::exchange(std::string_view text, std::vector<Complaint>& complaints) noexcept {
  for (const std::string_view piece : {std::string_view{"BATCH\n"}, text, std::string_view{".\n"}})
    if (auto status = send(piece); !status) return status;
  for (const bool is_end : {false, true}) {
    const auto answer = line();
    if (!answer) return answer.error();
    const auto head = parse_head(*answer);
    if (!head || head->number < 0) return Error{Errc::temporary, first_words(*answer)};
    for (std::int64_t left = is_end ? head->number : 0; left > 0; --left) {
      const auto more = line();
      if (!more) return more.error();
      add_complaint(*more, complaints);
    }
  }
  return {};
}

Status Client::ask(std::string_view text, std::vector<std::string>& lines) noexcept {
  for (const std::string_view piece : {text, std::string_view{"\n"}})
    if (auto status = send(piece); !status) return status;
  const auto answer = line();
  if (!answer) return answer.error();
  const auto head = parse_head(*answer);
  if (!head) return Error{Errc::temporary, first_words(*answer)};
  if (head->number < 0) return Error{Errc::refused, first_words(head->text)};
  for (std::int64_t left = head->number; left > 0; --left) {
    auto more = line();
    if (!more) return more.error();
    lines.push_back(std::move(*more));
  }
  return {};
}

Status Client::connect() noexcept {
  deadline_ = std::chrono::steady_clock::now() + kPatience;
  if (socket_) return {};
  if (place_.is_local()) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (place_.path.size() >= sizeof address.sun_path) return Error{Errc::too_long, place_.path};
    std::memcpy(address.sun_path, place_.path.c_str(), place_.path.size());
    return closing(connect_to(AF_UNIX, &address, sizeof address));
  }
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(place_.host.c_str(), place_.port.c_str(), &hints, &found);
  if (error != 0) return Error{Errc::temporary, place_.host + ": " + ::gai_strerror(error)};
  const std::unique_ptr<addrinfo, decltype([](addrinfo* list) { ::freeaddrinfo(list); })> list{
      found};
  Status status = Error{Errc::temporary, place_.host + ": has no address"};
  for (const addrinfo* entry = found; entry != nullptr && !status; entry = entry->ai_next)
    status = closing(connect_to(entry->ai_family, entry->ai_addr, entry->ai_addrlen));
  return status;
}

Status Client::connect_to(int family, const void* address, unsigned size) noexcept {
  const std::string& name = place_.is_local() ? place_.path : place_.host;
  socket_ = Fd{::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!socket_) return Error::system(name);
  if (::connect(socket_.get(), static_cast<const sockaddr*>(address), size) == 0) return {};
  if (errno != EINPROGRESS) return Error{Errc::temporary, name, errno};
  if (auto status = wait(POLLOUT); !status) return status;
  int number = 0;
  socklen_t length = sizeof number;
  (void)::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &number, &length);
  if (number != 0) return Error{Errc::temporary, name, number};
  return {};
}

Status Client::send(std::string_view text) noexcept {
  while (!text.empty()) {
    const ssize_t sent = ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      text.remove_prefix(static_cast<std::size_t>(sent));
      deadline_ = std::chrono::steady_clock::now() + kPatience;
    } else if (errno == EAGAIN) {
      if (auto status = wait(POLLOUT); !status) return status;
    } else if (errno != EINTR) {
      return Error{Errc::temporary, "rrdcached", errno};
    }
  }
  return {};
}

Status Client::wait(short events) noexcept {
  while (true) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline_ - std::chrono::steady_clock::now());
    if (left.count() <= 0) return Error{Errc::timed_out, "rrdcached does not answer"};
    pollfd event{socket_.get(), events, 0};
    if (::poll(&event, 1, static_cast<int>(left.count())) > 0) return {};
  }
}

Result<std::string> Client::line() noexcept {
  while (true) {
    if (const auto end = received_.find('\n', read_); end != std::string::npos) {
      std::string line = received_.substr(read_, end - read_);
      read_ = end + 1;
      return line;
    }
    received_.erase(0, std::exchange(read_, 0));
    if (received_.size() > kLongestLine)
      return Error{Errc::temporary, "rrdcached: an endless line"};
    if (auto status = wait(POLLIN); !status) return status.error();
    char buffer[4096];
    const ssize_t got = ::recv(socket_.get(), buffer, sizeof buffer, 0);
    if (got == 0) return Error{Errc::temporary, "rrdcached has closed the connection"};
    if (got > 0)
      received_.append(buffer, static_cast<std::size_t>(got));
    else if (errno != EINTR && errno != EAGAIN)
      return Error{Errc::temporary, "rrdcached", errno};
    deadline_ = std::chrono::steady_clock::now() + kPatience;
  }
}

}  // namespace vital::rrdcached

// SPDX-License-Identifier: MIT
#include "control/server.h"

#include <grp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "control/address.h"

namespace vital {
namespace {

constexpr std::size_t kLongestLine = 64 * 1024;
constexpr std::size_t kChunk = 16 * 1024;
constexpr std::size_t kMostUnsent = std::size_t{1} << 20;
constexpr int kBacklog = 128;
constexpr int kPollWhileWaiting = 100;  // milliseconds

void set_group(const std::string& path, const std::string& group, const Log& log) {
  if (group.empty()) return;
  const struct group* const entry = ::getgrnam(group.c_str());
  if (entry == nullptr)
    log.warning("there is no group ", std::string_view{group}, "; the socket ",
                std::string_view{path}, " keeps the daemon's group");
  else if (::chown(path.c_str(), static_cast<uid_t>(-1), entry->gr_gid) != 0)
    log.warning("the socket's group cannot be set: ", Error::system(path));
}

/// A socket file whose owner is gone refuses connections.
bool is_stale(const UnixAddress& address) {
  const Fd probe{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  return ::connect(probe.get(), address.get(), address.size()) != 0 && errno == ECONNREFUSED;
}

/// It is run by the superuser or by the daemon's own user.
bool is_trusted(int fd) noexcept {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == 0 || peer.uid == ::geteuid();
}

}  // namespace

struct ControlServer::Client {
  Fd fd;
  Session session;
  std::vector<char> input;
  std::size_t sent = 0;   // of session.output()
  bool ended = false;     // the client sends no more
  bool skipping = false;  // the rest of a line that was too long
  std::uint32_t interest = EPOLLIN;

  Client(Fd socket, const ControlContext& context, const Listener& listener,
         const std::shared_ptr<Bell>& bell)
      : fd{std::move(socket)},
        session{context, listener.interval, [bell] { bell->ring(); },
                ClientRights{listener.manages, is_trusted(fd.get())}} {}

  std::size_t unsent() noexcept { return session.output().size() - sent; }
};

ControlServer::ControlServer(ControlContext context)
    : context_{std::move(context)},
      bell_{std::make_shared<Bell>()},
      epoll_{::epoll_create1(EPOLL_CLOEXEC)} {
  if (!epoll_) throw std::system_error{errno, std::generic_category(), "epoll"};
}

ControlServer::~ControlServer() { stop(); }

Status ControlServer::add(const ControlSocketSpec& spec) {
  const auto address = UnixAddress::of(spec.path);
  if (!address) return address.error();
  if (spec.replace || is_stale(*address)) ::unlink(spec.path.c_str());
  Fd fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!fd) return Error::system("socket");
  (void)::fchmod(fd.get(), spec.permissions);  // never wider, not even for a moment; see unix(7)
  if (::bind(fd.get(), address->get(), address->size()) != 0) return Error::system(spec.path);
  set_group(spec.path, spec.group, context_.log);
  if (::chmod(spec.path.c_str(), spec.permissions) != 0 || ::listen(fd.get(), kBacklog) != 0) {
    const Error error = Error::system(spec.path);
    ::unlink(spec.path.c_str());
    return error;
  }
  epoll_event event{.events = EPOLLIN, .data = {.fd = fd.get()}};
  const std::lock_guard lock{mutex_};
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd.get(), &event);
  listeners_.push_back({std::move(fd), spec.path, spec.interval, spec.manages});
  return {};
}

void ControlServer::remove(const std::string& path) noexcept {
  const std::lock_guard lock{mutex_};
  const auto found = std::find_if(listeners_.begin(), listeners_.end(),
                                  [&](const Listener& listener) { return listener.path == path; });
  if (found == listeners_.end()) return;
  ::unlink(path.c_str());
  listeners_.erase(found);
}

Status ControlServer::start() {
  epoll_event event{.events = EPOLLIN, .data = {.fd = bell_->fd()}};
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, bell_->fd(), &event);
  auto thread = Thread::start("control", [this] { run(); });
  if (!thread) return thread.error();
  thread_ = std::move(*thread);
  return {};
}

void ControlServer::stop() noexcept {
  if (thread_.running()) {
    std::atomic_ref{stopping_}.store(true);
    bell_->ring();
    thread_.join();
  }
  const std::lock_guard lock{mutex_};
  for (const Listener& listener : listeners_) ::unlink(listener.path.c_str());
  listeners_.clear();
  clients_.clear();
}

void ControlServer::run() {
  while (!std::atomic_ref{stopping_}.load()) {
    std::array<epoll_event, 64> events{};
    bool waiting = false;
    for (const auto& [fd, client] : clients_) waiting = waiting || client->session.waiting();
    const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()),
                                   waiting ? kPollWhileWaiting : -1);
    for (int i = 0; i < count; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      if (fd == bell_->fd())
        bell_->clear();
      else if (const auto client = clients_.find(fd); client != clients_.end())
        serve(*client->second, events[static_cast<std::size_t>(i)].events);
      else
        accept_at(fd);
    }
    if (waiting) poll_waiting();
  }
}

/// A descriptor that is no client's. It may be that of a listener that is gone by now.
void ControlServer::accept_at(int fd) {
  const std::lock_guard lock{mutex_};
  for (const Listener& listener : listeners_)
    if (listener.fd.get() == fd) return accept_all(listener);
}

void ControlServer::accept_all(const Listener& listener) {
  while (true) {
    Fd fd{::accept4(listener.fd.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
    if (!fd) {
      if (errno == EMFILE || errno == ENFILE)
        no_more_.say(context_.log, context_.clock.now(),
                     "a client cannot be served: ", Error::system("accept"));
      return;
    }
    epoll_event event{.events = EPOLLIN, .data = {.fd = fd.get()}};
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd.get(), &event);
    const int number = fd.get();
    clients_[number] = std::make_unique<Client>(std::move(fd), context_, listener, bell_);
  }
}

void ControlServer::serve(Client& client, std::uint32_t events) {
  const int fd = client.fd.get();
  const bool broken = (events & EPOLLERR) != 0;
  if (broken || !receive(client) || !send(client)) return close(fd);
  if (client.ended && client.unsent() == 0 && !client.session.waiting()) return close(fd);
  rearm(client);
}

/// Takes what the client sent and executes it. False: the connection is broken.
bool ControlServer::receive(Client& client) {
  if (client.ended || client.session.waiting() || client.unsent() > kMostUnsent) return true;
  const std::size_t before = client.input.size();
  client.input.resize(before + kChunk);
  const ssize_t count = ::recv(client.fd.get(), client.input.data() + before, kChunk, 0);
  const bool later = count < 0 && (errno == EAGAIN || errno == EINTR);
  client.input.resize(before + static_cast<std::size_t>(count > 0 ? count : 0));
  if (count < 0) return later;
  client.ended = count == 0;
  drain(client);
  return true;
}

void ControlServer::drain(Client& client) {
  auto& input = client.input;
  if (client.skipping) {
    const auto end = std::find(input.begin(), input.end(), '\n');
    client.skipping = end == input.end();
    input.erase(input.begin(), client.skipping ? end : end + 1);
  }
  const std::size_t used = client.session.feed(input);
  input.erase(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(used));
  if (client.session.waiting()) return;
  if (client.ended && !input.empty()) {
    client.session.finish(input);
    input.clear();
  }
  if (input.size() <= kLongestLine || client.skipping) return;
  client.session.output() += "-1 The line is longer than 65536 bytes and is ignored.\n";
  client.skipping = true;
  input.clear();
}

/// Sends as much as the client takes. False: the connection is broken.
bool ControlServer::send(Client& client) {
  std::string& output = client.session.output();
  while (client.unsent() != 0) {
    const ssize_t count =
        ::send(client.fd.get(), output.data() + client.sent, client.unsent(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno == EAGAIN;
    client.sent += static_cast<std::size_t>(count);
  }
  output.clear();
  if (output.capacity() > kMostUnsent) output.shrink_to_fit();
  client.sent = 0;
  return true;
}

void ControlServer::rearm(Client& client) {
  const bool readable =
      !client.ended && !client.session.waiting() && client.unsent() <= kMostUnsent;
  const std::uint32_t interest = (readable ? EPOLLIN : 0u) | (client.unsent() != 0 ? EPOLLOUT : 0u);
  if (interest == client.interest) return;
  client.interest = interest;
  epoll_event event{.events = interest, .data = {.fd = client.fd.get()}};
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, client.fd.get(), &event);
}

void ControlServer::poll_waiting() {
  std::vector<int> ready;
  for (const auto& [fd, client] : clients_) {
    if (!client->session.waiting()) continue;
    client->session.poll();
    if (!client->session.waiting()) ready.push_back(fd);
  }
  for (const int fd : ready) {
    drain(*clients_[fd]);  // what it sent while it waited
    serve(*clients_[fd], 0);
  }
}

void ControlServer::close(int fd) { clients_.erase(fd); }

}  // namespace vital

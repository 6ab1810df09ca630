// SPDX-License-Identifier: MIT
#include "lib/line_stream.h"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace vital {
namespace {

constexpr std::size_t kFull = 65536;  // bytes that are worth a system call
constexpr std::size_t kMostUnsent = std::size_t{1} << 20;
constexpr std::size_t kPacket = 1428;  // of UDP; what fits Ethernet with IPv6 and some options
constexpr Nanoseconds kConnectMayTake = std::chrono::seconds{3};
constexpr Nanoseconds kRoomMayTake = std::chrono::milliseconds{200};
constexpr Nanoseconds kLook = std::chrono::milliseconds{100};
constexpr Nanoseconds kTcpGrace = std::chrono::milliseconds{500};
constexpr Nanoseconds kUdpGrace = std::chrono::milliseconds{100};

/// A peer whose host is gone is noticed by the kernel, whether we send or not.
void watch_peer(int socket, Nanoseconds timeout) noexcept {
  const int on = 1;
  const auto milliseconds =
      static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(timeout).count());
  const int idle = 60;  // seconds, as all below
  const int interval = 10;
  const int count = 6;
  (void)::setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  (void)::setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
  (void)::setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
  (void)::setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
  (void)::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  (void)::setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof milliseconds);
}

}  // namespace

LineStream::LineStream(Settings settings, const Clock& clock, Log log)
    : settings_{std::move(settings)},
      clock_{clock},
      log_{std::move(log)},
      failover_{settings_.targets.size(), settings_.fail_back} {}

LineStream::~LineStream() = default;

Nanoseconds LineStream::grace() const noexcept { return is_tcp() ? kTcpGrace : kUdpGrace; }

Status LineStream::begin() noexcept {
  if (socket_ && !error_ && look_is_due()) look();
  if (error_) {
    const Error error = *error_;
    if (!marks_.empty()) return error;  // settle() has to tell of them first
    disconnect();
  }
  if (socket_ && should_renew(clock_.now())) disconnect();
  if (!socket_)
    if (auto status = connect(); !status) return status;
  return make_room();
}

/// Only between two batches, so that nothing is sent twice.
bool LineStream::should_renew(Steady now) const noexcept {
  if (!marks_.empty() || sent_ != text_.size()) return false;
  const bool old = settings_.reconnect_interval > Nanoseconds::zero() &&
                   now - connected_ >= settings_.reconnect_interval;
  return old || failover_.is_due(now);
}

/// The one that is wanted now, then the others, while there is time.
Status LineStream::connect() noexcept {
  const Steady end = std::chrono::steady_clock::now() + kConnectMayTake;
  Status status;
  for (std::size_t tried = 0; tried < failover_.count(); ++tried) {
    const Nanoseconds left = end - std::chrono::steady_clock::now();
    if (tried != 0 && left <= Nanoseconds::zero()) break;
    const std::size_t which = failover_.pick(clock_.now());
    status = connect_to_one(which, std::min(left, settings_.timeout));
    if (status) break;
    failover_.failed(which, clock_.now());
  }
  return status;
}

Status LineStream::connect_to_one(std::size_t which, Nanoseconds limit) noexcept {
  auto socket = connect_to(settings_.targets[which], settings_.transport, limit);
  if (!socket) return socket.error();
  socket_ = std::move(*socket);
  if (is_tcp()) watch_peer(socket_.get(), settings_.timeout);
  which_ = which;
  peer_ = settings_.targets[which].text();
  connected_ = progress_ = clock_.now();
  if (failover_.works(which)) log_.notice("sends to ", std::string_view{peer_}, " now");
  return {};
}

/// A peer that is slow is waited for, a little; then it is the outlet that waits.
Status LineStream::make_room() noexcept {
  if (text_.size() - sent_ < kMostUnsent) return {};
  send(true);
  if (!error_ && text_.size() - sent_ >= kMostUnsent) {
    pollfd poll{socket_.get(), POLLOUT, 0};
    (void)::poll(&poll, 1, static_cast<int>(kRoomMayTake / std::chrono::milliseconds{1}));
    send(true);
    look();
  }
  if (error_) return *error_;
  if (text_.size() - sent_ < kMostUnsent) return {};
  return Error{Errc::timed_out, peer_ + " takes nothing"};
}

void LineStream::end() noexcept {
  marks_.push_back({base_ + text_.size()});
  if (!error_ && text_.size() - sent_ >= kFull) send(false);
}

void LineStream::push() noexcept {
  if (socket_ && !error_) send(true);
}

void LineStream::send(bool all) noexcept {
  while (!error_) {
    const std::size_t size = packet_at(all);
    if (size == 0) return;
    const ssize_t count =
        ::send(socket_.get(), text_.data() + sent_, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count >= 0)
      note_sent(static_cast<std::size_t>(count));
    else if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS)
      return;
    else if (errno != EINTR)
      broken(errno);
  }
}

/// How much is to be sent at once: over UDP as many whole lines as fit, but one at least.
std::size_t LineStream::packet_at(bool all) const noexcept {
  const std::string_view left = std::string_view{text_}.substr(sent_);
  if (is_tcp()) return left.size();
  if (left.size() <= kPacket) return all ? left.size() : 0;
  const auto fits = left.substr(0, kPacket).rfind('\n');
  const auto end = fits != std::string_view::npos ? fits : left.find('\n', kPacket);
  return std::min(end, left.size() - 1) + 1;
}

void LineStream::note_sent(std::size_t count) noexcept {
  sent_ += count;
  const Steady now = clock_.now();
  for (auto mark = marks_.rbegin(); mark != marks_.rend() && mark->sent == Steady{}; ++mark)
    if (mark->end <= position()) mark->sent = now;
  if (sent_ < text_.size() && sent_ < kFull) return;
  base_ += sent_;
  text_.erase(0, sent_);
  sent_ = 0;
}

/// Up to where the peer's kernel has everything.
std::uint64_t LineStream::acknowledged() const noexcept {
  int waiting = 0;
  if (!is_tcp() || ::ioctl(socket_.get(), SIOCOUTQ, &waiting) != 0) waiting = 0;
  return position() - std::min<std::uint64_t>(position(), static_cast<std::uint64_t>(waiting));
}

/// Whether the connection stands, and the peer takes what it is sent.
void LineStream::look() noexcept {
  char buffer[256];
  const ssize_t count = ::recv(socket_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
  if (count == 0 && is_tcp()) return broken(0, true);
  if (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) return broken(errno);
  const Steady now = clock_.now();
  const std::uint64_t taken = acknowledged();
  if (taken != last_taken_ || taken == base_ + text_.size()) progress_ = now;
  last_taken_ = taken;
  arrived_ += take_arrived(taken, now - grace());
  if (now - progress_ >= settings_.timeout) broken(ETIMEDOUT);
}

bool LineStream::look_is_due() noexcept {
  const Steady now = clock_.now();
  if (now < next_look_) return false;
  next_look_ = now + kLook / 10;
  return true;
}

Status LineStream::settle(std::uint64_t& arrived) noexcept {
  if (socket_ && !error_ && look_is_due()) {
    send(false);
    if (!error_) look();
  }
  arrived = std::exchange(arrived_, 0);
  if (!error_) return {};
  const Status status = marks_.empty() ? Status{} : Status{*error_};
  disconnect();
  return status;
}

/// How many batches have arrived: acknowledged, and sent before that moment.
std::uint64_t LineStream::take_arrived(std::uint64_t acknowledged, Steady before) noexcept {
  std::uint64_t count = 0;
  for (; !marks_.empty(); ++count, marks_.pop_front()) {
    const Mark& mark = marks_.front();
    if (mark.sent == Steady{} || mark.end > acknowledged || mark.sent > before) break;
  }
  return count;
}

Nanoseconds LineStream::settle_pause() const noexcept {
  if (marks_.empty() || marks_.front().sent == Steady{}) return kLook;
  return std::max(Nanoseconds{marks_.front().sent + grace() - clock_.now()}, kLook / 10);
}

/// A peer that closes in order has read everything that its kernel acknowledged. After a reset or a
/// refusal only what the last look() took counts: who knows for how long the error has been
/// waiting.
void LineStream::broken(int number, bool orderly) noexcept {
  if (orderly) arrived_ += take_arrived(acknowledged(), Steady::max());
  const Errc code = number == ETIMEDOUT ? Errc::timed_out : Errc::temporary;
  if (number == ETIMEDOUT) failover_.failed(which_, clock_.now());
  error_ = number == 0 ? Error{Errc::temporary, peer_ + " closed the connection"}
                       : Error{code, peer_, number};
}

void LineStream::disconnect() noexcept {
  socket_.reset();
  error_.reset();
  marks_.clear();
  text_.clear();
  sent_ = 0;
  base_ = last_taken_ = 0;
  next_look_ = {};
}

}  // namespace vital

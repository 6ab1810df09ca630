// SPDX-License-Identifier: MIT
#include "plugin/frames.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>

#include "base/bytes.h"

namespace vital {

std::span<char> FrameCutter::room() {
  constexpr std::size_t kChunk = 16 * 1024, kKept = 256 * 1024;
  if (first_ != 0) {
    std::copy(bytes_.begin() + static_cast<std::ptrdiff_t>(first_),
              bytes_.begin() + static_cast<std::ptrdiff_t>(end_), bytes_.begin());
    end_ -= first_;
    first_ = 0;
  }
  if (end_ == 0 && bytes_.size() > kKept) bytes_ = {};  // one long frame is not kept for ever
  if (bytes_.size() - end_ < kChunk) bytes_.resize(std::max(end_ + kChunk, 2 * end_));
  return std::span{bytes_}.subspan(end_);
}

FrameCutter::Outcome FrameCutter::next(Frame& frame) noexcept {
  const std::string_view left{bytes_.data() + first_, end_ - first_};
  if (left.size() < Frame::kHeadBytes) return Outcome::more;
  ByteReader head{left.substr(0, Frame::kHeadBytes)};
  const auto size = head.fixed<std::uint32_t>();
  if (size > Frame::kLongestBody) return Outcome::malformed;
  if (left.size() - Frame::kHeadBytes < size) return Outcome::more;
  frame.kind = head.fixed<std::uint8_t>();
  frame.body = left.substr(Frame::kHeadBytes, size);
  first_ += Frame::kHeadBytes + size;
  return Outcome::frame;
}

FramePipe::FramePipe(Fd socket) noexcept : socket_{std::move(socket)} {}

Result<std::pair<Fd, Fd>> FramePipe::make_pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return Error::system("socketpair");
  return std::pair{Fd{ends[0]}, Fd{ends[1]}};
}

Status FramePipe::send(const Frame& frame, Steady deadline) noexcept {
  if (frame.body.size() > Frame::kLongestBody)
    return Error{Errc::too_long, "more than fits into one message to a process"};
  const auto size = detail::little_end_first(static_cast<std::uint32_t>(frame.body.size()));
  char head[Frame::kHeadBytes];
  std::copy(size.begin(), size.end(), head);
  head[Frame::kHeadBytes - 1] = static_cast<char>(frame.kind);
  return send_all({head, sizeof head}, frame.body, deadline);
}

Status FramePipe::send_all(std::string_view head, std::string_view body, Steady deadline) noexcept {
  while (!head.empty() || !body.empty()) {
    iovec pieces[2] = {{const_cast<char*>(head.data()), head.size()},
                       {const_cast<char*>(body.data()), body.size()}};
    msghdr message{};
    message.msg_iov = pieces;
    message.msg_iovlen = 2;
    const ssize_t sent = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      const auto count = static_cast<std::size_t>(sent);
      const std::size_t of_head = std::min(count, head.size());
      head.remove_prefix(of_head);
      body.remove_prefix(count - of_head);
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return Error::system("the pipe to a process");
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now())
            .count();
    if (left <= 0) return Error{Errc::timed_out, "the pipe to a process"};
    pollfd ready{.fd = socket_.get(), .events = POLLOUT, .revents = 0};
    (void)::poll(&ready, 1, static_cast<int>(std::min<std::int64_t>(left, 1'000'000)));
  }
  return {};
}

Result<std::size_t> FramePipe::receive(FrameCutter& cutter) {
  const std::span<char> room = cutter.room();
  const ssize_t count = ::recv(socket_.get(), room.data(), room.size(), MSG_DONTWAIT);
  if (count == 0) return Error{Errc::absent, "the other end of the pipe"};
  if (count < 0 && errno != EAGAIN && errno != EINTR) return Error::system("the pipe to a process");
  const auto arrived = static_cast<std::size_t>(std::max<ssize_t>(count, 0));
  cutter.arrived(arrived);
  return arrived;
}

}  // namespace vital

// SPDX-License-Identifier: MIT
#include "processes/delay_accounting.h"

#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>

namespace vital::processes {

namespace {

Status take_answer(const Message& message, std::uint32_t first,
                   std::span<std::optional<Delays>> answers) noexcept {
  int number = 0;
  if (refuses(message, number)) {
    if (number == 0 || number == ESRCH) return {};
    return Error::system("TASKSTATS", number);
  }
  const std::uint32_t place = message.sequence - first;
  if (place >= answers.size()) return {};  // of an earlier question
  const auto delays = parse_delays(message);
  if (!delays) return delays.error();
  answers[place] = *delays;
  return {};
}

}  // namespace

Status DelayAccounting::connect() noexcept {
  socket_.reset(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC));
  if (!socket_) return Error::system("netlink");
  std::array<char, kFamilyQuestion> question;
  write_family_question(question, ++sequence_);
  if (auto status = send(question); !status) return status;
  Status outcome = Error{Errc::temporary, "netlink: no answer"};  // unless there is an answer
  const auto count = receive([&](const Message& message) -> Status {
    int number = 0;
    if (refuses(message, number)) return outcome = Error::system("TASKSTATS", number);
    const auto family = parse_family(message);
    if (!family) return outcome = family.error();
    family_ = *family;
    return outcome = Status{};
  });
  return count ? outcome : count.error();
}

Status DelayAccounting::send(std::span<const char> bytes) const noexcept {
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  while (::sendto(socket_.get(), bytes.data(), bytes.size(), 0,
                  reinterpret_cast<const sockaddr*>(&kernel), sizeof kernel) < 0)
    if (errno != EINTR) return Error::system("netlink");
  return {};
}

// The kernel answers before sendto() returns, so there is nothing to wait for.
template <typename Take>
Result<std::size_t> DelayAccounting::receive(Take&& take) noexcept {
  std::array<iovec, kAtOnce> rooms;
  std::array<mmsghdr, kAtOnce> heads{};
  for (std::size_t i = 0; i < kAtOnce; ++i) {
    rooms[i] = {answers_[i].data(), answers_[i].size()};
    heads[i].msg_hdr.msg_iov = &rooms[i];
    heads[i].msg_hdr.msg_iovlen = 1;
  }
  int count = 0;
  do {
    count = ::recvmmsg(socket_.get(), heads.data(), kAtOnce, MSG_DONTWAIT, nullptr);
  } while (count < 0 && errno == EINTR);
  if (count < 0 && errno != EAGAIN) return Error::system("netlink");
  const auto received = static_cast<std::size_t>(std::max(count, 0));
  for (std::size_t i = 0; i < received; ++i) {
    if ((heads[i].msg_hdr.msg_flags & MSG_TRUNC) != 0) return Error{Errc::too_long, "TASKSTATS"};
    std::string_view bytes{answers_[i].data(), heads[i].msg_len};
    Message message;
    while (next_message(bytes, message))
      if (auto status = take(message); !status) return status.error();
  }
  return received;
}

Status DelayAccounting::ask(std::span<const int> pids,
                            std::span<std::optional<Delays>> answers) noexcept {
  std::fill(answers.begin(), answers.end(), std::nullopt);
  Status status;
  if (!socket_) status = connect();
  for (std::size_t at = 0; status && at < pids.size(); at += kAtOnce) {
    const std::size_t count = std::min(kAtOnce, pids.size() - at);
    status = ask_some(pids.subspan(at, count), answers.subspan(at, count));
  }
  if (!status) socket_.reset();
  return status;
}

Status DelayAccounting::ask_some(std::span<const int> pids,
                                 std::span<std::optional<Delays>> answers) noexcept {
  const std::uint32_t first = sequence_ + 1;
  const std::span questions{questions_};
  for (std::size_t i = 0; i < pids.size(); ++i)
    write_delays_question(questions.subspan(i * kDelaysQuestion).first<kDelaysQuestion>(), family_,
                          ++sequence_, pids[i]);
  if (auto status = send(questions.first(pids.size() * kDelaysQuestion)); !status) return status;
  for (std::size_t received = 0; received < pids.size();) {
    const auto count =
        receive([&](const Message& message) { return take_answer(message, first, answers); });
    if (!count) return count.error();
    if (*count == 0) return Error{Errc::temporary, "TASKSTATS: no answer"};
    received += *count;
  }
  return {};
}

}  // namespace vital::processes

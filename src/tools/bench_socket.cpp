// SPDX-License-Identifier: MIT
#include "tools/bench_socket.h"

#include <netdb.h>
#include <poll.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "tools/bench_options.h"

namespace vital::bench {

using namespace network;

Fd open_socket(const std::string& host, const std::string& port, End end) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = end == End::bound ? AI_PASSIVE : 0;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found); error != 0)
    throw BenchError{host + " port " + port + ": " + ::gai_strerror(error)};
  const std::unique_ptr<addrinfo, decltype([](addrinfo* list) { ::freeaddrinfo(list); })> list{
      found};
  int number = ENOENT;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    Fd socket{::socket(entry->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    const auto use = end == End::bound ? ::bind : ::connect;
    if (socket && use(socket.get(), entry->ai_addr, entry->ai_addrlen) == 0) return socket;
    number = errno;
  }
  throw BenchError{host + " port " + port + ": " + std::generic_category().message(number)};
}

Burst::Burst(Security security, std::size_t packet_size)
    : security_{std::move(security)},
      room_{packet_size},
      bytes_(room_ * kMost),
      pieces_(kMost),
      messages_(kMost) {
  if (!crypt_.make_key(security_.password, key_)) throw BenchError{"no memory for a key"};
  for (std::size_t i = 0; i < kMost; ++i) {
    pieces_[i].iov_base = bytes_.data() + i * room_;
    messages_[i].msg_hdr.msg_iov = &pieces_[i];
    messages_[i].msg_hdr.msg_iovlen = 1;
  }
}

std::size_t Burst::secure(Bytes packet, MutableBytes room) {
  const std::string& user = security_.user;
  if (security_.level == Trust::encrypted) {
    const MutableBytes part = room.first(Crypt::encrypted_size(user, packet));
    if (!crypt_.write_encrypted(key_, user, packet, part)) throw BenchError{"no memory"};
    return part.size();
  }
  const std::size_t head =
      security_.level == Trust::is_signed ? Crypt::signature_size(user) : std::size_t{0};
  if (head != 0 && !crypt_.write_signature(key_, user, packet, room.first(head)))
    throw BenchError{"no memory"};
  std::memcpy(room.data() + head, packet.data(), packet.size());
  return head + packet.size();
}

void Burst::add(Bytes packet) {
  pieces_[used_].iov_len = secure(packet, {bytes_.data() + used_ * room_, room_});
  ++used_;
}

void Burst::send(const Fd& socket) noexcept {
  std::size_t sent = 0;
  while (sent < used_) {
    const int gone =
        ::sendmmsg(socket.get(), &messages_[sent], static_cast<unsigned>(used_ - sent), 0);
    if (gone > 0) {
      for (int i = 0; i < gone; ++i) counts_.octets += messages_[sent++].msg_len;
      counts_.packets += static_cast<std::uint64_t>(gone);
    } else if (errno != EINTR && errno != EAGAIN && errno != ENOBUFS) {
      ++sent;  // nobody listened to what was sent before, and this one goes the same way
      ++counts_.failed;
    }
  }
  used_ = 0;
}

}  // namespace vital::bench

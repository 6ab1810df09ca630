// SPDX-License-Identifier: MIT
#include "network/target.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>

#include "plugin/setup.h"

namespace vital::network {
namespace {

constexpr std::size_t kSmallestRoom = 2048;  // any notification, encrypted, has room in it
constexpr int kSendMayTake = 100;            // milliseconds that a full device is waited for

iovec piece_of(Bytes bytes) noexcept {
  return {const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
}

/// What the network may have got over by the next time.
bool is_passing(int error) noexcept {
  constexpr int kPassing[] = {ENETUNREACH,   EHOSTUNREACH, ENETDOWN, EHOSTDOWN, ENOBUFS, EAGAIN,
                              EADDRNOTAVAIL, ECONNREFUSED, EPERM,    ENOMEM,    EINVAL,  ENODEV};
  return std::find(std::begin(kPassing), std::end(kPassing), error) != std::end(kPassing);
}

std::string name_of(const ServerSettings& settings) {
  return "sending to " + settings.host + " port " + settings.port;
}

}  // namespace

Target::Target(const ServerSettings& settings, std::optional<int> time_to_live,
               std::size_t packet_size, Log log, Crypt& crypt)
    : settings_{settings},
      options_{.interface = settings.interface,
               .bind_address = settings.bind_address,
               .time_to_live = time_to_live},
      log_{std::move(log)},
      crypt_{crypt},
      name_{name_of(settings)},
      room_{settings.security == Trust::encrypted   ? std::max(packet_size, kSmallestRoom)
            : settings.security == Trust::is_signed ? Crypt::signature_size(settings.user)
                                                    : 0},
      scratch_(room_ * kBurst),
      pieces_(kBurst) {
  if (settings.security != Trust::none && !crypt_.make_key(settings.password, key_))
    throw SetupError{"no memory for the key of " + settings.user};
  const auto addresses = resolve(settings.host, settings.port, Names::digits_only);
  is_name_ = !addresses;
  if (addresses) found(*addresses);
}

void Target::found(const std::vector<Address>& addresses) {
  const bool same =
      socket_ && std::find(addresses.begin(), addresses.end(), address_) != addresses.end();
  if (same) return;
  Status status = Error{Errc::temporary, settings_.host + ": has no address"};
  for (const Address& address : addresses)
    if (status = open(address); status) break;
  if (!status) note(status);
}

void Target::not_found(const Error& error) {
  if (!socket_) note(error);
}

Status Target::open(const Address& address) {
  auto socket = open_sender(address, options_, log_);
  if (!socket) return socket.error();
  socket_ = std::move(*socket);
  address_ = address;
  return {};
}

void Target::note(const Status& status) noexcept {
  if (status)
    trouble_.ends(log_, name_);
  else
    trouble_.begins(log_, name_, status.error());
}

Status Target::send(std::span<const Bytes> packets, std::size_t& sent,
                    SendCounts& counts) noexcept {
  sent = 0;
  if (!socket_) {
    // An address in digits whose socket could not be made: perhaps the device is there by now.
    const auto addresses = resolve(settings_.host, settings_.port, Names::digits_only);
    if (addresses) found(*addresses);
    if (!socket_) return Error{Errc::temporary, "it has no address yet"};
  }
  while (sent < packets.size()) {
    const std::size_t count = std::min(kBurst, packets.size() - sent);
    for (std::size_t i = 0; i < count; ++i)
      if (!secure(packets[sent + i], i)) return Error{Errc::temporary, "no memory to encrypt"};
    std::size_t gone = 0;
    const Status status = send_burst(count, gone, counts);
    sent += gone;
    if (!status) return status;
  }
  return {};
}

/// Lays the packet out for the kernel, signed or encrypted as the server wants it.
bool Target::secure(Bytes packet, std::size_t place) noexcept {
  auto& pieces = pieces_[place].all;
  const MutableBytes room{scratch_.data() + place * room_, room_};
  if (settings_.security == Trust::encrypted) {
    const MutableBytes part = room.first(Crypt::encrypted_size(settings_.user, packet));
    pieces[0] = piece_of(part);
    pieces[1] = {};
    return crypt_.write_encrypted(key_, settings_.user, packet, part);
  }
  pieces[0] = piece_of(room);
  pieces[1] = piece_of(packet);
  return settings_.security == Trust::none ||
         crypt_.write_signature(key_, settings_.user, packet, room);
}

Status Target::send_burst(std::size_t count, std::size_t& sent, SendCounts& counts) noexcept {
  mmsghdr messages[kBurst] = {};
  for (std::size_t i = 0; i < count; ++i) {
    msghdr& head = messages[i].msg_hdr;
    head.msg_name = const_cast<sockaddr*>(address_.get());
    head.msg_namelen = address_.size();
    head.msg_iov = pieces_[i].all;
    head.msg_iovlen = 2;
  }
  bool waited = false;
  while (sent < count) {
    const int gone = ::sendmmsg(socket_.get(), messages + sent, static_cast<unsigned>(count - sent),
                                MSG_DONTWAIT);
    if (gone > 0) {
      for (int i = 0; i < gone; ++i) counts.octets.add(messages[sent++].msg_len);
      counts.packets.add(static_cast<std::uint64_t>(gone));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno == EAGAIN && !std::exchange(waited, true)) {
      pollfd room{socket_.get(), POLLOUT, 0};
      if (::poll(&room, 1, kSendMayTake) > 0) continue;
      errno = EAGAIN;
    }
    const int number = errno;
    if (is_passing(number)) {
      const Error why = Error::system(settings_.host, number);
      return Error{Errc::temporary, why.culprit(), number};
    }
    ++sent;  // this packet will never go; the others may
    counts.failed.add();
    note(Error::system(settings_.host, number));
  }
  return {};
}

}  // namespace vital::network

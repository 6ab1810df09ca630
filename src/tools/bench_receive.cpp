// SPDX-License-Identifier: MIT
#include <poll.h>

#include <cstdio>
#include <cstring>
#include <memory>

#include "lib/auth_file.h"
#include "tools/bench_commands.h"
#include "tools/bench_pace.h"
#include "tools/bench_sink.h"
#include "tools/bench_socket.h"

namespace vital::bench {
namespace {

/// Reads what arrives at a socket.
class Receiving {
 public:
  Receiving(const Fd& socket, std::size_t packet_size)
      : socket_{socket}, size_{packet_size}, bytes_(size_ * kMost), pieces_(kMost) {
    for (std::size_t i = 0; i < kMost; ++i) {
      pieces_[i] = {bytes_.data() + i * size_, size_};
      messages_[i].msg_hdr.msg_iov = &pieces_[i];
      messages_[i].msg_hdr.msg_iovlen = 1;
    }
  }

  /// Waits for packets, but not for long, and gives them to the sink.
  void some(Sink& sink) noexcept {
    constexpr int kPatience = 100;  // milliseconds
    pollfd event{socket_.get(), POLLIN, 0};
    if (::poll(&event, 1, kPatience) <= 0) return;
    messages_[0].msg_hdr.msg_control = control_;
    messages_[0].msg_hdr.msg_controllen = sizeof control_;
    const int count = ::recvmmsg(socket_.get(), messages_, kMost, MSG_DONTWAIT, nullptr);
    if (count > 0) note_lost();
    for (std::size_t i = 0; count > 0 && i < static_cast<std::size_t>(count); ++i)
      sink.packet({bytes_.data() + i * size_, messages_[i].msg_len});
  }

  /// Packets that the kernel dropped.
  std::uint32_t lost() const noexcept { return lost_; }

 private:
  static constexpr std::size_t kMost = 64;

  void note_lost() noexcept {
    msghdr& head = messages_[0].msg_hdr;
    for (cmsghdr* item = CMSG_FIRSTHDR(&head); item != nullptr; item = CMSG_NXTHDR(&head, item))
      if (item->cmsg_level == SOL_SOCKET && item->cmsg_type == SO_RXQ_OVFL)
        std::memcpy(&lost_, CMSG_DATA(item), sizeof lost_);
  }

  const Fd& socket_;
  const std::size_t size_;
  std::vector<std::uint8_t> bytes_;
  std::vector<iovec> pieces_;
  mmsghdr messages_[kMost] = {};
  alignas(cmsghdr) char control_[CMSG_SPACE(sizeof(std::uint32_t))];
  std::uint32_t lost_ = 0;
};

Fd listen(const BenchOptions& options) {
  Fd socket = open_socket(options.host, options.port, End::bound);
  constexpr int kOn = 1;
  if (::setsockopt(socket.get(), SOL_SOCKET, SO_RXQ_OVFL, &kOn, sizeof kOn) != 0)
    throw BenchError{"the kernel does not tell what it drops"};
  const int size = options.buffer;
  if (::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
    (void)::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  return socket;
}

void add_users(Sink& sink, const BenchOptions& options) {
  if (!options.user.empty()) sink.add_user(options.user, options.password);
  if (options.auth_file.empty()) return;
  const auto text = read_file(options.auth_file);
  if (!text) throw BenchError{std::string{text.error().message().view()}};
  for (const auto& [user, password] : parse_auth_file(*text)) sink.add_user(user, password);
}

void print(const char* what, std::uint64_t count) {
  std::printf("  %-40s %llu\n", what, static_cast<unsigned long long>(count));
}

void report(const Sink::Counts& counts, std::uint32_t lost, double elapsed) {
  std::printf("received %llu values in %.3f s: %.0f values/s\n",
              static_cast<unsigned long long>(counts.values), elapsed,
              static_cast<double>(counts.values) / elapsed);
  print("packets", counts.packets);
  print("bytes", counts.octets);
  print("notifications", counts.notifications);
  print("packets that the kernel dropped", lost);
  print("packets that are malformed", counts.malformed);
  print("packets of unknown users", counts.unknown_user);
  print("packets with a wrong signature", counts.bad_signature);
  print("values protected too little", counts.unprotected);
  print("values without time, host, plugin, type", counts.incomplete);
}

}  // namespace

int receive(const BenchOptions& options, const std::atomic<bool>& ended) {
  Sink sink{options.level};
  add_users(sink, options);
  const Fd socket = listen(options);
  Receiving receiving{socket, options.packet_size};
  const Pace pace{0, options.duration, ended};
  double said = 0;
  for (std::uint64_t before = 0; !pace.over(); receiving.some(sink)) {
    const double elapsed = pace.elapsed();
    if (elapsed - said < 1) continue;
    std::printf("%.0f values/s, %llu in all\n",
                static_cast<double>(sink.counts().values - before) / (elapsed - said),
                static_cast<unsigned long long>(sink.counts().values));
    std::fflush(stdout);
    said = elapsed, before = sink.counts().values;
  }
  report(sink.counts(), receiving.lost(), pace.elapsed());
  return 0;
}

}  // namespace vital::bench

// SPDX-License-Identifier: MIT
#include "network/receiver.h"

#include <linux/sock_diag.h>
#include <poll.h>

#include <algorithm>

namespace vital::network {
namespace {

constexpr std::size_t kBurst = 64;          // packets that are read with one system call
constexpr std::size_t kBatchValues = 4096;  // a batch is handed on when it has that many
constexpr Nanoseconds kPublishAtMost = std::chrono::milliseconds{100};
constexpr Nanoseconds kBusy = std::chrono::milliseconds{8};    // between two rounds
constexpr Nanoseconds kGather = std::chrono::milliseconds{4};  // what packets may wait then
constexpr std::size_t kPacketTakes = 2560;  // of a buffer, in bytes, whatever little it holds
constexpr Nanoseconds kFirstRetry = std::chrono::milliseconds{100};
constexpr Nanoseconds kRetry = std::chrono::seconds{10};
constexpr Nanoseconds kLastLook = std::chrono::milliseconds{500};

/// In bytes, as the kernel counts what packets take.
std::size_t buffer_of(const Fd& socket) noexcept {
  int size = 0;
  socklen_t length = sizeof size;
  (void)::getsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &size, &length);
  return static_cast<std::size_t>(size);
}

/// How many packets the kernel has dropped since the socket was made.
std::uint32_t overflow_of(const Fd& socket) noexcept {
  std::uint32_t memory[SK_MEMINFO_VARS] = {};
  socklen_t size = sizeof memory;
  (void)::getsockopt(socket.get(), SOL_SOCKET, SO_MEMINFO, memory, &size);
  return memory[SK_MEMINFO_DROPS];
}

}  // namespace

/// Where the kernel puts a burst of packets.
struct ReceivingThread::Buffers {
  explicit Buffers(std::size_t packet_size)
      : size{packet_size}, bytes{std::make_unique_for_overwrite<std::uint8_t[]>(size * kBurst)} {
    for (std::size_t i = 0; i < kBurst; ++i) {
      pieces[i] = {bytes.get() + i * size, size};
      messages[i].msg_hdr = {};
      messages[i].msg_hdr.msg_iov = &pieces[i];
      messages[i].msg_hdr.msg_iovlen = 1;
      messages[i].msg_hdr.msg_name = &from[i];
    }
  }

  /// Makes them ready for the next burst. Only the first packet's news of drops is wanted.
  void reset() noexcept {
    for (mmsghdr& message : messages) message.msg_hdr.msg_namelen = sizeof from[0];
    messages[0].msg_hdr.msg_control = control;
    messages[0].msg_hdr.msg_controllen = sizeof control;
  }

  std::size_t size;
  std::unique_ptr<std::uint8_t[]> bytes;
  iovec pieces[kBurst];
  sockaddr_storage from[kBurst];
  mmsghdr messages[kBurst];
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(std::uint32_t))];
};

ReceivingThread::ReceivingThread(const Context& context, const Intake::Context& intake,
                                 const std::vector<std::unique_ptr<Gate>>& gates)
    : context_{context},
      intake_{intake},
      buffers_{std::make_unique<Buffers>(context.settings.packet_size)} {
  for (const auto& gate : gates) doors_.push_back({.gate = *gate});
}

ReceivingThread::~ReceivingThread() { stop(); }

Status ReceivingThread::start(HeldSockets& held) {
  open(Names::digits_only, &held);
  Text<16> name;
  name.add("network ").add(context_.number);
  auto thread = Thread::start(name.view(), [this] { run(); });
  if (!thread) return thread.error();
  thread_ = std::move(*thread);
  return {};
}

void ReceivingThread::stop() noexcept {
  stopping_ = true;
  bell_.ring();
  thread_.join();
}

void ReceivingThread::open(Names names, HeldSockets* held) {
  const Steady now = context_.clock.now();
  for (std::size_t i = 0; i < doors_.size(); ++i) {
    Door& door = doors_[i];
    if (door.open || now < door.next_try) continue;
    const Status status = open(door, i, names, held);
    if (status) {
      door.open = true;
      door.trouble.ends(context_.log, "listening");
    } else if (names == Names::look_up || status.error().code() != Errc::malformed) {
      door.pause = std::clamp(2 * door.pause, kFirstRetry, kRetry);
      door.next_try = now + door.pause;
      door.trouble.begins(context_.log, "listening", status.error(), Severity::error);
    }
  }
}

/// All addresses of the block, or none.
Status ReceivingThread::open(Door& door, std::size_t place, Names names, HeldSockets* held) {
  const ListenSettings& settings = door.gate.settings;
  const auto addresses = resolve(settings.host, settings.port, names);
  if (!addresses) return addresses.error();
  std::vector<Socket> made;
  for (const Address& address : *addresses) {
    if (address.is_multicast() && context_.number != 0) continue;
    const ListenOptions options{.interface = settings.interface,
                                .buffer = context_.settings.receive_buffer,
                                .say_if_small = context_.settings.receive_buffer_given,
                                .shared = context_.settings.receive_threads > 1,
                                .only_ipv6 = is_ipv4_served(address.port())};
    if (held != nullptr && go_on(*held, address, options, place, made)) continue;
    auto socket = open_listener(address, options, context_.log);
    if (!socket) return socket.error();
    made.push_back({std::move(*socket), place});
  }
  for (Socket& socket : made) {
    smallest_buffer_ = std::min(smallest_buffer_, buffer_of(socket.fd));
    sockets_.push_back(std::move(socket));
  }
  return {};
}

/// The last thread takes all that is left, so that none is closed with packets in it.
bool ReceivingThread::go_on(HeldSockets& held, const Address& address, const ListenOptions& options,
                            std::size_t place, std::vector<Socket>& sockets) const {
  const bool last = context_.number + 1 == context_.settings.receive_threads;
  bool any = false;
  while (Fd socket = !any || last ? go_on_with(held, address, options, context_.log) : Fd{}) {
    const std::uint32_t lost = overflow_of(socket);
    sockets.push_back({std::move(socket), place, lost});
    any = true;
  }
  return any;
}

/// Another block wants the packets of IPv4 that a socket of IPv6 could take.
bool ReceivingThread::is_ipv4_served(std::uint16_t port) const {
  for (const Door& door : doors_) {
    const auto addresses =
        resolve(door.gate.settings.host, door.gate.settings.port, Names::digits_only);
    if (!addresses) continue;
    for (const Address& address : *addresses)
      if (address.family() == AF_INET && address.port() == port) return true;
  }
  return false;
}

void ReceivingThread::run() noexcept {
  while (!stopping_) {
    open(Names::look_up, nullptr);
    if (wait(next_event())) {
      look_after(context_.clock.now());
      let_packets_gather(context_.clock.now());
      receive_all();
      const Steady end = context_.clock.now();
      last_gap_ = std::min<Nanoseconds>(end - std::exchange(last_round_, end), kBusy);
      look_at_queues(last_round_);
    }
    publish(context_.clock.now());
  }
  const Steady end = context_.clock.now() + kLastLook;
  while (context_.clock.now() < end && wait(Steady{})) receive_all();
  if (unpublished_) context_.host.publish();
}

/// What is due without a packet: a publish, and sockets that could not be opened.
Steady ReceivingThread::next_event() const noexcept {
  Steady next = unpublished_ ? last_publish_ + kPublishAtMost : Steady::max();
  for (const Door& door : doors_)
    if (!door.open) next = std::min(next, door.next_try);
  return next;
}

/// What wants a look now and then, and matters only when packets come.
void ReceivingThread::look_after(Steady now) {
  if (now < next_look_) return;
  next_look_ = now + std::chrono::seconds{1};
  for (Door& door : doors_)
    if (door.gate.user_file) door.users = door.gate.user_file->users(now);
  intake_.look_after(now);
}

/// Waits for packets; false: there are none.
bool ReceivingThread::wait(Steady until) noexcept {
  events_.clear();
  for (const Socket& socket : sockets_) events_.push_back({socket.fd.get(), POLLIN, 0});
  if (!stopping_) events_.push_back({bell_.fd(), POLLIN, 0});
  int limit = -1;
  if (until != Steady::max()) {
    constexpr std::int64_t kLongest = 60'000;
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(until - context_.clock.now()).count();
    limit = static_cast<int>(std::clamp<std::int64_t>(left, 0, kLongest));
  }
  if (::poll(events_.data(), events_.size(), limit) <= 0) return false;
  return std::any_of(events_.begin(),
                     events_.begin() + static_cast<std::ptrdiff_t>(sockets_.size()),
                     [](const pollfd& event) { return event.revents != 0; });
}

/// When packets come close behind each other, a short rest lets one wake-up serve many of them: as
/// long as what came lately would not fill more than a quarter of a socket's buffer.
void ReceivingThread::let_packets_gather(Steady now) noexcept {
  if (now - last_round_ > kBusy) return;
  const std::size_t room = smallest_buffer_ / kPacketTakes / 4;
  const Nanoseconds filled = last_gap_ * static_cast<std::int64_t>(room) /
                             static_cast<std::int64_t>(std::max<std::size_t>(last_packets_, 1));
  const timespec rest{.tv_sec = 0, .tv_nsec = std::min(kGather, filled).count()};
  pollfd event{bell_.fd(), POLLIN, 0};
  (void)::ppoll(&event, 1, &rest, nullptr);
}

/// Each socket in turn, a burst at a time, until all are empty or it is time to see to the rest.
void ReceivingThread::receive_all() {
  constexpr int kMostRounds = 64;
  last_packets_ = 0;
  bool more = true;
  for (int round = 0; more && round < kMostRounds; ++round) {
    more = false;
    for (Socket& socket : sockets_) more = receive(socket) || more;
  }
  if (intake_.submit()) unpublished_ = true;
}

/// False: the socket is empty.
bool ReceivingThread::receive(Socket& socket) {
  buffers_->reset();
  const int count = ::recvmmsg(socket.fd.get(), buffers_->messages, kBurst, MSG_DONTWAIT, nullptr);
  if (count <= 0) return false;
  last_packets_ += static_cast<std::size_t>(count);
  take_overflow(socket);
  const Door& door = doors_[socket.door];
  const Intake::Door from{.settings = door.gate.settings, .users = door.users.get()};
  const Steady now = context_.clock.now();
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    const mmsghdr& message = buffers_->messages[i];
    const MutableBytes bytes{buffers_->bytes.get() + i * buffers_->size, message.msg_len};
    const bool whole = (message.msg_hdr.msg_flags & MSG_TRUNC) == 0;
    intake_.packet(bytes, whole, host_of(buffers_->from[i]), from, now);
  }
  if (intake_.pending() >= kBatchValues && intake_.submit()) unpublished_ = true;
  return static_cast<std::size_t>(count) == kBurst;
}

/// The kernel counts what it had to drop since the socket was made.
void ReceivingThread::take_overflow(Socket& socket) noexcept {
  msghdr& head = buffers_->messages[0].msg_hdr;
  for (cmsghdr* item = CMSG_FIRSTHDR(&head); item != nullptr; item = CMSG_NXTHDR(&head, item)) {
    if (item->cmsg_level != SOL_SOCKET || item->cmsg_type != SO_RXQ_OVFL) continue;
    std::uint32_t total = 0;
    std::memcpy(&total, CMSG_DATA(item), sizeof total);
    const std::uint32_t more = total - socket.overflowed;
    if (more == 0) return;
    too_fast_.say(context_.log, context_.clock.now(),
                  "packets come faster than they can be read, and some are lost; see "
                  "ReceiveThreads, ReceiveBuffer and net.core.rmem_max");
    intake_.counts().overflowed.add(more);
    socket.overflowed = total;
  }
}

/// What came while the last packets were read.
void ReceivingThread::look_at_queues(Steady now) noexcept {
  if (now < next_queue_look_) return;
  next_queue_look_ = now + std::chrono::seconds{1};
  std::uint64_t waiting = 0;
  for (const Socket& socket : sockets_) {
    std::uint32_t memory[SK_MEMINFO_VARS] = {};
    socklen_t size = sizeof memory;
    if (::getsockopt(socket.fd.get(), SOL_SOCKET, SO_MEMINFO, memory, &size) == 0)
      waiting += memory[SK_MEMINFO_RMEM_ALLOC];
  }
  intake_.counts().waiting.set(waiting);
}

/// Writers are woken at most ten times a second, whatever comes in.
void ReceivingThread::publish(Steady now) {
  if (!unpublished_ || now < last_publish_ + kPublishAtMost) return;
  context_.host.publish();
  last_publish_ = now;
  unpublished_ = false;
}

Receiver::Receiver(Host& host, const Log& log, const Settings& settings, Span interval,
                   SentTimes* sent) {
  for (const ListenSettings& listen : settings.listens) {
    auto file =
        listen.auth_file.empty() ? nullptr : std::make_unique<UserFile>(listen.auth_file, log);
    gates_.push_back(std::make_unique<Gate>(Gate{listen, std::move(file)}));
  }
  if (gates_.empty()) return;
  const Intake::Context intake{
      .host = host, .log = log, .limits = settings.limits, .interval = interval, .sent = sent};
  for (unsigned number = 0; number < settings.receive_threads; ++number)
    threads_.push_back(
        std::make_unique<ReceivingThread>(ReceivingThread::Context{.clock = host.clock(),
                                                                   .host = host,
                                                                   .log = log,
                                                                   .settings = settings,
                                                                   .number = number},
                                          intake, gates_));
}

Status Receiver::rehearse() const {
  for (const auto& gate : gates_) {
    const auto addresses = resolve(gate->settings.host, gate->settings.port, Names::digits_only);
    if (!addresses) continue;
    for (const Address& address : *addresses)
      if (auto status = can_listen(address); !status) return status;
  }
  return {};
}

Status Receiver::start() {
  HeldSockets held;
  for (const auto& thread : threads_)
    if (auto status = thread->start(held); !status) return status;
  return {};
}

void Receiver::stop() noexcept {
  for (const auto& thread : threads_) thread->stop();
}

}  // namespace vital::network

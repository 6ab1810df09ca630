// SPDX-License-Identifier: MIT
#pragma once
#include <poll.h>

#include <limits>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/thread.h"
#include "base/trouble.h"
#include "network/held_sockets.h"
#include "network/intake.h"
#include "network/socket.h"

namespace vital::network {

/// A <Listen> block as all receiving threads see it.
struct Gate {
  ListenSettings settings;
  std::unique_ptr<UserFile> user_file;  // nullptr: no AuthFile
};

/// Receives on sockets of its own, in a thread of its own.
///
/// Threads  start(), stop() the owner's; counts and peers any
class ReceivingThread {
 public:
  struct Context {
    const Clock& clock;
    Host& host;
    const Log& log;
    const Settings& settings;
    unsigned number;  // from 0; the first one serves the multicast groups
  };

  ReceivingThread(const Context& context, const Intake::Context& intake,
                  const std::vector<std::unique_ptr<Gate>>& gates);
  ~ReceivingThread();
  ReceivingThread(const ReceivingThread&) = delete;
  ReceivingThread& operator=(const ReceivingThread&) = delete;

  /// Opens what can be opened without asking a name server, and starts the thread. Goes on with
  /// sockets that are held already.
  Status start(HeldSockets& held);
  /// Reads what has arrived until now, and ends.
  void stop() noexcept;

  const ReceiveCounts& counts() noexcept { return intake_.counts(); }
  const Peers& peers() const noexcept { return intake_.peers(); }

 private:
  struct Socket {
    Fd fd;
    std::size_t door;              // its place in doors_
    std::uint32_t overflowed = 0;  // as the kernel last told
  };
  struct Door {
    Gate& gate;
    std::shared_ptr<const Users> users{};
    bool open = false;
    Steady next_try{};
    Nanoseconds pause{};  // before it
    Trouble trouble{};
  };
  struct Buffers;

  void run() noexcept;
  void open(Names names, HeldSockets* held);
  Status open(Door& door, std::size_t place, Names names, HeldSockets* held);
  bool go_on(HeldSockets& held, const Address& address, const ListenOptions& options,
             std::size_t place, std::vector<Socket>& sockets) const;
  bool is_ipv4_served(std::uint16_t port) const;
  Steady next_event() const noexcept;
  void look_after(Steady now);
  void let_packets_gather(Steady now) noexcept;
  bool wait(Steady until) noexcept;
  void receive_all();
  bool receive(Socket& socket);
  void take_overflow(Socket& socket) noexcept;
  void look_at_queues(Steady now) noexcept;
  void publish(Steady now);

  const Context context_;
  Intake intake_;
  std::vector<Door> doors_;
  std::vector<Socket> sockets_;
  std::unique_ptr<Buffers> buffers_;
  std::vector<pollfd> events_;
  Complaint too_fast_;
  Bell bell_;
  std::atomic<bool> stopping_{false};
  Steady last_round_{}, last_publish_{};
  Nanoseconds last_gap_{};        // between the last two rounds
  std::size_t last_packets_ = 0;  // that came in the last one
  std::size_t smallest_buffer_ = std::numeric_limits<std::size_t>::max();
  Steady next_look_{}, next_queue_look_{};
  bool unpublished_ = false;
  Thread thread_;
};

/// All that listens.
class Receiver {
 public:
  Receiver(Host& host, const Log& log, const Settings& settings, Span interval, SentTimes* sent);

  /// Whether it will be possible to listen: on all addresses that need not be looked up, but those
  /// on which this process listens already.
  Status rehearse() const;
  Status start();
  void stop() noexcept;
  const std::vector<std::unique_ptr<ReceivingThread>>& threads() const noexcept { return threads_; }

 private:
  std::vector<std::unique_ptr<Gate>> gates_;
  std::vector<std::unique_ptr<ReceivingThread>> threads_;
};

}  // namespace vital::network

// SPDX-License-Identifier: MIT
#pragma once
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "base/clock.h"
#include "network/resolver.h"
#include "network/sent_times.h"
#include "network/target.h"
#include "pipeline/ledger.h"
#include "pipeline/writer.h"

namespace vital::network {

/// All servers, and the looking up of their names.
///
/// Threads  start(), stop() the owner's; all else any
class Targets {
 public:
  Targets(const Settings& settings, const Log& log);

  Status start() { return resolver_.start(); }
  void stop() noexcept { resolver_.stop(); }

  /// Sends packets to every server.
  ///
  /// Errors  temporary: none of them got any, so that it is worth while to try again
  Status send(std::span<const Bytes> packets) noexcept;
  /// The same for a packet that its owner does not keep: some are kept here until they can go.
  void send_or_keep(Bytes packet) noexcept;

  SendCounts& counts() noexcept { return counts_; }
  const SendCounts& counts() const noexcept { return counts_; }

 private:
  struct Entry {
    Target target;
    std::size_t name = 0;  // its number at the resolver
    Steady asked{};        // when it was last told to look again
  };

  void add(const ServerSettings& server, const Settings& settings, const Log& log);
  Nanoseconds hear(Entry& entry, const Result<std::vector<Address>>& addresses);
  Status send_locked(std::span<const Bytes> packets) noexcept;
  bool send_to(Entry& entry, std::span<const Bytes> packets) noexcept;
  void send_kept() noexcept;

  SendCounts counts_;
  std::mutex mutex_;  // guards all below, and what the targets have
  Crypt crypt_;
  std::vector<std::unique_ptr<Entry>> entries_;
  std::deque<std::vector<std::uint8_t>> kept_;
  Resolver resolver_;  // the last, for it hears nothing once it is gone
};

/// Packs values into packets and sends these to all servers; sends notifications.
///
/// Errors   temporary while no server can be reached: the outlet keeps the values
/// Threads  write() and its kin the outlet's thread; notify() any
class Sender final : public Writer, public Notifier {
 public:
  Sender(const Settings& settings, Targets& targets, const Clock& clock,
         std::shared_ptr<Ledger> ledger, SentTimes* sent);
  ~Sender() override;

  Status write(const Batch& batch) noexcept override;
  Status flush(const FlushRequest& request) noexcept override;
  void idle() noexcept override;
  Steady next_wake() const noexcept override;
  void wake() noexcept override { (void)send_all(); }
  Status notify(const Notification& notification) noexcept override;

 private:
  struct Packet {
    std::unique_ptr<std::uint8_t[]> memory;
    PacketEncoder encoder;
  };

  void add(const Sample& sample) noexcept;
  void begin_packet(Packet& packet) noexcept;
  PacketEncoder& next_packet() noexcept;
  Status send_full() noexcept;
  Status send_all() noexcept;
  Status send(std::size_t count) noexcept;
  bool holds_any() const noexcept { return full_ != 0 || !packets_.front().encoder.empty(); }

  Targets& targets_;
  const Clock& clock_;
  const std::shared_ptr<Ledger> ledger_;
  SentTimes* const sent_;
  const bool forward_;
  const Nanoseconds flush_time_;
  const std::size_t room_;       // of a packet, in bytes
  std::vector<Packet> packets_;  // the full ones, then the one that is being filled
  std::size_t full_ = 0;
  std::vector<Bytes> sending_;
  Steady oldest_{}, newest_{};  // values in the packet that is being filled
  Steady next_try_{};           // after a failure
  bool failing_ = false;
};

}  // namespace vital::network

// SPDX-License-Identifier: MIT
#include "network/sender.h"

#include <algorithm>

namespace vital::network {
namespace {

constexpr Nanoseconds kSoon = std::chrono::seconds{5};   // until a failed look-up is tried again
constexpr Nanoseconds kRetry = std::chrono::seconds{1};  // of packets that could not be sent
constexpr std::size_t kMostKept = 64;                    // notifications
constexpr std::size_t kAtOnce = 32;                      // packets that are sent together

}  // namespace

Targets::Targets(const Settings& settings, const Log& log) {
  for (const ServerSettings& server : settings.servers) add(server, settings, log);
}

void Targets::add(const ServerSettings& server, const Settings& settings, const Log& log) {
  entries_.push_back(std::make_unique<Entry>(
      Entry{Target{server, settings.time_to_live, settings.packet_size, log, crypt_}}));
  Entry& entry = *entries_.back();
  if (!entry.target.is_name()) return;
  entry.name = resolver_.add(server.host, server.port, [this, &entry](const auto& addresses) {
    return hear(entry, addresses);
  });
}

Nanoseconds Targets::hear(Entry& entry, const Result<std::vector<Address>>& addresses) {
  const std::lock_guard lock{mutex_};
  if (!addresses) {
    entry.target.not_found(addresses.error());
    return kSoon;
  }
  entry.target.found(*addresses);
  send_kept();
  const Span interval = entry.target.settings().resolve_interval;
  return interval == Span::zero() ? Resolver::kNever : nanoseconds(interval);
}

Status Targets::send(std::span<const Bytes> packets) noexcept {
  const std::lock_guard lock{mutex_};
  if (!kept_.empty()) send_kept();
  return send_locked(packets);
}

Status Targets::send_locked(std::span<const Bytes> packets) noexcept {
  bool any = false;
  for (const auto& entry : entries_) any = send_to(*entry, packets) || any;
  if (any) return {};
  return Error{Errc::temporary, "no server can be reached"};
}

/// False: it did not get one packet. What only some servers got is not sent to the others again.
bool Targets::send_to(Entry& entry, std::span<const Bytes> packets) noexcept {
  std::size_t sent = 0;
  const Status status = entry.target.send(packets, sent, counts_);
  entry.target.note(status);
  if (status) return true;
  if (sent != 0 || entries_.size() > 1) counts_.failed.add(packets.size() - sent);
  const Steady now = std::chrono::steady_clock::now();
  if (entry.target.is_name() && now > entry.asked + kSoon) {
    entry.asked = now;
    resolver_.look_again(entry.name);
  }
  return sent != 0;
}

void Targets::send_or_keep(Bytes packet) noexcept {
  const std::lock_guard lock{mutex_};
  if (send_locked({&packet, 1})) return;
  if (kept_.size() >= kMostKept) {
    kept_.pop_front();
    counts_.failed.add();
  }
  kept_.emplace_back(packet.begin(), packet.end());
}

void Targets::send_kept() noexcept {
  while (!kept_.empty()) {
    const Bytes packet{kept_.front()};
    if (!send_locked({&packet, 1})) return;
    kept_.pop_front();
  }
}

Sender::Sender(const Settings& settings, Targets& targets, const Clock& clock,
               std::shared_ptr<Ledger> ledger, SentTimes* sent)
    : targets_{targets},
      clock_{clock},
      ledger_{std::move(ledger)},
      sent_{sent},
      forward_{settings.forward},
      flush_time_{nanoseconds(settings.flush_time)},
      room_{settings.packet_size - kSecurityReserve} {
  packets_.reserve(kAtOnce + 1);
  sending_.reserve(kAtOnce + 1);
  packets_.resize(1);
  begin_packet(packets_.front());
}

Sender::~Sender() {
  for (const Packet& packet : packets_) {
    ledger_->released(packet.encoder.values());
    ledger_->dropped(Loss::stopped, packet.encoder.values());
  }
}

void Sender::begin_packet(Packet& packet) noexcept {
  if (!packet.memory) {
    packet.memory = std::make_unique_for_overwrite<std::uint8_t[]>(room_);
    packet.encoder = PacketEncoder{{packet.memory.get(), room_}};
  }
  packet.encoder.clear();
}

Status Sender::write(const Batch& batch) noexcept {
  if (batch.received() && !forward_) {
    targets_.counts().received.add(batch.size());
    return {};
  }
  // Packets that could not be sent go first; while they cannot, nothing more is taken.
  if (full_ != 0)
    if (auto status = send_full(); !status) return status;
  for (const Sample& sample : batch) add(sample);
  newest_ = clock_.now();
  return {};
}

void Sender::add(const Sample& sample) noexcept {
  PacketEncoder* packet = &packets_[full_].encoder;
  if (packet->empty()) oldest_ = clock_.now();
  if (!packet->add(sample)) {
    if (!packet->empty()) packet = &next_packet();
    if (!packet->add(sample)) return ledger_->dropped(Loss::refused);  // larger than any packet
  }
  ledger_->held();
  targets_.counts().values.add();
  if (sent_ != nullptr) sent_->note(sample.series, sample.time);
}

/// Some packets are sent together. When they cannot be sent they stay, and the rest of the batch
/// joins them.
PacketEncoder& Sender::next_packet() noexcept {
  ++full_;
  if (full_ == packets_.size()) packets_.emplace_back();
  begin_packet(packets_[full_]);
  if (full_ >= kAtOnce && !failing_) (void)send_full();
  oldest_ = clock_.now();
  return packets_[full_].encoder;
}

Status Sender::send_full() noexcept {
  if (auto status = send(full_); !status) return status;
  std::swap(packets_.front(), packets_[full_]);  // the one that is being filled
  full_ = 0;
  return {};
}

Status Sender::send_all() noexcept {
  const std::size_t count = full_ + (packets_[full_].encoder.empty() ? 0 : 1);
  if (auto status = send(count); !status) return status;
  full_ = 0;
  packets_.front().encoder.clear();
  return {};
}

Status Sender::send(std::size_t count) noexcept {
  if (count == 0) return {};
  sending_.clear();
  for (std::size_t i = 0; i < count; ++i) sending_.push_back(packets_[i].encoder.packet());
  const Status status = targets_.send(sending_);
  failing_ = !status;
  if (!status) {
    next_try_ = clock_.now() + kRetry;
    return status;
  }
  for (std::size_t i = 0; i < count; ++i) {
    PacketEncoder& packet = packets_[i].encoder;
    ledger_->released(packet.values());
    ledger_->delivered(packet.values());
    packet.clear();
  }
  return {};
}

Status Sender::flush(const FlushRequest& request) noexcept {
  if (request.older_than > Span::zero() && clock_.now() - newest_ < nanoseconds(request.older_than))
    return {};
  return send_all();
}

void Sender::idle() noexcept {
  if (flush_time_ == Nanoseconds::zero() && !failing_) (void)send_all();
}

Steady Sender::next_wake() const noexcept {
  if (!holds_any()) return Steady::max();
  if (failing_) return next_try_;
  return flush_time_ == Nanoseconds::zero() ? Steady::max() : oldest_ + flush_time_;
}

Status Sender::notify(const Notification& notification) noexcept {
  if (notification.meta.find("network:received") != nullptr) return {};
  constexpr std::size_t kLargest = 1024;
  std::uint8_t buffer[kLargest];
  const std::size_t size = encode_notification(notification, buffer);
  if (size == 0) return Error{Errc::too_long, notification.message};
  targets_.send_or_keep({buffer, size});
  return {};
}

}  // namespace vital::network

// SPDX-License-Identifier: MIT
#include "network/statistics.h"

#include <algorithm>

namespace vital::network {
namespace {

Series declare(const Setup& setup, std::string_view type, std::string_view instance = {}) {
  return setup.declare({.plugin = "network", .type = type, .type_instance = instance});
}

Text<32> instance_of(Drop drop) noexcept { return Text<32>{}.add("dropped-").add(name_of(drop)); }

std::string_view type_of(Drop drop) noexcept {
  return counts_packets(drop) ? "packets" : "total_values";
}

struct Totals {
  std::uint64_t packets = 0, octets = 0, values = 0, overflowed = 0, waiting = 0;
  std::array<std::uint64_t, kDrops> drops{};
};

Totals totals_of(const Receiver& receiver) noexcept {
  Totals sum;
  for (const auto& thread : receiver.threads()) {
    const ReceiveCounts& counts = thread->counts();
    sum.packets += counts.packets.get();
    sum.octets += counts.octets.get();
    sum.values += counts.values.get();
    sum.overflowed += counts.overflowed.get();
    sum.waiting += counts.waiting.get();
    for (std::size_t i = 0; i < kDrops; ++i) sum.drops[i] += counts.drops.get(static_cast<Drop>(i));
  }
  return sum;
}

}  // namespace

Statistics::Statistics(const Setup& setup, const SendCounts& sent, const Receiver& receiver,
                       std::size_t packet_size)
    : namer_{setup.namer()},
      sent_{sent},
      receiver_{receiver},
      packet_size_{packet_size},
      octets_{declare(setup, "if_octets")},
      packets_{declare(setup, "if_packets")},
      dropped_{declare(setup, "if_dropped")},
      dispatched_{declare(setup, "total_values", "dispatch-accepted")},
      looped_{declare(setup, "total_values", "dispatch-rejected")},
      values_sent_{declare(setup, "total_values", "send-accepted")},
      not_forwarded_{declare(setup, "total_values", "send-rejected")},
      queue_{declare(setup, "queue_length")} {
  for (std::size_t i = 0; i < kDrops; ++i) {
    const auto drop = static_cast<Drop>(i);
    drops_.push_back(declare(setup, type_of(drop), instance_of(drop).view()));
  }
}

Status Statistics::read(Batch& batch) noexcept {
  const Totals got = totals_of(receiver_);
  (void)batch.add(octets_, {got.octets, sent_.octets.get()});
  (void)batch.add(packets_, {got.packets, sent_.packets.get()});
  (void)batch.add(dropped_, {got.overflowed, sent_.failed.get()});
  (void)batch.add(dispatched_, got.values);
  (void)batch.add(looped_, got.drops[static_cast<std::size_t>(Drop::looped)]);
  (void)batch.add(values_sent_, sent_.values.get());
  (void)batch.add(not_forwarded_, sent_.received.get());
  (void)batch.add(queue_, (got.waiting + packet_size_ - 1) / packet_size_);
  for (std::size_t i = 0; i < kDrops; ++i) (void)batch.add(drops_[i], got.drops[i]);
  report_peers(batch);
  return {};
}

void Statistics::report_peers(Batch& batch) {
  std::map<std::string, std::array<std::uint64_t, kDrops>> peers;
  for (const auto& thread : receiver_.threads()) {
    thread->peers().each([&](const Peer& peer) {
      if (peer.id == 0) return;
      for (std::size_t i = 0; i < kDrops; ++i) {
        const std::uint64_t count = peer.drops.get(static_cast<Drop>(i));
        if (count == 0) continue;
        const std::string name{peer.address.text().view()};
        if (peers.size() >= kMostPeers && !peers.contains(name)) return;
        peers[name][i] += count;
      }
    });
  }
  for (const auto& [name, drops] : peers)
    for (std::size_t i = 0; i < kDrops; ++i)
      if (drops[i] != 0) report_drop(batch, name, static_cast<Drop>(i), drops[i]);
}

void Statistics::report_drop(Batch& batch, const std::string& peer, Drop drop,
                             std::uint64_t count) {
  const auto instance = instance_of(drop);
  const std::string key = peer + '/' + std::string{instance.view()};
  auto known = peers_.find(key);
  if (known == peers_.end()) {
    auto made =
        namer_({.plugin_instance = peer, .type = type_of(drop), .type_instance = instance.view()});
    if (!made) return;
    known = peers_.emplace(key, std::move(*made)).first;
  }
  (void)batch.add(known->second, count);
}

std::vector<Figure> figures_of(const Receiver& receiver, const SendCounts& sent,
                               const Settings& settings) {
  std::vector<Figure> figures;
  const Totals got = totals_of(receiver);
  if (!settings.listens.empty()) {
    figures.push_back({"packets_received", got.packets});
    figures.push_back({"values_received", got.values});
  }
  if (!settings.servers.empty()) {
    figures.push_back({"packets_sent", sent.packets.get()});
    figures.push_back({"values_sent", sent.values.get()});
  }
  const auto lost = [&](std::string_view why, std::uint64_t count) {
    if (count != 0) figures.push_back({"dropped_" + std::string{why}, count});
  };
  lost("by_the_kernel", got.overflowed);
  lost("unsent", sent.failed.get());
  for (std::size_t i = 0; i < kDrops; ++i) lost(name_of(static_cast<Drop>(i)), got.drops[i]);
  return figures;
}

}  // namespace vital::network

// SPDX-License-Identifier: MIT
#include "network/peers.h"

#include "base/hash.h"

namespace vital::network {

const std::shared_ptr<const Meta>& Peer::meta(std::string_view user) {
  auto& kept = user.empty() ? nobodys_ : users_;
  if (kept && (user.empty() || user == user_)) return kept;
  auto made = std::make_shared<Meta>();
  made->set("network:received", true);
  if (id != 0) made->set("network:ip_address", std::string{address.text().view()});
  if (!user.empty()) made->set("network:username", user_ = user);
  return kept = std::move(made);
}

std::size_t Peers::Hash::operator()(const HostAddress& address) const noexcept {
  return hash_bytes({reinterpret_cast<const char*>(address.bytes.data()), address.bytes.size()});
}

Peers::Peers() { peers_.push_back(std::make_unique<Peer>()); }

Peer& Peers::find(const HostAddress& address, Steady now) {
  const auto known = by_address_.find(address);
  if (known != by_address_.end()) {
    known->second->seen = now;
    return *known->second;
  }
  if (by_address_.size() + 1 >= kMost) return *peers_.front();
  auto made = std::make_unique<Peer>();
  Peer& peer = *made;
  peer.address = address;
  peer.seen = now;
  const std::lock_guard lock{mutex_};
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint16_t>(peers_.size()));
    peers_.emplace_back();
  }
  peer.id = free_.back();
  free_.pop_back();
  peers_[peer.id] = std::move(made);
  by_address_.emplace(address, &peer);
  return peer;
}

void Peers::forget_idle(Steady now) {
  const bool crowded = by_address_.size() > kMost / 2;
  const Nanoseconds patience = crowded ? std::chrono::minutes{1} : std::chrono::hours{1};
  const bool complain_again = now >= next_complaints_;
  if (complain_again) next_complaints_ = now + std::chrono::hours{1};
  const std::lock_guard lock{mutex_};
  for (auto& peer : peers_) {
    if (!peer) continue;
    if (complain_again) peer->said = 0;
    if (peer->id == 0 || peer->series != 0 || now - peer->seen < patience) continue;
    by_address_.erase(peer->address);
    free_.push_back(peer->id);
    peer.reset();
  }
}

}  // namespace vital::network

// SPDX-License-Identifier: MIT
#pragma once
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "model/meta.h"
#include "network/address.h"
#include "network/counters.h"

namespace vital::network {

/// Whether there is one more, of which there are `limit` (0: any number) and `used` are gone, for
/// somebody who took `taken`. Nobody gets more than what is left for all the others.
constexpr bool permits(std::uint64_t limit, std::uint64_t used, std::uint64_t taken) noexcept {
  return limit == 0 || (used < limit && taken <= limit - used);
}

/// A count that begins anew with each second.
class PerSecond {
 public:
  std::uint64_t in(std::int64_t second) noexcept {
    if (second != second_) second_ = second, count_ = 0;
    return count_;
  }
  void add(std::int64_t second, std::uint64_t more = 1) noexcept { count_ = in(second) + more; }

 private:
  std::int64_t second_ = -1;
  std::uint64_t count_ = 0;
};

/// A host that sends to us, as one receiving thread sees it.
///
/// Threads  the receiving thread; address and drops any, under the lock of Peers
struct Peer {
  HostAddress address;
  std::uint16_t id = 0;
  Drops drops;
  std::uint64_t series = 0;    // that it brought and that are still there
  std::uint32_t expected = 0;  // where its next value's series probably is in the index
  PerSecond new_series, notifications, useful, useless;
  Steady seen{};
  std::uint32_t said = 0;  // the drops that were logged, one bit each

  /// What its values bear: that they were received, and from whom. The same object as long as
  /// neither changes.
  const std::shared_ptr<const Meta>& meta(std::string_view user);

 private:
  std::shared_ptr<const Meta> nobodys_, users_;
  std::string user_;  // of users_
};

/// The peers of one receiving thread. Their number is bounded: when there are too many, those above
/// share one entry.
///
/// Threads  each() and with the lock: any; all else the receiving thread
class Peers {
 public:
  static constexpr std::size_t kMost = 16384;

  Peers();
  Peer& find(const HostAddress& address, Steady now);
  Peer& operator[](std::uint16_t id) noexcept { return *peers_[id]; }
  std::size_t size() const noexcept { return by_address_.size(); }

  /// Forgets those that were not heard of for an hour, or for a minute when there is little room.
  /// Once an hour, complaints about the others may be heard again.
  void forget_idle(Steady now);

  /// Visits all that anything was dropped of.
  template <typename Visit>
  void each(Visit&& visit) const;

 private:
  struct Hash {
    std::size_t operator()(const HostAddress& address) const noexcept;
  };

  mutable std::mutex mutex_;                  // guards the changes of peers_
  std::vector<std::unique_ptr<Peer>> peers_;  // by id; the first is everybody who finds no room
  std::vector<std::uint16_t> free_;
  std::unordered_map<HostAddress, Peer*, Hash> by_address_;
  Steady next_complaints_{};
};

template <typename Visit>
void Peers::each(Visit&& visit) const {
  const std::lock_guard lock{mutex_};
  for (const auto& peer : peers_)
    if (peer) visit(*peer);
}

}  // namespace vital::network

// SPDX-License-Identifier: MIT
#pragma once
#include <memory>
#include <vector>

#include "lib/network_crypt.h"
#include "lib/network_parser.h"
#include "network/peers.h"
#include "network/sent_times.h"
#include "network/series_index.h"
#include "network/settings.h"
#include "network/users.h"
#include "plugin/host.h"

namespace vital::network {

/// Turns the packets that one thread receives into batches. In steady state, when the series are
/// known, it allocates nothing and takes no lock but the pipeline's, once per batch.
///
/// Errors   whatever is wrong with a packet costs that packet or value and is counted, with its
///          peer, and logged once an hour
/// Threads  the receiving thread; counts() and peers().each() any
class Intake {
 public:
  struct Context {
    Host& host;
    const Log& log;
    Limits limits;
    Span interval;    // of values that name none
    SentTimes* sent;  // nullptr: nothing is sent from here
  };
  /// Where a packet came in.
  struct Door {
    const ListenSettings& settings;
    const Users* users;  // nullptr: no AuthFile
  };

  explicit Intake(const Context& context);

  /// The packet is changed where it is encrypted. `whole`: false when it was cut.
  void packet(MutableBytes bytes, bool whole, const HostAddress& from, const Door& door,
              Steady now) noexcept;
  /// How many values wait for submit().
  std::size_t pending() const noexcept { return batch_ ? batch_->size() : 0; }
  /// Hands the values to the pipeline. False: there were none.
  bool submit();
  /// Now and then: forgets what is gone.
  void look_after(Steady now);

  ReceiveCounts& counts() noexcept { return counts_; }
  const Peers& peers() const noexcept { return peers_; }
  const SeriesIndex& index() const noexcept { return index_; }

 private:
  friend class PacketParser<Intake>;

  // What the parser tells.
  void values(Fields& fields, const WireValues& values) noexcept;
  void notification(const Fields& fields, std::string_view message) noexcept;
  bool verifies() const noexcept { return door_->users != nullptr; }
  Verdict verify(const Signed& part) noexcept;
  Verdict decrypt(const Encrypted& part) noexcept;
  void trusted(std::string_view user, Trust trust) noexcept;
  void skipped(PartType type) noexcept;

  void begin_batch();
  bool is_flooding(Peer& peer) const noexcept;
  bool is_replayed(std::uint64_t time) const noexcept;
  SeriesInfo* find(Fields& fields) noexcept;
  SeriesInfo* meet(const Identifier& identifier, std::uint64_t hash) noexcept;
  bool may_add_series() noexcept;
  bool convert(const WireValues& wire, const DataSet& type) noexcept;
  void drop(Drop drop, std::string_view what = {}) noexcept;
  void complain(Drop drop, std::string_view what) noexcept;

  const Context context_;
  const std::uint64_t seed_;
  Crypt crypt_;
  SeriesIndex index_;
  Peers peers_;
  ReceiveCounts counts_;
  std::vector<std::shared_ptr<Batch>> batches_;  // kept for the next rounds
  std::shared_ptr<Batch> batch_;                 // what is being filled
  std::vector<Value> values_;                    // of one value list
  Steady next_forgetting_{};
  Steady next_sweep_{};
  PerSecond new_series_, notifications_, complaints_;

  // Of the packet that is being read.
  const Door* door_ = nullptr;
  Peer* peer_ = nullptr;
  std::int64_t second_ = 0;
  Time wall_;
  Trust trust_ = Trust::none;
  std::shared_ptr<const Meta> meta_;
};

}  // namespace vital::network

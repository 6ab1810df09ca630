// SPDX-License-Identifier: MIT
#pragma once
#include <map>
#include <string>
#include <vector>

#include "network/receiver.h"
#include "plugin/plugin.h"

namespace vital::network {

/// Reports what was sent, received and dropped: as collectd does, and by reason and peer.
class Statistics final : public Reader {
 public:
  Statistics(const Setup& setup, const SendCounts& sent, const Receiver& receiver,
             std::size_t packet_size);

  Status read(Batch& batch) noexcept override;

 private:
  static constexpr std::size_t kMostPeers = 256;

  void report_peers(Batch& batch);
  void report_drop(Batch& batch, const std::string& peer, Drop drop, std::uint64_t count);

  const Namer namer_;
  const SendCounts& sent_;
  const Receiver& receiver_;
  const std::size_t packet_size_;
  const Series octets_, packets_, dropped_;
  const Series dispatched_, looped_, values_sent_, not_forwarded_, queue_;
  std::vector<Series> drops_;                         // by reason
  std::map<std::string, Series, std::less<>> peers_;  // by peer and reason
};

/// The same for `vitalctl status`: what was received and sent, and of the losses those that there
/// were.
std::vector<Figure> figures_of(const Receiver& receiver, const SendCounts& sent,
                               const Settings& settings);

}  // namespace vital::network

// SPDX-License-Identifier: MIT
#pragma once
#include <span>
#include <vector>

#include "base/trouble.h"
#include "lib/network_crypt.h"
#include "network/counters.h"
#include "network/settings.h"
#include "network/socket.h"

namespace vital::network {

/// One server that packets are sent to: its socket, and how packets are secured for it.
///
/// Errors   temporary: it has no address yet, or cannot be reached just now
/// Threads  none of its own: the sender serialises
class Target {
 public:
  Target(const ServerSettings& settings, std::optional<int> time_to_live, std::size_t packet_size,
         Log log, Crypt& crypt);

  const ServerSettings& settings() const noexcept { return settings_; }
  bool is_name() const noexcept { return is_name_; }  // and not an address in digits

  /// Its addresses, looked up anew: the one that is used stays, as long as it is among them.
  void found(const std::vector<Address>& addresses);
  void not_found(const Error& error);

  /// Sends some packets, and says how many went.
  Status send(std::span<const Bytes> packets, std::size_t& sent, SendCounts& counts) noexcept;
  /// What came of the last packets, for the log.
  void note(const Status& status) noexcept;
  bool failing() const noexcept { return trouble_.on(); }

 private:
  static constexpr std::size_t kBurst = 32;  // packets to one system call

  Status open(const Address& address);
  bool secure(Bytes packet, std::size_t place) noexcept;
  Status send_burst(std::size_t count, std::size_t& sent, SendCounts& counts) noexcept;

  const ServerSettings settings_;
  const SendOptions options_;
  const Log log_;
  Crypt& crypt_;
  const std::string name_;  // for the log
  bool is_name_ = false;
  Key key_{};
  Address address_;
  Fd socket_;
  Trouble trouble_;
  std::size_t room_;                   // bytes of scratch_ for one packet
  std::vector<std::uint8_t> scratch_;  // signatures, or whole encrypted packets
  struct Pieces {
    iovec all[2];
  };
  std::vector<Pieces> pieces_;
};

}  // namespace vital::network

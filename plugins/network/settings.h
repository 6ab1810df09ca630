// SPDX-License-Identifier: MIT
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "config/options.h"
#include "lib/network_parser.h"
#include "network/address.h"

namespace vital::network {

/// A <Server> block: where to send.
struct ServerSettings {
  std::string host, port;
  Trust security = Trust::none;
  std::string user, password;
  std::string interface;
  std::string bind_address;
  Span resolve_interval{};  // zero: only after a failure
};

/// A <Listen> block: where to receive.
struct ListenSettings {
  std::string host, port;
  Trust security = Trust::none;
  std::string auth_file;
  std::string interface;
  Networks allowed, denied;
  Span replay_window{};  // zero: none

  bool admits(const HostAddress& peer) const noexcept {
    return !denied.contains(peer) && (allowed.empty() || allowed.contains(peer));
  }
};

/// How much peers may make the daemon remember.
struct Limits {
  std::size_t series = 0;            // in the whole daemon
  std::uint64_t new_per_second = 0;  // 0: any number
};

/// All options of the plugin.
struct Settings {
  explicit Settings(const Options& options);  // throws ConfigError

  std::vector<ServerSettings> servers;
  std::vector<ListenSettings> listens;
  std::optional<int> time_to_live;
  std::size_t packet_size = 0;  // bytes
  bool forward = false;
  bool report_stats = false;
  Span flush_time{};
  unsigned receive_threads = 1;
  int receive_buffer = 0;  // bytes
  bool receive_buffer_given = false;
  Limits limits;
};

/// Declares the options, for the registry and the manual.
/// Whether it listens on a port that takes a privilege, or may.
bool listens_low(const Options& options);
/// Whether a socket is bound to one interface, which took a privilege before Linux 5.7.
bool binds_to_interface(const Options& options);

void declare_options(Declaration& declaration);

}  // namespace vital::network

// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

#include "lib/network_parser.h"

namespace vital::bench {

/// What flood of useless packets to make.
enum class Flood : std::uint8_t {
  random,      ///< bytes by chance
  series,      ///< every value is of a series that nobody has seen
  signatures,  ///< well made, but signed with a wrong password
};

/// What the command line asks for; each command has its own part of it.
///
/// Units    the rate of send in values a second, that of flood in packets a second; 0: as many as
///          can be
struct BenchOptions {
  enum class Command : std::uint8_t { help, send, receive, flood };

  Command command = Command::help;
  std::string host, port = "25826";
  std::size_t series = 10'000, hosts = 1'000, plugins = 20;
  std::optional<double> rate;
  double interval = 10;  // seconds
  double duration = 0;   // seconds; 0: until somebody ends it
  network::Trust level = network::Trust::none;
  std::string user, password, auth_file;
  std::size_t packet_size = 1452;
  std::size_t sockets = 1;
  int buffer = 16 << 20;  // bytes
  Flood flood = Flood::random;
};

/// The command line cannot be understood, or what it asks for cannot be done.
class BenchError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Errors  throws BenchError
BenchOptions parse_options(int count, char** arguments);

extern const char kUsage[];

}  // namespace vital::bench

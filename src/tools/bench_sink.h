// SPDX-License-Identifier: MIT
#pragma once
#include <map>
#include <string>

#include "lib/network_crypt.h"
#include "lib/network_parser.h"

namespace vital::bench {

/// Reads packets and counts what they hold.
///
/// Threads  one
class Sink {
 public:
  struct Counts {
    std::uint64_t packets = 0, octets = 0, values = 0, notifications = 0;
    std::uint64_t malformed = 0, unknown_user = 0, bad_signature = 0;  // packets
    std::uint64_t unprotected = 0;                                     // values and notifications
    std::uint64_t incomplete = 0;                                      // values that lack a name
  };

  /// `required`: what is protected less is not counted as received.
  explicit Sink(network::Trust required) noexcept : required_{required} {}

  /// Errors  throws BenchError: no memory for the key
  void add_user(std::string_view user, std::string_view password);
  void packet(network::MutableBytes bytes) noexcept;
  const Counts& counts() const noexcept { return counts_; }

 private:
  friend class network::PacketParser<Sink>;

  // What the parser tells.
  void values(const network::Fields& fields, const network::WireValues& values) noexcept;
  void notification(const network::Fields&, std::string_view) noexcept { ++counts_.notifications; }
  bool verifies() const noexcept { return !users_.empty(); }
  network::Verdict verify(const network::Signed& part) noexcept;
  network::Verdict decrypt(const network::Encrypted& part) noexcept;
  void trusted(std::string_view, network::Trust) noexcept {}
  void skipped(network::PartType type) noexcept;

  const network::Trust required_;
  network::Crypt crypt_;
  std::map<std::string, network::Key, std::less<>> users_;
  Counts counts_;
};

}  // namespace vital::bench

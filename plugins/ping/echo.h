// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <span>
#include <string>

#include "base/result.h"
#include "ping/tally.h"

namespace vital::ping {

/// Sends echo requests to the hosts that it knows and waits for their replies. A host is called by
/// its place in the configuration.
///
/// Threads  one; every call may block for as long as the network or a name server likes
class Echo {
 public:
  virtual ~Echo() = default;

  /// Looks the host's address up and knows it from then on.
  virtual Status add(std::size_t host, const std::string& name) = 0;
  /// Looks the address of a known host up anew. A failure leaves the old one, if it can.
  virtual Status renew(std::size_t host, const std::string& name) = 0;
  virtual void forget(std::size_t host, const std::string& name) = 0;
  virtual bool knows(std::size_t host) const = 0;

  /// One request to each known host, all at once. `answers` has a place for every host.
  ///
  /// Errors  some or all of the requests could not be sent; the answers say which
  virtual Status round(std::span<Answer> answers) = 0;
};

}  // namespace vital::ping

// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/time.h"
#include "rrdcached/place.h"
#include "rrdcached/reply.h"

namespace vital::rrdcached {

/// Talks to the daemon over one connection, which is made when it is needed and kept.
///
/// Errors   temporary, timed_out and the system's: the connection is closed, and what came of the
///          commands is not known; refused: the daemon's answer is an error
/// Threads  one
class Client {
 public:
  explicit Client(Place place) noexcept : place_{std::move(place)} {}

  /// Sends commands, each with its line end, as one batch; says which of them failed.
  Status batch(std::string_view commands, std::vector<Complaint>& complaints) noexcept;
  /// Sends one command; the lines that follow on its answer are added to `lines`.
  Status command(std::string_view text, std::vector<std::string>& lines) noexcept;
  /// Makes the connection if there is none.
  Status connect() noexcept;

 private:
  Status connect_to(int family, const void* address, unsigned size) noexcept;
  Status exchange(std::string_view text, std::vector<Complaint>& complaints) noexcept;
  Status ask(std::string_view text, std::vector<std::string>& lines) noexcept;
  Status send(std::string_view text) noexcept;
  Status wait(short events) noexcept;
  Result<std::string> line() noexcept;
  Status closing(Status status) noexcept;

  const Place place_;
  Fd socket_;
  std::string received_;  // and not yet read
  std::size_t read_ = 0;  // of received_
  Steady deadline_{};     // of what is being done
};

}  // namespace vital::rrdcached

// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <optional>

namespace vital::ping {

/// What became of one echo request.
struct Answer {
  bool sent = false;                     // false: it could not even be sent
  std::optional<double> milliseconds{};  // until the reply; nothing: none came in time
};

/// What was seen of one host: how many requests, how many replies, and how long those took.
///
/// Threads  a plain value
class Tally {
 public:
  /// A request that was not sent does not count.
  void count(const Answer& answer) noexcept;

  std::uint32_t sent() const noexcept { return sent_; }
  std::uint32_t received() const noexcept { return received_; }
  /// Of the replies, in milliseconds. NaN: there was none.
  double average() const noexcept;
  /// Of the replies as a sample, in milliseconds. 0: there was one; NaN: none.
  double deviation() const noexcept;
  /// The share of requests without a reply, from 0 to 1. NaN: nothing was sent.
  double drop_rate() const noexcept;

 private:
  std::uint32_t sent_ = 0, received_ = 0;
  double mean_ = 0;     // of the replies so far
  double squares_ = 0;  // of their distances from the mean, added up as they come (Welford)
};

}  // namespace vital::ping

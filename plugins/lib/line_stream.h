// SPDX-License-Identifier: MIT
#pragma once
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "lib/endpoint.h"
#include "lib/failover.h"

namespace vital {

/// Sends batches of lines to a server that never answers, and finds out which have arrived. The
/// part of such a writer that knows the network: it keeps the contract of Writer.
///
/// Over TCP a batch has arrived when the peer's kernel has acknowledged all of it and the
/// connection still stood half a second later: bytes that a server did not read before it died come
/// back as a reset. Over UDP it has when no refusal came back within a tenth of a second. When the
/// connection breaks, everything else is lost, and the outlet writes it again.
///
/// A peer that takes nothing for as long as `timeout` is given up. Nothing here waits for longer
/// than it takes to connect, which is 3 s at most.
///
/// Errors   temporary, timed_out
/// Threads  none of its own: whoever owns it serialises
class LineStream {
 public:
  struct Settings {
    std::vector<Endpoint> targets;  // the first is the one that is wanted
    Transport transport = Transport::tcp;
    Nanoseconds timeout = std::chrono::seconds{10};
    Nanoseconds reconnect_interval{};  // zero: a connection is kept for as long as it stands
    Nanoseconds fail_back = std::chrono::seconds{60};
  };

  LineStream(Settings settings, const Clock& clock, Log log);
  ~LineStream();

  /// Before each batch. Connects if need be.
  Status begin() noexcept;
  /// Where the lines of the batch go. Each ends with a '\n'.
  std::string& text() noexcept { return text_; }
  /// Behind each batch. What is large enough to be sent is sent.
  void end() noexcept;
  /// Sends what has not been sent yet.
  void push() noexcept;

  /// As Writer has it.
  Status settle(std::uint64_t& arrived) noexcept;
  Nanoseconds settle_pause() const noexcept;

 private:
  struct Mark {
    std::uint64_t end;  // of the batch, in bytes of this connection
    Steady sent{};      // when the last byte of it was handed to the kernel
  };

  bool is_tcp() const noexcept { return settings_.transport == Transport::tcp; }
  Nanoseconds grace() const noexcept;
  std::uint64_t position() const noexcept { return base_ + sent_; }
  bool should_renew(Steady now) const noexcept;
  Status connect() noexcept;
  Status connect_to_one(std::size_t which, Nanoseconds limit) noexcept;
  Status make_room() noexcept;
  void send(bool all) noexcept;
  std::size_t packet_at(bool all) const noexcept;
  void note_sent(std::size_t count) noexcept;
  void look() noexcept;
  bool look_is_due() noexcept;
  std::uint64_t acknowledged() const noexcept;
  std::uint64_t take_arrived(std::uint64_t acknowledged, Steady before) noexcept;
  void broken(int number, bool orderly = false) noexcept;
  void disconnect() noexcept;

  const Settings settings_;
  const Clock& clock_;
  const Log log_;
  Failover failover_;
  Fd socket_;
  std::size_t which_ = 0;  // of the targets
  std::string peer_;
  std::string text_;        // what is not sent yet, behind what is
  std::size_t sent_ = 0;    // of text_
  std::uint64_t base_ = 0;  // where text_ begins, in bytes of this connection
  std::deque<Mark> marks_;  // batches that have not arrived yet
  std::uint64_t arrived_ = 0;
  std::optional<Error> error_;  // why the connection broke; the batches of it are lost
  Steady connected_{};
  Steady progress_{};             // when the peer took something, or had nothing to take
  std::uint64_t last_taken_ = 0;  // up to where, then
  Steady next_look_{};            // it costs system calls: not for each of many batches
};

}  // namespace vital

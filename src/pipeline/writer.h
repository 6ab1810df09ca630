// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <string>

#include "model/batch.h"
#include "model/notification.h"

namespace vital {

/// What a writer is asked to write out.
struct FlushRequest {
  Span older_than{};       // only what has waited at least that long
  std::string identifier;  // only this series; empty: all

  bool wants(std::string_view name) const noexcept {
    return identifier.empty() || identifier == name;
  }
};

/// Sends values somewhere. Queue, retry and thread belong to its outlet: it only encodes and sends.
///
/// Errors   temporary, timed_out: try the batch again later; refused, malformed: it is lost.
///          A writer that can deliver part of a batch counts what it could not in its Ledger and
///          returns success.
/// Threads  one at a time
class Writer {
 public:
  virtual ~Writer() = default;
  virtual Status write(const Batch& batch) noexcept = 0;
  /// True: that write() took a batch does not mean yet that it has arrived; settle() tells.
  virtual bool settles_later() const noexcept { return false; }
  /// How many of the batches that write() took have arrived since the last call, oldest first, is
  /// added to `arrived`. Asked again and again while some have not.
  ///
  /// Errors   those that have not arrived by now are lost on the way and will be written again;
  ///          when they were refused (refused, malformed, ...) each by itself, to find out which
  virtual Status settle(std::uint64_t& /*arrived*/) noexcept { return {}; }
  /// How long it takes at least until settle() may know more.
  virtual Nanoseconds settle_pause() const noexcept { return std::chrono::milliseconds{100}; }
  /// After a failure: for how long the far end asked to be left alone. Zero: it said nothing.
  virtual Nanoseconds asked_pause() const noexcept { return {}; }
  /// Writes out what it still holds.
  virtual Status flush(const FlushRequest&) noexcept { return {}; }
  /// Nothing more waits to be written for now: the moment to send what is not quite full.
  virtual void idle() noexcept {}
  /// The daemon stops and cannot wait any longer: write() and its kin are to come back with what
  /// they have. Called by another thread, once.
  virtual void hurry() noexcept {}
  /// For writers that hold values back: the moment when they want to be woken to write some out.
  /// While batches wait those come first, but for no longer than a tenth of a second.
  virtual Steady next_wake() const noexcept { return Steady::max(); }
  virtual void wake() noexcept {}
};

/// Hears of notifications.
///
/// Errors   temporary, timed_out: an outlet tries again later; others: it is lost
/// Threads  one at a time; an immediate one is called by whichever thread raised the notification
class Notifier {
 public:
  virtual ~Notifier() = default;
  virtual Status notify(const Notification& notification) noexcept = 0;
  /// As a writer's.
  virtual Nanoseconds asked_pause() const noexcept { return {}; }
  virtual void hurry() noexcept {}
};

}  // namespace vital

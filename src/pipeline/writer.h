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
  /// Errors   those that have not arrived by now are lost on the way and will be written again
  virtual Status settle(std::uint64_t& /*arrived*/) noexcept { return {}; }
  /// Writes out what it still holds.
  virtual Status flush(const FlushRequest&) noexcept { return {}; }
  /// Nothing more waits to be written for now: the moment to send what is not quite full.
  virtual void idle() noexcept {}
  /// For writers that hold values back: the moment when they want to be woken to write some out.
  /// While batches wait those come first, but for no longer than a tenth of a second.
  virtual Steady next_wake() const noexcept { return Steady::max(); }
  virtual void wake() noexcept {}
};

/// Hears of notifications.
///
/// Threads  one at a time; an immediate one is called by whichever thread raised the notification
class Notifier {
 public:
  virtual ~Notifier() = default;
  virtual Status notify(const Notification& notification) noexcept = 0;
};

}  // namespace vital

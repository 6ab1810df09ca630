// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <string_view>

#include "base/time.h"

namespace vital {

/// Keeps an outlet from asking a far end that fails again and again. Closed: all goes on. Open: it
/// failed, and nothing is tried until the next probe. Probing: one batch is tried; it closes the
/// breaker, or opens it for longer.
///
/// Each failure doubles the longest pause, up to a limit; the pause itself is anywhere below, so
/// that a thousand hosts do not come back to a server in the same moment.
///
/// Threads  none of its own: whoever owns it serialises
class Breaker {
 public:
  enum class State : std::uint8_t { closed, open, probing };

  Breaker(Span first, Span longest, std::uint64_t seed) noexcept
      : first_{nanoseconds(first)}, longest_{nanoseconds(longest)}, random_{seed} {}

  /// It failed. `asked`: for how long the far end wants to be left alone; no less.
  void open(Steady now, Nanoseconds asked = Nanoseconds::zero()) noexcept;
  /// The time of the pause is over.
  void probe() noexcept;
  /// It worked.
  void close() noexcept;

  void set_pauses(Span first, Span longest) noexcept {
    first_ = nanoseconds(first);
    longest_ = nanoseconds(longest);
  }

  State state() const noexcept { return state_; }
  /// While it is open.
  Steady next_probe() const noexcept { return next_probe_; }

 private:
  Nanoseconds pause() noexcept;

  Nanoseconds first_, longest_;
  std::uint64_t random_;
  std::uint64_t failures_ = 0;  // in a row
  State state_ = State::closed;
  Steady next_probe_{};
};

/// "closed", "open", "probing".
std::string_view name_of(Breaker::State state) noexcept;

}  // namespace vital

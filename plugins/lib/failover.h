// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <utility>

#include "base/time.h"

namespace vital {

/// Which of several targets to use: the first of all; while that fails the next one that works; and
/// the first again as soon as it is back, which is tried from time to time.
///
/// Threads  none of its own: whoever owns it serialises
class Failover {
 public:
  Failover(std::size_t count, Nanoseconds fail_back) noexcept
      : count_{count}, fail_back_{fail_back} {}

  /// Another one is in use, and it is time to see whether the first is back.
  bool is_due(Steady now) const noexcept { return current_ != 0 && now >= next_look_; }
  /// Which to try now.
  std::size_t pick(Steady now) const noexcept { return is_due(now) ? 0 : current_; }
  void failed(std::size_t which, Steady now) noexcept {
    if (which == 0) next_look_ = now + fail_back_;
    if (which == current_) current_ = (current_ + 1) % count_;
  }
  /// True: another than before is in use.
  bool works(std::size_t which) noexcept {
    current_ = which;
    return std::exchange(in_use_, which) != which;
  }
  std::size_t count() const noexcept { return count_; }

 private:
  const std::size_t count_;
  const Nanoseconds fail_back_;
  std::size_t current_ = 0;
  std::size_t in_use_ = 0;  // the one that worked last
  Steady next_look_{};
};

}  // namespace vital

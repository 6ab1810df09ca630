// SPDX-License-Identifier: MIT
#pragma once
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"

namespace vital {

/// What is usual for a value at an hour of the day: mean and deviation of what it was in the same
/// hour of past days. Hours are those of UTC, so that no clock change moves them.
///
/// Threads  a plain value
class Band {
 public:
  struct Usual {
    double mean, deviation;
    unsigned days;  // with values in that hour
  };

  explicit Band(unsigned days);

  void add(Time time, double value) noexcept;
  /// The hour of that time on the `days` days before it; nothing: there were no values.
  std::optional<Usual> usual(Time time, unsigned days) const noexcept;
  unsigned days() const noexcept { return days_; }

  /// All hours as bytes, and back; hours that make no sense are left out.
  void save(ByteWriter& out) const;
  void restore(ByteReader& in) noexcept;

 private:
  struct Hour {
    std::uint64_t number = 0;  // hours since 1970; 0: free
    double n = 0, mean = 0, squares = 0;
  };

  const unsigned days_;
  std::vector<Hour> hours_;  // a ring of days_ + 1 days
};

}  // namespace vital

// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <vector>

namespace vital::journal {

/// A point between two entries of a journal: how many entries, and how many values, were put into
/// it before, since it exists.
struct Place {
  std::uint64_t entries = 0, values = 0;
  bool operator==(const Place&) const noexcept = default;
};

/// One entry, or several that follow each other.
struct Stretch {
  Place begin, end;
  std::uint64_t values() const noexcept { return end.values - begin.values; }
  bool empty() const noexcept { return begin.entries >= end.entries; }
  bool operator==(const Stretch&) const noexcept = default;
};

/// Which entries nobody need deliver any more: delivered, dropped or lost. Everything before low(),
/// and some stretches behind it. Each value is settled once, whoever says so how often.
///
/// Threads  none of its own: whoever owns it serialises
class Settled {
 public:
  Settled() = default;
  explicit Settled(Place low) noexcept : low_{low} {}

  /// How many values were not settled before.
  std::uint64_t settle(Stretch stretch);
  bool covers(const Stretch& stretch) const noexcept;
  /// The first place at or behind `place` that is not settled.
  Place skip(Place place) const noexcept;

  Place low() const noexcept { return low_; }
  /// Sorted, apart from each other and from low().
  const std::vector<Stretch>& behind() const noexcept { return behind_; }
  /// How many values before `end` are not settled.
  std::uint64_t waiting(Place end) const noexcept;

 private:
  Place low_;
  std::vector<Stretch> behind_;
};

}  // namespace vital::journal

// SPDX-License-Identifier: MIT
#pragma once
#include <vector>

#include "model/series.h"

namespace vital::network {

/// Whether a series has exactly this name.
bool is_named(const SeriesInfo& series, const Identifier& identifier) noexcept;

/// Finds series by the five texts of their name, without the table's lock and without putting the
/// name together. It holds no series: those that left the table are found no more, and a sweep
/// forgets them.
///
/// Threads  one. The caller holds an Era while it looks at what it finds, and takes it before
class SeriesIndex {
 public:
  using PeerId = std::uint16_t;

  SeriesInfo* find(std::uint64_t hash, const Identifier& identifier) const noexcept;
  /// `peer`: who brought it.
  void insert(std::uint64_t hash, SeriesInfo& series, PeerId peer);
  /// Looks at the next so many slots and forgets the series that are gone, telling who had
  /// brought them.
  template <typename Gone>
  void sweep(std::size_t count, Gone&& gone) noexcept;

  std::size_t size() const noexcept { return used_; }
  std::size_t capacity() const noexcept { return slots_.size(); }

 private:
  struct Slot {
    SeriesInfo* series = nullptr;
    std::uint32_t hash = 0;
    PeerId peer = 0;
    std::uint16_t generation = 0;  // the lower half of the series'
  };

  bool is_gone(const Slot& slot) const noexcept;
  void grow();
  void place(const Slot& slot) noexcept;
  void erase(std::size_t at) noexcept;

  std::vector<Slot> slots_;  // a power of two of them, or none
  std::size_t used_ = 0;
  std::size_t swept_ = 0;  // where the next sweep begins
};

inline bool SeriesIndex::is_gone(const Slot& slot) const noexcept {
  return slot.series->retired() ||
         slot.generation != static_cast<std::uint16_t>(slot.series->generation());
}

template <typename Gone>
void SeriesIndex::sweep(std::size_t count, Gone&& gone) noexcept {
  for (; count != 0 && !slots_.empty(); --count) {
    const std::size_t at = swept_++ & (slots_.size() - 1);
    while (slots_[at].series != nullptr && is_gone(slots_[at])) {
      gone(slots_[at].peer);
      erase(at);  // the next one may move here
    }
  }
}

}  // namespace vital::network

// SPDX-License-Identifier: MIT
#pragma once
#include <vector>

#include "base/pages.h"
#include "base/ring.h"
#include "model/series.h"

namespace vital::network {

/// Whether a series has exactly this name.
bool is_named(const SeriesInfo& series, const Identifier& identifier) noexcept;

/// Finds series by the five texts of their name, without the table's lock and without putting the
/// name together. It holds no series: those that left the table are found no more, and a sweep
/// forgets them.
///
/// They stand in the order in which they came first, and a peer sends its own in the same order
/// again and again: so each is looked for behind the one before, and those behind it are fetched
/// from memory meanwhile. With many series most of the time would be spent waiting for that.
///
/// Threads  one. The caller holds an Era while it looks at what it finds, and takes it before
class SeriesIndex {
 public:
  using PeerId = std::uint16_t;
  using Place = std::uint32_t;

  /// `expected`: where it will probably stand; afterwards, where the next one will.
  SeriesInfo* find(std::uint64_t hash, const Identifier& identifier, Place& expected) noexcept;
  /// `peer`: who brought it.
  void insert(std::uint64_t hash, SeriesInfo& series, PeerId peer, Place& expected);
  /// Looks at the next so many places and forgets the series that are gone, telling who had
  /// brought them.
  template <typename Gone>
  void sweep(std::size_t count, Gone&& gone);

  std::size_t size() const noexcept { return used_; }
  std::size_t capacity() const noexcept { return entries_.size(); }

 private:
  struct Entry {
    SeriesInfo* series = nullptr;
    std::uint32_t hash = 0;
    PeerId peer = 0;
    std::uint16_t generation = 0;  // the lower half of the series'
  };
  struct Slot {
    std::uint32_t hash = 0;
    Place place = kNone;  // kNone: free
  };
  static constexpr Place kNone = ~Place{0};

  bool is(Place place, std::uint32_t hash, const Identifier& identifier) const noexcept;
  Place place_of(std::uint32_t hash, const Identifier& identifier) const noexcept;
  void fetch_behind(Place place) const noexcept;
  bool is_gone(const Entry& entry) const noexcept;
  Place new_place();
  void grow();
  void put(const Slot& slot) noexcept;
  void erase(Place place) noexcept;

  Pages<Entry> entries_;
  Ring<Place> free_;         // of the first top_ places
  Place top_ = 0;            // where entries were never used
  std::vector<Slot> slots_;  // a power of two of them, or none
  std::size_t used_ = 0;
  std::size_t swept_ = 0;  // where the next sweep begins
};

inline bool SeriesIndex::is_gone(const Entry& entry) const noexcept {
  return entry.series->retired() ||
         entry.generation != static_cast<std::uint16_t>(entry.series->generation());
}

template <typename Gone>
void SeriesIndex::sweep(std::size_t count, Gone&& gone) {
  for (; count != 0 && top_ != 0; --count) {
    const auto place = static_cast<Place>(swept_++ % top_);
    const Entry& entry = entries_[place];
    if (entry.series == nullptr || !is_gone(entry)) continue;
    gone(entry.peer);
    erase(place);
  }
}

}  // namespace vital::network

// SPDX-License-Identifier: MIT
#pragma once
#include <memory>
#include <span>
#include <vector>

#include "base/pages.h"
#include "model/batch.h"
#include "pipeline/remembered.h"

namespace vital {

/// The last values and rates of every series that is alive.
///
/// Threads  none of its own: the pipeline serialises
class ValueCache {
 public:
  /// One series' entry as others see it.
  struct Entry {
    const SeriesInfo& series;
    Time time;  // of the last value
    Span interval;
    Steady updated;  // when it arrived here
    std::span<const double> rates;
  };
  enum class Update : std::uint8_t { stored, too_old };

  /// Stores a sample's values and computes its rates: a value outside its data source's bounds
  /// has none. An entry whose time lies in the future of `wall` gives way to a sane one.
  Update update(SeriesInfo& series, const Sample& sample, std::span<double> rates, Steady now,
                Time wall);

  /// The series will be updated soon: with very many of them its entry is far away.
  void fetch(const SeriesInfo& series) const noexcept {
    if (series.index() < slots_.size()) __builtin_prefetch(&slots_[series.index()], 1);
  }

  /// The wall clock was set back to `wall`: entries of what is now the future begin anew.
  void clock_went_back(Time wall) noexcept;

  /// Takes out the entries that were not updated for `patience` of their intervals, telling
  /// `missing` of each while it still exists.
  template <typename Missing>
  void expire(Steady now, std::int64_t patience, Missing&& missing);
  /// The series that expire() took out since the last call; nobody else need hold them for long.
  std::vector<SeriesInfo*> take_expired() { return std::exchange(expired_, {}); }

  // Over a restart.

  /// Writes the entries whose series have an index from `from` to before `to`. False: there are
  /// none behind them.
  bool save(std::size_t from, std::size_t to, ByteWriter& out) const;
  /// What is remembered from before the start.
  RememberedValues& remembered() noexcept { return remembered_; }

  std::size_t size() const noexcept { return size_; }
  bool contains(const SeriesInfo& series) const noexcept { return slot_of(series) != nullptr; }
  /// The entry, or nothing.
  template <typename Visit>
  bool visit(const SeriesInfo& series, Visit&& visit) const;
  /// All series, sorted by name, with the time of their last value.
  struct Listed {
    const SeriesInfo* series;
    Time time;
  };
  void list(std::vector<Listed>& result);

 private:
  struct Cell {
    Value value;
    double rate;
  };
  struct alignas(64) Slot {
    SeriesInfo* series = nullptr;  // nullptr: free
    Time time;
    Steady updated;
    Span interval{};
    Cell one{};                    // the only data source's
    std::unique_ptr<Cell[]> more;  // or all of them
    std::span<Cell> cells() noexcept;
    std::span<const Cell> cells() const noexcept;
  };

  Slot& claim(SeriesInfo& series);
  void release(Slot& slot) noexcept;
  void recall(Slot& slot, Time now);
  const Slot* slot_of(const SeriesInfo& series) const noexcept;
  static Entry entry_of(const Slot& slot, std::vector<double>& rates);

  Pages<Slot> slots_;  // by series index
  std::size_t size_ = 0;
  std::vector<SeriesInfo*> expired_;
  std::vector<const SeriesInfo*> sorted_;
  bool sorted_valid_ = false;
  mutable std::vector<double> rates_;  // what entry_of() hands out
  RememberedValues remembered_;
};

template <typename Missing>
void ValueCache::expire(Steady now, std::int64_t patience, Missing&& missing) {
  slots_.each([&](Slot& slot) {
    if (slot.series == nullptr) return;
    if (span_of(std::chrono::duration_cast<Nanoseconds>(now - slot.updated)) <
        slot.interval * patience)
      return;
    missing(entry_of(slot, rates_));
    release(slot);
  });
}

template <typename Visit>
bool ValueCache::visit(const SeriesInfo& series, Visit&& visit) const {
  const Slot* const slot = slot_of(series);
  if (slot == nullptr) return false;
  visit(entry_of(*slot, rates_));
  return true;
}

}  // namespace vital

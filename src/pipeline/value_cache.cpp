// SPDX-License-Identifier: MIT
#include "pipeline/value_cache.h"

#include <algorithm>
#include <limits>

#include "model/rate.h"

namespace vital {
namespace {

constexpr Span kFuture = span_of_seconds(60);  // further ahead than clocks of a network ever are

}  // namespace

std::span<ValueCache::Cell> ValueCache::Slot::cells() noexcept {
  const std::size_t count = series->type().size();
  return count == 1 ? std::span{&one, 1} : std::span{more.get(), count};
}

std::span<const ValueCache::Cell> ValueCache::Slot::cells() const noexcept {
  const std::size_t count = series->type().size();
  return count == 1 ? std::span{&one, 1} : std::span<const Cell>{more.get(), count};
}

ValueCache::Slot& ValueCache::claim(SeriesInfo& series) {
  slots_.reach(series.index());
  Slot& slot = slots_[series.index()];
  slot.series = Series{&series}.release();
  slot.time = Time{};
  if (const std::size_t count = series.type().size(); count > 1)
    slot.more = std::make_unique<Cell[]>(count);
  ++size_;
  sorted_valid_ = false;
  return slot;
}

void ValueCache::release(Slot& slot) noexcept {
  expired_.push_back(slot.series);
  const Series held = Series::adopt(std::exchange(slot.series, nullptr));  // until here
  slot.more.reset();
  --size_;
  sorted_valid_ = false;
}

const ValueCache::Slot* ValueCache::slot_of(const SeriesInfo& series) const noexcept {
  if (series.index() >= slots_.size()) return nullptr;
  const Slot& slot = slots_[series.index()];
  return slot.series == &series ? &slot : nullptr;
}

ValueCache::Update ValueCache::update(SeriesInfo& series, const Sample& sample,
                                      std::span<double> rates, Steady now, Time wall) {
  Slot* slot = const_cast<Slot*>(slot_of(series));
  bool fresh = slot == nullptr || slot->time == Time{};
  if (slot == nullptr) {
    slot = &claim(series);
    if (!remembered_.empty()) recall(*slot, sample.time);
    fresh = slot->time == Time{};
  } else if (!fresh && sample.time <= slot->time) {
    if (slot->time <= wall + kFuture || sample.time > wall + kFuture) return Update::too_old;
    fresh = true;
  }
  const auto& sources = series.type().sources;
  const std::span<Cell> cells = slot->cells();
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const Kind kind = sources[i].kind;
    double rate =
        fresh ? first_rate(kind, sample.values[i], sample.interval)
              : rate_between(kind, cells[i].value, sample.values[i], sample.time - slot->time);
    if (!sources[i].allows(rate)) rate = std::numeric_limits<double>::quiet_NaN();
    cells[i] = {sample.values[i], rate};
    rates[i] = rate;
  }
  slot->time = sample.time;
  slot->updated = now;
  slot->interval = sample.interval;
  return Update::stored;
}

/// Goes on from the totals of before the restart, if they are still good.
void ValueCache::recall(Slot& slot, Time now) {
  std::vector<Value> values(slot.series->type().size());
  Time time;
  if (!remembered_.take(*slot.series, now, time, values)) return;
  slot.time = time;
  const std::span<Cell> cells = slot.cells();
  for (std::size_t i = 0; i < cells.size(); ++i) cells[i].value = values[i];
}

bool ValueCache::save(std::size_t from, std::size_t to, ByteWriter& out) const {
  std::vector<Value> values;
  for (std::size_t at = from; at < std::min(to, slots_.size()); ++at) {
    const Slot& slot = slots_[at];
    if (slot.series == nullptr || slot.time == Time{}) continue;
    values.clear();
    for (const Cell& cell : slot.cells()) values.push_back(cell.value);
    RememberedValues::write(*slot.series, {slot.time, slot.interval, values}, out);
  }
  return to < slots_.size();
}

void ValueCache::clock_went_back(Time wall) noexcept {
  slots_.each([&](Slot& slot) {
    if (slot.series != nullptr && slot.time > wall) slot.time = Time{};
  });
}

ValueCache::Entry ValueCache::entry_of(const Slot& slot, std::vector<double>& rates) {
  rates.clear();
  for (const Cell& cell : slot.cells()) rates.push_back(cell.rate);
  return {*slot.series, slot.time, slot.interval, slot.updated, rates};
}

void ValueCache::list(std::vector<Listed>& result) {
  if (!sorted_valid_) {
    sorted_.clear();
    slots_.each([&](const Slot& slot) {
      if (slot.series != nullptr) sorted_.push_back(slot.series);
    });
    std::sort(sorted_.begin(), sorted_.end(),
              [](const SeriesInfo* a, const SeriesInfo* b) { return a->name() < b->name(); });
    sorted_valid_ = true;
  }
  result.clear();
  for (const SeriesInfo* series : sorted_) result.push_back({series, slots_[series->index()].time});
}

}  // namespace vital

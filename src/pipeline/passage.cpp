// SPDX-License-Identifier: MIT
#include <limits>

#include "pipeline/filter.h"
#include "pipeline/router.h"
#include "pipeline/value_cache.h"

namespace vital {

std::span<const double> Passage::rates() const noexcept {
  if (behind_cache_) return batch_.rates(at_);
  std::span<const double> known;
  around_.cache.visit(series(), [&](const ValueCache::Entry& entry) { known = entry.rates; });
  return known;
}

double Passage::rate(std::size_t source) const noexcept {
  const Sample value = sample();
  if (value.kind(source) == Kind::gauge) return value.values[source].gauge;
  const auto known = rates();
  return source < known.size() ? known[source] : std::numeric_limits<double>::quiet_NaN();
}

void Passage::rename(SeriesInfo& series) noexcept {
  around_.router.changing(at_);
  batch_.rename(at_, series);
}

std::span<Value> Passage::change_values() noexcept {
  around_.router.changing(at_);
  return batch_.values(at_);
}

std::span<double> Passage::change_rates() noexcept {
  around_.router.changing(at_);
  return batch_.rates(at_);
}

void Passage::change_meta(std::shared_ptr<const Meta> meta) noexcept {
  around_.router.changing(at_);
  batch_.set_meta(at_, std::move(meta));
}

void Passage::write(std::size_t route) noexcept {
  if (!behind_cache_) {
    // No rates were computed for it yet; its writers get those that are known all the same.
    const auto rates = batch_.rates(at_);
    for (std::size_t i = 0; i < rates.size(); ++i) rates[i] = rate(i);
  }
  around_.router.write(at_, route);
}

Status Passage::submit(SeriesInfo& series, std::span<const Value> values) noexcept {
  if (!around_.later) {
    around_.later = std::make_shared<Batch>();
    around_.later->begin_like(batch_);
  }
  const Sample value = sample();
  return around_.later->add_at(series, value.time, value.interval, values);
}

}  // namespace vital

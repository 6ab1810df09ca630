// SPDX-License-Identifier: MIT
#include "model/batch.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace vital {
namespace {

/// Rounds to the nearest integer; what no integer can hold becomes the nearest that can be held.
std::int64_t to_integer(double real) noexcept {
  using Limits = std::numeric_limits<std::int64_t>;
  constexpr double kEnd = 9223372036854775808.0;  // 2^63
  if (std::isnan(real)) return 0;
  if (real >= kEnd) return Limits::max();
  if (real < -kEnd) return Limits::min();
  return std::llround(real);
}

std::uint64_t to_natural(double real) noexcept {
  constexpr double kEnd = 18446744073709551616.0;  // 2^64
  if (!(real > 0)) return 0;
  if (real >= kEnd) return std::numeric_limits<std::uint64_t>::max();
  return static_cast<std::uint64_t>(std::round(real));
}

}  // namespace

Value Number::as(Kind kind) const noexcept {
  if (kind == Kind::gauge) {
    switch (form_) {
      case Form::real:
        return {.gauge = real_};
      case Form::natural:
        return {.gauge = static_cast<double>(natural_)};
      case Form::integer:
        return {.gauge = static_cast<double>(integer_)};
    }
  }
  if (form_ == Form::real) {
    if (kind == Kind::derive) return {.derive = to_integer(real_)};
    return {.counter = to_natural(real_)};
  }
  return {.counter = natural_};  // the same bits, whether signed or not
}

void Batch::begin(Time time, Span interval, std::shared_ptr<Era> era) noexcept {
  time_ = time;
  interval_ = interval;
  era_ = std::move(era);
  entries_.clear();
  values_.clear();
  rates_.clear();
  extras_.clear();
  metas_.clear();
  received_ = false;
}

void Batch::append(SeriesInfo& series, std::size_t count, std::uint32_t extra) noexcept {
  entries_.push_back({&series, static_cast<std::uint32_t>(values_.size()), extra});
  values_.resize(values_.size() + count);
  rates_.resize(values_.size(), std::numeric_limits<double>::quiet_NaN());
}

Status Batch::add(const Series& series, std::span<const Number> numbers) noexcept {
  const auto& sources = series->type().sources;
  if (numbers.size() != sources.size()) return Error{Errc::malformed, series->name()};
  const std::size_t first = values_.size();
  append(*series.get(), numbers.size(), kNone);
  for (std::size_t i = 0; i < numbers.size(); ++i)
    values_[first + i] = numbers[i].as(sources[i].kind);
  return {};
}

Status Batch::add_at(SeriesInfo& series, Time time, Span interval, std::span<const Value> values,
                     std::shared_ptr<const Meta> meta) noexcept {
  if (values.size() != series.type().size()) return Error{Errc::malformed, series.name()};
  std::uint32_t extra = kNone;
  if (time != time_ || interval != interval_ || meta != nullptr)
    extra = extra_of(time, interval, std::move(meta));
  const std::size_t first = values_.size();
  append(series, values.size(), extra);
  std::copy(values.begin(), values.end(), values_.begin() + static_cast<std::ptrdiff_t>(first));
  return {};
}

/// What a peer sends in one burst has much in common: a new entry only where something differs.
std::uint32_t Batch::extra_of(Time time, Span interval, std::shared_ptr<const Meta> meta) noexcept {
  Extra extra{time, interval, kNone};
  if (meta != nullptr) {
    if (metas_.empty() || metas_.back() != meta) metas_.push_back(std::move(meta));
    extra.meta = static_cast<std::uint32_t>(metas_.size() - 1);
  }
  if (extras_.empty() || extras_.back() != extra) extras_.push_back(extra);
  return static_cast<std::uint32_t>(extras_.size() - 1);
}

void Batch::begin_like(const Batch& other) noexcept {
  begin(other.time_, other.interval_, other.era_);
  received_ = other.received_;
}

void Batch::add_copy(const Batch& other, std::size_t at) noexcept {
  const Entry& entry = other.entries_[at];
  const std::size_t count = entry.series->type().size();
  std::uint32_t extra = kNone;
  if (entry.extra != kNone) {
    const Extra& theirs = other.extras_[entry.extra];
    extra = extra_of(theirs.time, theirs.interval,
                     theirs.meta == kNone ? nullptr : other.metas_[theirs.meta]);
  }
  const std::size_t first = values_.size();
  append(*entry.series, count, extra);
  std::copy_n(other.values_.data() + entry.offset, count, values_.data() + first);
  std::copy_n(other.rates_.data() + entry.offset, count, rates_.data() + first);
}

std::size_t Batch::bytes() const noexcept {
  return sizeof(Batch) + entries_.size() * sizeof(Entry) +
         values_.size() * (sizeof(Value) + sizeof(double)) + extras_.size() * sizeof(Extra);
}

Sample Batch::operator[](std::size_t at) const noexcept {
  const Entry& entry = entries_[at];
  const std::size_t count = entry.series->type().size();
  const Extra* const extra = entry.extra == kNone ? nullptr : &extras_[entry.extra];
  return {.series = *entry.series,
          .time = extra ? extra->time : time_,
          .interval = extra ? extra->interval : interval_,
          .values = {values_.data() + entry.offset, count},
          .rates = {rates_.data() + entry.offset, count},
          .meta = extra && extra->meta != kNone ? metas_[extra->meta].get() : nullptr};
}

std::span<Value> Batch::values(std::size_t at) noexcept {
  const Entry& entry = entries_[at];
  return {values_.data() + entry.offset, entry.series->type().size()};
}

void Batch::set_meta(std::size_t at, std::shared_ptr<const Meta> meta) noexcept {
  const Sample sample = (*this)[at];
  entries_[at].extra = extra_of(sample.time, sample.interval, std::move(meta));
}

std::span<double> Batch::rates(std::size_t at) noexcept {
  const Entry& entry = entries_[at];
  return {rates_.data() + entry.offset, entry.series->type().size()};
}

}  // namespace vital

// SPDX-License-Identifier: MIT
#include "pipeline/remembered.h"

#include <algorithm>

namespace vital {
namespace {

constexpr std::uint64_t kVersion = 1;
constexpr Span kLongestInterval = span_of_seconds(std::int64_t{366} * 86400);
constexpr Time kLatest{span_of_seconds(8'000'000'000)};  // leaves room for what is added to it

bool is_total(Kind kind) noexcept { return kind == Kind::derive || kind == Kind::counter; }

/// One entry behind its name.
struct Entry {
  std::string_view kinds;  // one byte a data source
  Time time;
  Span interval;
  std::string_view values;

  static Entry read(ByteReader& in) noexcept {
    Entry entry;
    entry.kinds = in.text();
    entry.time = Time{Span{in.fixed<std::int64_t>()}};
    entry.interval = Span{in.fixed<std::int64_t>()};
    entry.values = in.raw(entry.kinds.size() * sizeof(std::uint64_t));
    return entry;
  }
  bool is_sane() const noexcept {
    return !kinds.empty() && time > Time{} && time < kLatest && interval > Span::zero() &&
           interval <= kLongestInterval;
  }
  bool is_of(const DataSet& type) const noexcept {
    return std::equal(
        kinds.begin(), kinds.end(), type.sources.begin(), type.sources.end(),
        [](char kind, const DataSource& source) { return kind == static_cast<char>(source.kind); });
  }
};

}  // namespace

void RememberedValues::write_head(std::string_view boot, ByteWriter& out) {
  out.small(kVersion);
  out.text(boot);
}

void RememberedValues::write(const SeriesInfo& series, const Last& last, ByteWriter& out) {
  const auto& sources = series.type().sources;
  const bool any = std::any_of(sources.begin(), sources.end(),
                               [](const DataSource& source) { return is_total(source.kind); });
  if (!any) return;
  out.text(series.name());
  out.small(sources.size());
  for (const DataSource& source : sources) out.fixed(static_cast<std::uint8_t>(source.kind));
  out.fixed(last.time.time_since_epoch().count());
  out.fixed(last.interval.count());
  for (const Value value : last.values) out.fixed(value.counter);
}

Time RememberedValues::too_old(Time time, Span interval) const noexcept {
  const std::int64_t limit = std::min<std::int64_t>(
      patience_.intervals, kLongestInterval.count() / std::max<std::int64_t>(interval.count(), 1));
  return time + interval * limit + patience_.extra;
}

bool RememberedValues::load(std::string bytes, std::string_view boot, Patience patience) {
  forget();
  bytes_ = std::move(bytes);
  patience_ = patience;
  ByteReader in{bytes_};
  if (in.small() != kVersion || !in.ok()) return forget(), false;
  if (in.text() != boot) {
    const bool fine = in.ok();
    return forget(), fine;
  }
  while (in.ok() && in.left() != 0) {
    const std::string_view name = in.text();
    const std::size_t place = bytes_.size() - in.left();
    const Entry entry = Entry::read(in);
    if (!in.ok() || name.empty() || !entry.is_sane()) return forget(), false;
    places_[name] = place;
    until_ = std::max(until_, too_old(entry.time, entry.interval));
  }
  if (!in.ok()) return forget(), false;
  return true;
}

void RememberedValues::forget() noexcept {
  places_ = {};
  bytes_ = {};
  until_ = Time{};
}

bool RememberedValues::take(const SeriesInfo& series, Time now, Time& time,
                            std::span<Value> values) {
  const auto found = places_.find(series.name());
  if (found == places_.end()) return false;
  ByteReader in{std::string_view{bytes_}.substr(found->second)};
  places_.erase(found);
  const Entry entry = Entry::read(in);
  const bool good =
      entry.is_of(series.type()) && entry.time < now && now <= too_old(entry.time, entry.interval);
  if (!good) return false;
  time = entry.time;
  ByteReader totals{entry.values};
  for (Value& value : values) value.counter = totals.fixed<std::uint64_t>();
  return true;
}

}  // namespace vital

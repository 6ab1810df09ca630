// SPDX-License-Identifier: MIT
#pragma once
#include <initializer_list>
#include <iterator>
#include <memory>
#include <span>
#include <vector>

#include "base/time.h"
#include "model/meta.h"
#include "model/series.h"

namespace vital {

/// A number as its source has it. The data source it is meant for says how it counts, so a total
/// may be given for a derive, a counter or a gauge alike.
class Number {
 public:
  Number(double real) noexcept : form_{Form::real}, real_{real} {}
  template <typename Integer>
  requires std::is_integral_v<Integer> Number(Integer integer)
  noexcept {
    if constexpr (std::is_signed_v<Integer>)
      form_ = Form::integer, integer_ = integer;
    else
      form_ = Form::natural, natural_ = integer;
  }

  /// As the eight bytes of a value of that kind. A real that is no whole number is rounded.
  Value as(Kind kind) const noexcept;

 private:
  enum class Form : std::uint8_t { real, natural, integer };
  Form form_;
  union {
    double real_;
    std::uint64_t natural_;
    std::int64_t integer_;
  };
};

/// One series' values at one time, as a batch gives it out.
struct Sample {
  const SeriesInfo& series;
  Time time;
  Span interval;
  std::span<const Value> values;  // one for each data source
  std::span<const double> rates;  // gauges as they are, the others per second; NaN: not known
  const Meta* meta;               // nullptr: none

  Kind kind(std::size_t source) const noexcept { return series.type().sources[source].kind; }
};

/// Everything one read produced, or one burst of a network peer: many samples, in the order in
/// which they were added. Filled by one thread, then submitted; from then on constant and shared.
///
/// Threads  none while it is filled; any once it is submitted
class Batch {
 public:
  /// Empties the batch and keeps its memory. The time and interval are those of all samples that
  /// are not given their own.
  void begin(Time time, Span interval, std::shared_ptr<Era> era) noexcept;

  /// Adds a sample of this batch's time and interval.
  ///
  /// Errors  malformed: not as many numbers as the type has data sources
  Status add(const Series& series, std::initializer_list<Number> numbers) noexcept {
    return add(series, std::span{numbers.begin(), numbers.size()});
  }
  Status add(const Series& series, std::span<const Number> numbers) noexcept;
  /// The same for a type with one data source.
  Status add(const Series& series, Number number) noexcept { return add(series, {&number, 1}); }

  /// Adds a sample with a time and an interval of its own. The series must have been in its table
  /// when this batch began, or later.
  Status add_at(SeriesInfo& series, Time time, Span interval, std::span<const Value> values,
                std::shared_ptr<const Meta> meta = nullptr) noexcept;

  /// Empties the batch and takes time, interval, era and mark of another one: for copies of
  /// samples.
  void begin_like(const Batch& other) noexcept;
  /// Adds a sample of the batch that this one began like, as it stands there, rates and all.
  void add_copy(const Batch& other, std::size_t at) noexcept;

  /// The samples came from a peer over the binary protocol: they are not sent on over it unless
  /// somebody asked for that. begin() takes the mark away.
  void mark_received() noexcept { received_ = true; }
  bool received() const noexcept { return received_; }

  Time time() const noexcept { return time_; }
  Span interval() const noexcept { return interval_; }
  std::size_t size() const noexcept { return entries_.size(); }
  bool empty() const noexcept { return entries_.empty(); }
  /// Roughly how much memory the samples take.
  std::size_t bytes() const noexcept;
  Sample operator[](std::size_t at) const noexcept;

  class Iterator {
   public:
    using value_type = Sample;
    using difference_type = std::ptrdiff_t;
    Iterator() noexcept = default;
    Iterator(const Batch& batch, std::size_t at) noexcept : batch_{&batch}, at_{at} {}
    Sample operator*() const noexcept { return (*batch_)[at_]; }
    Iterator& operator++() noexcept {
      ++at_;
      return *this;
    }
    Iterator operator++(int) noexcept { return {*batch_, at_++}; }
    bool operator==(const Iterator&) const noexcept = default;

   private:
    const Batch* batch_ = nullptr;
    std::size_t at_ = 0;
  };
  Iterator begin() const noexcept { return {*this, 0}; }
  Iterator end() const noexcept { return {*this, size()}; }

  // What the pipeline does with a batch before it is shared.

  /// Where the rates of one sample go.
  std::span<double> rates(std::size_t at) noexcept;
  std::span<Value> values(std::size_t at) noexcept;
  SeriesInfo& series(std::size_t at) noexcept { return *entries_[at].series; }
  void rename(std::size_t at, SeriesInfo& series) noexcept { entries_[at].series = &series; }
  void set_meta(std::size_t at, std::shared_ptr<const Meta> meta) noexcept;
  /// Keeps those samples for which `keep(place)` is true, in their order.
  template <typename Keep>
  void filter(Keep&& keep);

 private:
  struct Entry {
    SeriesInfo* series;
    std::uint32_t offset;  // of its values
    std::uint32_t extra;   // its place in extras_, or kNone
  };
  struct Extra {
    Time time;
    Span interval;
    std::uint32_t meta;  // its place in metas_, or kNone
    bool operator==(const Extra&) const noexcept = default;
  };
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  void append(SeriesInfo& series, std::size_t count, std::uint32_t extra) noexcept;
  std::uint32_t extra_of(Time time, Span interval, std::shared_ptr<const Meta> meta) noexcept;

  Time time_;
  Span interval_{};
  std::shared_ptr<Era> era_;
  std::vector<Entry> entries_;
  std::vector<Value> values_;
  std::vector<double> rates_;                       // as long as values_
  std::vector<Extra> extras_;                       // neighbours share one
  std::vector<std::shared_ptr<const Meta>> metas_;  // the same
  bool received_ = false;
};

/// Whether nobody else holds the batch any more. Then it may be filled again: all that the others
/// did with it is done and seen.
inline bool is_free(const std::shared_ptr<Batch>& batch) noexcept {
  if (batch.use_count() != 1) return false;
  std::shared_ptr<Batch>{batch}.reset();  // orders us behind the last release of the count
  return true;
}

template <typename Keep>
void Batch::filter(Keep&& keep) {
  std::size_t kept = 0;
  for (std::size_t at = 0; at < entries_.size(); ++at)
    if (keep(at)) entries_[kept++] = entries_[at];
  entries_.resize(kept);
}

}  // namespace vital

// SPDX-License-Identifier: MIT
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/bytes.h"
#include "base/time.h"
#include "model/series.h"

namespace vital {

/// What the value cache knew before a restart: the last totals of each series, so that the first
/// value after it has a rate. Nothing of it is shown to anybody; each series takes its own when its
/// first value comes, and what nobody took is forgotten.
///
/// Nothing is remembered over a reboot, for the kernel's totals begin anew, nor for longer than the
/// running daemon would have kept a series that is silent.
///
/// Threads  none of its own: the pipeline serialises
class RememberedValues {
 public:
  /// A series' last values, with their time and the interval at which they came.
  struct Last {
    Time time;
    Span interval;
    std::span<const Value> values;
  };
  /// How old a value may be.
  struct Patience {
    std::int64_t intervals = 2;  // Timeout
    Span extra{};                // what may lie between the last save and the end
  };

  /// Begins a section. `boot` names the kernel's run.
  static void write_head(std::string_view boot, ByteWriter& out);
  /// Series without totals are left out.
  static void write(const SeriesInfo& series, const Last& last, ByteWriter& out);

  /// Takes a section in. False: it is malformed, and nothing is remembered. A section of another
  /// boot is fine, and forgotten.
  bool load(std::string bytes, std::string_view boot, Patience patience);
  void forget() noexcept;
  bool empty() const noexcept { return places_.empty(); }
  std::size_t size() const noexcept { return places_.size(); }
  /// When all of it is too old.
  Time until() const noexcept { return until_; }

  /// Takes out what is known of a series whose next value is of `now`. False: nothing that is good
  /// for a rate. `values` has room for one a data source.
  bool take(const SeriesInfo& series, Time now, Time& time, std::span<Value> values);

 private:
  Time too_old(Time time, Span interval) const noexcept;

  std::string bytes_;
  std::unordered_map<std::string_view, std::size_t> places_;  // names in bytes_: what follows them
  Patience patience_;
  Time until_{};
};

}  // namespace vital

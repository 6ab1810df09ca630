// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/text.h"
#include "base/time.h"
#include "model/data_set.h"

namespace vital::rrdtool {

/// How an archive makes one value of several.
enum class Consolidation : std::uint8_t { average, minimum, maximum, last };

/// "GAUGE", "DERIVE", "AVERAGE", "MIN": how RRD files call it.
std::string_view word_of(Kind kind) noexcept;
std::string_view word_of(Consolidation consolidation) noexcept;

/// How new files are laid out: what the options StepSize to RRASingle say.
struct LayoutOptions {
  std::int64_t step = 0;       // seconds; 0: the interval of the first value
  std::int64_t heartbeat = 0;  // seconds; 0: twice the step if that is set, else twice the interval
  std::int64_t rows = 1200;    // of each archive, at least
  std::vector<std::int64_t> timespans{3600, 86400, 604800, 2678400, 31622400};  // s, ascending
  double xff = 0.1;            // the part of a row that may be unknown
  bool averages_only = false;  // no archives of minima and maxima
};

/// A bound, "U" for none, and the part of a row that may be unknown, as rrdcreate(1) is given them.
using NumberWord = Text<400>;
NumberWord bound_word(double bound) noexcept;
NumberWord xff_word(double xff) noexcept;

/// The layout of one new file.
struct Layout {
  struct Column {
    std::string name;
    Kind kind = Kind::gauge;
    std::int64_t heartbeat = 0;  // seconds
    double min = 0, max = 0;     // NaN: none
  };
  struct Archive {
    Consolidation consolidation = Consolidation::average;
    double xff = 0;
    std::int64_t steps = 0, rows = 0;
  };

  std::int64_t step = 0;  // seconds
  std::vector<Column> columns;
  std::vector<Archive> archives;

  /// DS:... and RRA:..., as rrdcreate(1) wants it.
  std::vector<std::string> words() const;
  /// How large the file will be on a machine of 64 bits.
  std::int64_t bytes() const noexcept;
};

/// The layout that collectd gives to the file of a new series.
///
/// Errors   unsupported: the interval is below half a second, which no file can have as its step
/// Threads  pure
/// Source   rrdcreate(1); the archives are those that collectd 5.12 was seen to make
Result<Layout> layout_for(const LayoutOptions& options, const DataSet& type, Span interval);

/// "3600 86400, 604800" as seconds. False: one of them is no number above 0.
bool parse_timespans(std::string_view text, std::vector<std::int64_t>& timespans);

}  // namespace vital::rrdtool

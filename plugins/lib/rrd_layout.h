// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/data_set.h"

namespace vital::rrdtool {

/// "GAUGE", "DERIVE": how RRD files call it.
std::string_view word_of(Kind kind) noexcept;

/// How new files are laid out: what the options StepSize to RRASingle say.
struct LayoutOptions {
  std::int64_t step = 0;       // seconds; 0: the interval of the first value
  std::int64_t heartbeat = 0;  // seconds; 0: twice the step if that is set, else twice the interval
  std::int64_t rows = 1200;    // of each archive, at least
  std::vector<std::int64_t> timespans{3600, 86400, 604800, 2678400, 31622400};  // s, ascending
  double xff = 0.1;            // the part of a row that may be unknown
  bool averages_only = false;  // no archives of minima and maxima
};

/// The layout of one new file in the words of rrdcreate(1).
struct Layout {
  std::int64_t step = 0;              // seconds
  std::vector<std::string> columns;   // DS:...
  std::vector<std::string> archives;  // RRA:...
  std::int64_t rows = 0;              // of all archives together

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

// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/batch.h"

namespace vital {

struct KairosdbNaming {
  std::string prefix = "collectd";  // before the plugin's name; empty: nothing
  std::vector<std::pair<std::string, std::string>> attributes{};  // further tags
  int ttl = 0;                                                    // seconds; 0: none
};

/// Writes samples as data points of KairosDB, one object for each data source, commas between:
///
///     {"name":"collectd.p", "datapoints": [[1700000000000,0.5]], "ttl": 300,
///      "tags":{"host": "h", "ATTRIBUTE": "...","plugin_instance": "i","type": "gauge",
///      "type_instance": "t","ds": "value"}}
///
/// without the line breaks. An array of them is the caller's. Instances are written in lower case,
/// and what is no letter, digit, '-', '.' or '_' is left out of them. The data source is named
/// where there are several; one that has no number is left out. A series' names are made when it is
/// first met and kept.
///
/// Units    milliseconds since 1970; gauges and rates %.15g, totals whole numbers
/// Threads  none of its own: whoever owns it serialises
/// Source   KairosDB's REST API, /api/v1/datapoints
class KairosdbFormat {
 public:
  /// `rates`: write change per second instead of totals.
  KairosdbFormat(KairosdbNaming naming, bool rates) : naming_{std::move(naming)}, rates_{rates} {}

  void append(const Sample& sample, std::string& text);

 private:
  /// What stands before the time, and behind the value of each data source.
  struct Kept {
    std::string head;
    std::vector<std::string> tails;
  };
  void prepare(const SeriesInfo& series, Kept& kept) const;

  const KairosdbNaming naming_;
  const bool rates_;
  PerSeries<Kept> kept_;
};

}  // namespace vital

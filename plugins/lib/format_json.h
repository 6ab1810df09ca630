// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <string_view>

#include "model/batch.h"

namespace vital {

/// Appends a JSON string, quotes and all, as collectd's receivers know it: '"' and '\' with a
/// backslash, control characters and bytes above 0x7f as question marks.
void append_json(std::string_view raw, std::string& text);

/// Writes samples as JSON objects, each with its members in this order and no white space:
///
///     {"values":[0.5],"dstypes":["gauge"],"dsnames":["value"],"time":1700000000.000,
///      "interval":10.000,"host":"h","plugin":"p","plugin_instance":"","type":"gauge",
///      "type_instance":"","meta":{"name":"value"}}
///
/// An array of them is the caller's. A series' names are escaped when it is first met and kept.
///
/// Units    gauges and rates %.15g, totals whole numbers, what is no number null; time and interval
///          in seconds with three decimals
/// Threads  none of its own: whoever owns it serialises
class JsonFormat {
 public:
  /// `rates`: write change per second instead of totals.
  explicit JsonFormat(bool rates) : rates_{rates} {}

  void append(const Sample& sample, std::string& text);

 private:
  /// What does not change: from the end of the values to the time, and from the host on.
  struct Kept {
    std::string text;
    std::size_t types_size = 0;
  };
  static void prepare(const SeriesInfo& series, Kept& kept);

  const bool rates_;
  PerSeries<Kept> kept_;
};

}  // namespace vital

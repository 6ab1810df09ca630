// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <string_view>

#include "model/batch.h"

namespace vital {

/// How Graphite's writers name what they send.
struct GraphiteNaming {
  std::string prefix{}, postfix{};    // around the host; with tags around the metric
  char escape = '_';                  // stands for what a name must not have
  bool separate_instances = false;    // a dot instead of a dash before instances
  bool always_append_source = false;  // name the data source even if it is the only one
  bool preserve_separator = false;    // dots in fields stay
  bool drop_duplicate_fields = false;
  bool use_tags = false;
  bool reverse_host = false;  // com.example.web
};

/// What stands before the value in the line of one data source; an empty `source` is not named.
///
/// Threads  pure
/// Source   Carbon's plaintext protocol; Graphite's tag support
std::string graphite_name(const Identifier& identifier, std::string_view source,
                          const GraphiteNaming& naming);

/// Writes samples as lines of Carbon's plaintext protocol, one for each data source:
///
///     NAME VALUE SECONDS\r\n
///
/// A series' names are made when it is first met and kept.
///
/// Units    seconds are rounded half up; gauges are %.15g, rates %f, totals whole numbers
/// Threads  none of its own: whoever owns it serialises
class GraphiteFormat {
 public:
  /// `rates`: write change per second instead of totals.
  GraphiteFormat(GraphiteNaming naming, bool rates) : naming_{std::move(naming)}, rates_{rates} {}

  void append(const Sample& sample, std::string& text);

 private:
  std::string prepare(const SeriesInfo& series) const;

  const GraphiteNaming naming_;
  const bool rates_;
  PerSeries<std::string> names_;  // of each data source its name's size, the name and a blank
};

}  // namespace vital

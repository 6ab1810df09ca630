// SPDX-License-Identifier: MIT
#include "lib/rrd_layout.h"

#include <array>
#include <cmath>

#include "base/numbers.h"
#include "base/strings.h"

namespace vital::rrdtool {
namespace {

using Words = Text<1024>;

void add_bound(Words& words, double bound) noexcept {
  words.add(':');
  if (std::isnan(bound))
    words.add('U');
  else
    words.add_fixed(bound, 6);
}

std::string column(const DataSource& source, std::int64_t heartbeat) {
  Words words;
  words.add("DS:").add(source.name).add(':').add(word_of(source.kind));
  words.add(':').add(heartbeat);
  add_bound(words, source.min);
  add_bound(words, source.max);
  return std::string{words.view()};
}

std::string archive(std::string_view consolidation, double xff, std::int64_t steps,
                    std::int64_t rows) {
  Words words;
  words.add("RRA:").add(consolidation).add(':').add_fixed(xff, 10);
  words.add(':').add(steps).add(':').add(rows);
  return std::string{words.view()};
}

std::int64_t heartbeat_for(const LayoutOptions& options, Span interval) noexcept {
  if (options.heartbeat > 0) return options.heartbeat;
  return options.step > 0 ? 2 * options.step : rounded_seconds(2 * interval);
}

}  // namespace

std::string_view word_of(Kind kind) noexcept {
  switch (kind) {
    case Kind::counter:
      return "COUNTER";
    case Kind::derive:
      return "DERIVE";
    case Kind::absolute:
      return "ABSOLUTE";
    case Kind::gauge:
      break;
  }
  return "GAUGE";
}

std::int64_t Layout::bytes() const noexcept {
  constexpr std::int64_t kHead = 144, kColumn = 232, kArchive = 128, kColumnOfArchive = 80;
  const auto width = static_cast<std::int64_t>(columns.size());
  const auto depth = static_cast<std::int64_t>(archives.size());
  const auto value = static_cast<std::int64_t>(sizeof(double));
  return kHead + width * (kColumn + depth * kColumnOfArchive + rows * value) + depth * kArchive;
}

Result<Layout> layout_for(const LayoutOptions& options, const DataSet& type, Span interval) {
  Layout layout;
  layout.step = options.step > 0 ? options.step : rounded_seconds(interval);
  if (layout.step <= 0) {
    Text<96> why;
    why.add("an interval of ").add_fixed(seconds(interval), 3);
    why.add(" s needs StepSize, for files count in whole seconds");
    return Error{Errc::unsupported, why.view()};
  }
  const std::int64_t heartbeat = heartbeat_for(options, interval);
  for (const DataSource& source : type.sources) layout.columns.push_back(column(source, heartbeat));

  constexpr std::array<std::string_view, 3> kConsolidations{"AVERAGE", "MIN", "MAX"};
  const std::size_t used = options.averages_only ? 1 : kConsolidations.size();
  bool first = true;
  for (std::int64_t span : options.timespans) {
    if (span / layout.step < options.rows) span = layout.step * options.rows;
    const std::int64_t steps = first ? 1 : span / (options.rows * layout.step);
    const std::int64_t covered = steps * layout.step;
    const std::int64_t rows = (span + covered - 1) / covered;
    for (std::size_t i = 0; i < used; ++i)
      layout.archives.push_back(archive(kConsolidations[i], options.xff, steps, rows));
    layout.rows += rows * static_cast<std::int64_t>(used);
    first = false;
  }
  return layout;
}

bool parse_timespans(std::string_view text, std::vector<std::int64_t>& timespans) {
  constexpr double kLongest = 1e12;
  for (const std::string_view word : split(text, ", \t")) {
    std::size_t used = 0;
    const double number = c_strtod(word, used);
    if (used != word.size() || !(number >= 1 && number <= kLongest)) return false;
    timespans.push_back(static_cast<std::int64_t>(number));
  }
  return true;
}

}  // namespace vital::rrdtool

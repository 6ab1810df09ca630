// SPDX-License-Identifier: MIT
#include "lib/rrd_layout.h"

#include <array>
#include <cmath>

#include "base/numbers.h"
#include "base/strings.h"

namespace vital::rrdtool {
namespace {

using Words = Text<1024>;

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

std::string_view word_of(Consolidation consolidation) noexcept {
  switch (consolidation) {
    case Consolidation::minimum:
      return "MIN";
    case Consolidation::maximum:
      return "MAX";
    case Consolidation::last:
      return "LAST";
    case Consolidation::average:
      break;
  }
  return "AVERAGE";
}

NumberWord bound_word(double bound) noexcept {
  constexpr int kDecimals = 6;
  NumberWord word;
  return std::isnan(bound) ? word.add('U') : word.add_fixed(bound, kDecimals);
}

NumberWord xff_word(double xff) noexcept {
  constexpr int kDecimals = 10;
  return NumberWord{}.add_fixed(xff, kDecimals);
}

std::vector<std::string> Layout::words() const {
  std::vector<std::string> all;
  for (const Column& column : columns) {
    Words words;
    words.add("DS:").add(column.name).add(':').add(word_of(column.kind));
    words.add(':').add(column.heartbeat).add(':').add(bound_word(column.min).view());
    words.add(':').add(bound_word(column.max).view());
    all.emplace_back(words.view());
  }
  for (const Archive& archive : archives) {
    Words words;
    words.add("RRA:").add(word_of(archive.consolidation)).add(':');
    words.add(xff_word(archive.xff).view());
    words.add(':').add(archive.steps).add(':').add(archive.rows);
    all.emplace_back(words.view());
  }
  return all;
}

std::int64_t Layout::bytes() const noexcept {
  constexpr std::int64_t kHead = 144, kColumn = 232, kArchive = 128, kColumnOfArchive = 80;
  const auto width = static_cast<std::int64_t>(columns.size());
  const auto depth = static_cast<std::int64_t>(archives.size());
  const auto value = static_cast<std::int64_t>(sizeof(double));
  std::int64_t rows = 0;
  for (const Archive& archive : archives) rows += archive.rows;
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
  for (const DataSource& source : type.sources)
    layout.columns.push_back({.name = std::string{source.name},
                              .kind = source.kind,
                              .heartbeat = heartbeat,
                              .min = source.min,
                              .max = source.max});

  constexpr std::array kConsolidations{Consolidation::average, Consolidation::minimum,
                                       Consolidation::maximum};
  const std::size_t used = options.averages_only ? 1 : kConsolidations.size();
  bool first = true;
  for (std::int64_t span : options.timespans) {
    if (span / layout.step < options.rows) span = layout.step * options.rows;
    const std::int64_t steps = first ? 1 : span / (options.rows * layout.step);
    const std::int64_t covered = steps * layout.step;
    const std::int64_t rows = (span + covered - 1) / covered;
    for (std::size_t i = 0; i < used; ++i)
      layout.archives.push_back(
          {.consolidation = kConsolidations[i], .xff = options.xff, .steps = steps, .rows = rows});
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

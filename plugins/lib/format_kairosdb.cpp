// SPDX-License-Identifier: MIT
#include "lib/format_kairosdb.h"

#include <cmath>

#include "base/strings.h"
#include "lib/format_json.h"

namespace vital {
namespace {

std::string tag_value(std::string_view raw) {
  std::string result;
  for (const char c : raw)
    if (is_alnum(c) || c == '-' || c == '.' || c == '_') result += to_lower(c);
  return result;
}

void append_tag(std::string_view separator, std::string_view name, std::string_view value,
                std::string& text) {
  append_json(name, text.append(separator));
  append_json(value, text.append(": "));
}

/// False: it is no number.
bool add_value(Text<64>& text, const Sample& sample, std::size_t at, bool rates) noexcept {
  const Kind kind = sample.kind(at);
  if (kind == Kind::gauge || rates) {
    const double value = kind == Kind::gauge ? sample.values[at].gauge : sample.rates[at];
    text.add(value);
    return std::isfinite(value);
  }
  if (kind == Kind::derive)
    text.add(sample.values[at].derive);
  else
    text.add(sample.values[at].counter);
  return true;
}

}  // namespace

void KairosdbFormat::prepare(const SeriesInfo& series, Kept& kept) const {
  std::string name = naming_.prefix;
  if (!name.empty()) name += '.';
  append_json(name.append(series.plugin()), kept.head.append("{\"name\":"));
  kept.head += ", \"datapoints\": [[";
  std::string tags = "]]";
  if (naming_.ttl != 0) tags.append(", \"ttl\": ").append(std::to_string(naming_.ttl));
  append_tag("", "host", series.host(), tags.append(", \"tags\":{"));
  for (const auto& [key, value] : naming_.attributes) append_tag(", ", key, value, tags);
  if (!series.plugin_instance().empty())
    append_tag(",", "plugin_instance", tag_value(series.plugin_instance()), tags);
  append_tag(",", "type", series.type_name(), tags);
  if (!series.type_instance().empty())
    append_tag(",", "type_instance", tag_value(series.type_instance()), tags);
  const auto& sources = series.type().sources;
  for (const DataSource& source : sources) {
    std::string& tail = kept.tails.emplace_back(tags);
    if (sources.size() > 1) append_tag(",", "ds", tag_value(source.name), tail);
    tail += "}}";
  }
}

void KairosdbFormat::append(const Sample& sample, std::string& text) {
  Kept& kept = kept_[sample.series];
  if (kept.head.empty()) prepare(sample.series, kept);
  bool first = true;
  for (std::size_t at = 0; at < sample.values.size(); ++at) {
    Text<64> point;
    point.add(rounded_milliseconds(sample.time)).add(',');
    if (!add_value(point, sample, at, rates_)) continue;
    if (!std::exchange(first, false)) text += ',';
    text.append(kept.head).append(point.view()).append(kept.tails[at]);
  }
}

}  // namespace vital

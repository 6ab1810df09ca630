// SPDX-License-Identifier: MIT
#include "lib/format_json.h"

#include <cmath>

namespace vital {
namespace {

constexpr std::size_t kLongestValue = 32;
constexpr std::size_t kLongestTimes = 96;

char* put(char* out, std::string_view piece) noexcept {
  std::memcpy(out, piece.data(), piece.size());
  return out + piece.size();
}

char* put_value(char* out, const Sample& sample, std::size_t at, bool rates) noexcept {
  const Kind kind = sample.kind(at);
  if (kind == Kind::gauge || rates) {
    const double value = kind == Kind::gauge ? sample.values[at].gauge : sample.rates[at];
    return std::isfinite(value) ? format_general(out, out + kLongestValue, value)
                                : put(out, "null");
  }
  if (kind == Kind::derive)
    return std::to_chars(out, out + kLongestValue, sample.values[at].derive).ptr;
  return std::to_chars(out, out + kLongestValue, sample.values[at].counter).ptr;
}

void append_member(std::string_view name, std::string_view value, std::string& text) {
  append_json(name, text.append(","));
  append_json(value, text.append(":"));
}

void append_meta_value(const MetaValue& value, std::string& text) {
  if (const auto* string = std::get_if<std::string>(&value)) return append_json(*string, text);
  const auto* real = std::get_if<double>(&value);
  if (real == nullptr) {
    text += to_text(value);
    return;
  }
  constexpr int kDecimals = 6;
  Text<400> number;
  if (std::isfinite(*real))
    number.add_fixed(*real, kDecimals);
  else
    number.add("null");
  text += number.view();
}

void append_meta(const Meta& meta, std::string& text) {
  text += ",\"meta\":";
  char before = '{';
  for (const Meta::Entry& entry : meta) {
    text += std::exchange(before, ',');
    append_json(entry.name, text);
    append_meta_value(entry.value, text.append(":"));
  }
  text += '}';
}

}  // namespace

void append_json(std::string_view raw, std::string& text) {
  text += '"';
  for (const char c : raw) {
    if (c == '"' || c == '\\') text += '\\';
    const bool plain = c >= ' ' && static_cast<unsigned char>(c) < 0x80;
    text += plain ? c : '?';
  }
  text += '"';
}

void JsonFormat::prepare(const SeriesInfo& series, Kept& kept) {
  std::string& text = kept.text;
  char before = '[';
  text = "],\"dstypes\":";
  for (const DataSource& source : series.type().sources) {
    text += std::exchange(before, ',');
    append_json(name_of(source.kind), text);
  }
  before = '[';
  text += "],\"dsnames\":";
  for (const DataSource& source : series.type().sources) {
    text += std::exchange(before, ',');
    append_json(source.name, text);
  }
  text += "],\"time\":";
  kept.types_size = text.size();
  append_member("host", series.host(), text);
  append_member("plugin", series.plugin(), text);
  append_member("plugin_instance", series.plugin_instance(), text);
  append_member("type", series.type_name(), text);
  append_member("type_instance", series.type_instance(), text);
}

void JsonFormat::append(const Sample& sample, std::string& text) {
  Kept& kept = kept_[sample.series];
  if (kept.text.empty()) prepare(sample.series, kept);
  constexpr int kDecimals = 3;
  constexpr std::string_view kBegin = "{\"values\":[", kInterval = ",\"interval\":";
  const std::size_t before = text.size();
  text.resize(before + kBegin.size() + sample.values.size() * (kLongestValue + 1) + kLongestTimes +
              kept.text.size());
  char* out = put(text.data() + before, kBegin);
  for (std::size_t at = 0; at < sample.values.size(); ++at) {
    if (at != 0) *out++ = ',';
    out = put_value(out, sample, at, rates_);
  }
  const std::string_view names{kept.text};
  out = put(out, names.substr(0, kept.types_size));
  out = format_fixed(out, out + kLongestTimes / 3, seconds(sample.time), kDecimals);
  out = put(out, kInterval);
  out = format_fixed(out, out + kLongestTimes / 3, seconds(sample.interval), kDecimals);
  out = put(out, names.substr(kept.types_size));
  text.resize(static_cast<std::size_t>(out - text.data()));
  if (sample.meta != nullptr && !sample.meta->empty()) append_meta(*sample.meta, text);
  text += '}';
}

}  // namespace vital

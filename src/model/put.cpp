// SPDX-License-Identifier: MIT
#include "model/put.h"

#include <cmath>

#include "base/numbers.h"
#include "base/strings.h"

namespace vital {
namespace {

constexpr std::string_view kNoValues = "Parsing the values string failed.";

std::string_view skip_blanks(std::string_view text) noexcept {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  return text;
}

std::size_t option_word(std::string_view text) noexcept {
  std::size_t size = 0;
  while (size < text.size() && (is_alnum(text[size]) || text[size] == '_' || text[size] == ':'))
    ++size;
  return size;
}

/// The pieces between colons, empty ones left out.
bool next_piece(std::string_view& rest, std::string_view& piece) noexcept {
  while (rest.starts_with(':')) rest.remove_prefix(1);
  if (rest.empty()) return false;
  piece = rest.substr(0, rest.find(':'));
  rest.remove_prefix(piece.size());
  return true;
}

/// The whole text must be a number of seconds. What is later than any time that can be shown is
/// none, Time{}, as it is to collectd.
bool parse_seconds(std::string_view text, Time& time) noexcept {
  constexpr double kLatest = 8e9;  // the year 2223
  std::size_t used = 0;
  const double seconds = c_strtod(text, used);
  if (used == 0 || used != text.size() || !(seconds >= 0)) return false;
  time = seconds < kLatest ? time_of(seconds) : Time{};
  return true;
}

}  // namespace

bool CommandFields::next(std::string_view& field) noexcept {
  while (at_ != end_ && is_space(*at_)) ++at_;
  if (at_ == end_) return false;
  char* const first = at_;
  char* out = at_;
  while (at_ != end_ && !is_space(*at_)) {
    if (*at_ != '"') {
      *out++ = *at_++;
      continue;
    }
    for (++at_; at_ != end_ && *at_ != '"'; ++at_) {
      if (*at_ == '\\' && ++at_ == end_) {
        refusal_ = "Backslash at end of string.";
        return false;
      }
      *out++ = *at_;
    }
    if (at_ == end_) {
      refusal_ = "Unterminated quoted string.";
      return false;
    }
    ++at_;
    break;
  }
  field = {first, static_cast<std::size_t>(out - first)};
  return true;
}

bool next_string(std::string_view& rest, std::string& value) {
  rest = skip_blanks(rest);
  value.clear();
  if (!rest.starts_with('"')) {
    while (!rest.empty() && !is_space(rest.front())) {
      value += rest.front();
      rest.remove_prefix(1);
    }
    return !value.empty();
  }
  for (rest.remove_prefix(1); !rest.empty() && rest.front() != '"'; rest.remove_prefix(1)) {
    if (rest.front() == '\\') rest.remove_prefix(1);
    if (rest.empty()) return false;
    value += rest.front();
  }
  if (rest.empty()) return false;
  rest.remove_prefix(1);
  return rest.empty() || is_space(rest.front());
}

std::string_view option_name(std::string_view field) noexcept {
  const std::size_t size = option_word(field);
  return size != 0 && size < field.size() && field[size] == '=' ? field.substr(0, size)
                                                                : std::string_view{};
}

bool PutvalParser::parse(std::span<char> arguments, Time now, Refusal& refusal) {
  lists_.clear();
  values_.clear();
  meta_.reset();
  interval_ = Span::zero();
  CommandFields fields{arguments};
  std::string_view identifier, field;
  const bool named = fields.next(identifier);
  bool more = named && fields.next(field);
  if (!more) {
    refusal.add(fields.refusal().empty() ? "Missing identifier and/or value-list."
                                         : fields.refusal());
    return false;
  }
  if (!parse_identifier_field(identifier, refusal)) return false;
  for (; more; more = fields.next(field)) {
    const std::string_view name = option_name(field);
    if (!name.empty()) {
      if (!parse_option(name, field.substr(name.size() + 1), refusal)) return false;
    } else if (!parse_list(field, now)) {
      refusal.add(kNoValues);
      return false;
    }
  }
  refusal.add(fields.refusal());
  return fields.refusal().empty();
}

bool PutvalParser::parse_identifier_field(std::string_view field, Refusal& refusal) {
  const auto parsed = vital::parse_identifier(field);
  if (!parsed) {
    refusal.add("Cannot parse identifier `").add_cut(field).add("'.");
    return false;
  }
  identifier_ = *parsed;
  for (const std::string_view part : {identifier_.host, identifier_.plugin,
                                      identifier_.plugin_instance, identifier_.type_instance}) {
    if (part.size() <= Identifier::kLongestField) continue;
    refusal.add("Identifier too long.");
    return false;
  }
  type_ = types_.find(identifier_.type);
  if (type_ == nullptr) refusal.add("1 Type `").add_cut(identifier_.type).add("' isn't defined.");
  return type_ != nullptr;
}

bool PutvalParser::parse_option(std::string_view name, std::string_view value, Refusal& refusal) {
  if (iequals(name, "interval")) {
    std::size_t used = 0;
    const double seconds = c_strtod(value, used);
    if (used != 0 && seconds > 0 && std::isfinite(seconds)) interval_ = span_of(seconds);
    return true;
  }
  constexpr std::string_view kMeta = "meta:";
  if (istarts_with(name, kMeta)) {
    if (value.size() < 2 || !value.starts_with('"') || !value.ends_with('"')) {
      refusal.add("Non-string metadata not supported yet");
      return false;
    }
    if (!meta_) meta_ = std::make_shared<Meta>();
    meta_->set(name.substr(kMeta.size()), std::string{value.substr(1, value.size() - 2)});
    return true;
  }
  refusal.add("Cannot parse option `").add_cut(name).add("'.");
  return false;
}

bool PutvalParser::parse_list(std::string_view text, Time now) {
  List list{.time = now, .interval = interval_, .first = values_.size()};
  std::string_view piece;
  if (!next_piece(text, piece)) return false;
  if (piece != "N" && (!parse_seconds(piece, list.time) || list.time == Time{})) return false;
  std::size_t count = 0;
  for (; next_piece(text, piece); ++count) {
    if (count == type_->size()) return false;
    if (!parse_value(piece, type_->sources[count].kind, values_.emplace_back())) return false;
  }
  if (count == 0) return false;
  values_.resize(list.first + type_->size(),
                 Value{.counter = 0});  // collectd's clients may rely on it
  lists_.push_back(list);
  return true;
}

bool PutvalParser::parse_value(std::string_view text, Kind kind, Value& value) noexcept {
  std::size_t used = 0;
  if (kind == Kind::gauge) {
    value.gauge = text == "U" ? std::nan("") : c_strtod(text, used);
    return used != 0 || text == "U";
  }
  if (kind == Kind::derive)
    value.derive = c_strtoll(text, used);
  else
    value.counter = c_strtoull(text, used);
  return used != 0;
}

Status PutvalParser::add_to(Batch& batch, SeriesTable& series, Span interval) const {
  if (lists_.empty()) return {};
  auto handle = series.intern(identifier_, *type_);
  if (!handle) return handle.error();
  for (const List& list : lists_) {
    const std::span<const Value> values{values_.data() + list.first, type_->size()};
    const Span own = list.interval > Span::zero() ? list.interval : interval;
    if (auto status = batch.add_at(*handle->get(), list.time, own, values, meta_); !status)
      return status;
  }
  return {};
}

namespace {

/// One "key=value" of a PUTNOTIF; the value may be quoted. False: malformed.
bool next_pair(std::string_view& rest, std::string_view& key, std::string& value) {
  const std::size_t size = option_word(rest);
  if (size == 0 || size >= rest.size() || rest[size] != '=') return false;
  key = rest.substr(0, size);
  rest.remove_prefix(size + 1);
  if (rest.empty() || is_space(rest.front())) return false;
  return next_string(rest, value);
}

bool set_field(Notification& notification, std::string_view key, const std::string& value) {
  const auto cut = [&] { return value.substr(0, Identifier::kLongestField); };
  constexpr std::string_view kMeta = "s:";
  if (iequals(key, "message"))
    notification.set_message(value);
  else if (iequals(key, "host"))
    notification.host = cut();
  else if (iequals(key, "plugin"))
    notification.plugin = cut();
  else if (iequals(key, "plugin_instance"))
    notification.plugin_instance = cut();
  else if (iequals(key, "type"))
    notification.type = cut();
  else if (iequals(key, "type_instance"))
    notification.type_instance = cut();
  else if (key.starts_with(kMeta) && key.size() > kMeta.size())
    notification.meta.set(key.substr(kMeta.size()), value);
  else
    return false;
  return true;
}

}  // namespace

bool parse_putnotif(std::span<char> arguments, Notification& notification, Refusal& refusal) {
  std::string_view rest = skip_blanks({arguments.data(), arguments.size()});
  bool has_level = false;
  std::string_view key;
  std::string value;
  for (; !rest.empty(); rest = skip_blanks(rest)) {
    if (!next_pair(rest, key, value)) {
      refusal.add("Malformed option.");
      return false;
    }
    bool understood = false;
    if (iequals(key, "severity")) {
      const auto level = parse_level(value);
      if (level) notification.level = *level;
      has_level = understood = static_cast<bool>(level);
    } else if (iequals(key, "time")) {
      understood = parse_seconds(value, notification.time);
    } else {
      understood = set_field(notification, key, value);
    }
    if (understood) continue;
    refusal.add("Error parsing option `").add_cut(key).add("'");
    return false;
  }
  if (!has_level)
    refusal.add("Option `severity' missing.");
  else if (notification.time == Time{})
    refusal.add("Option `time' missing.");
  else if (notification.message.empty())
    refusal.add("No message or message of length 0 given.");
  return refusal.empty();
}

Text<2048> putval_line(const Sample& sample, GaugeForm form, bool rates) noexcept {
  Text<2048> line;
  line.add("PUTVAL ").add(quoted(sample.series.name()).view());
  line.add(" interval=").add_fixed(seconds(sample.interval), 3).add(' ');
  line.add_fixed(seconds(sample.time), 3);
  for (std::size_t i = 0; i < sample.values.size(); ++i) {
    line.add(':');
    const Kind kind = sample.kind(i);
    if (kind == Kind::gauge || rates) {
      const double value = kind == Kind::gauge ? sample.values[i].gauge : sample.rates[i];
      form == GaugeForm::fixed ? line.add_fixed(value, 6) : line.add(value);
    } else if (kind == Kind::derive) {
      line.add(sample.values[i].derive);
    } else {
      line.add(sample.values[i].counter);
    }
  }
  return line;
}

}  // namespace vital

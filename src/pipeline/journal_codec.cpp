// SPDX-License-Identifier: MIT
#include "pipeline/journal_codec.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace vital {
namespace {

bool counts_alike(const DataSet& a, const DataSet& b) noexcept {
  return std::equal(a.sources.begin(), a.sources.end(), b.sources.begin(), b.sources.end(),
                    [](const DataSource& x, const DataSource& y) {
                      return x.name == y.name && x.kind == y.kind;
                    });
}

}  // namespace

const DataSet& PastTypes::find_or_make(DataSet set) {
  const DataSet* now = known_.find(set.type);
  if (now != nullptr && counts_alike(*now, set)) return *now;
  const std::lock_guard lock{mutex_};
  const auto made = std::find(made_.begin(), made_.end(), set);
  return made != made_.end() ? *made : made_.emplace_back(std::move(set));
}

namespace journal {
namespace {

constexpr std::uint8_t kTypeTag = 1, kSeriesTag = 2;
// In front of a sample stands its series' number, and in the two lowest bits:
constexpr std::uint64_t kHasExtra = 1, kPlainRates = 2;
constexpr unsigned kNumberShift = 2;
// What an extra has:
constexpr std::uint8_t kOwnTime = 1, kOwnInterval = 2, kHasMeta = 4;

std::uint64_t bits(double number) noexcept { return std::bit_cast<std::uint64_t>(number); }

std::int64_t difference(std::int64_t a, std::int64_t b) noexcept {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
std::int64_t sum(std::int64_t a, std::int64_t b) noexcept {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

/// Gauges are their own rates, and no other rate is known: then rates need no bytes.
bool rates_are_plain(const Sample& sample) noexcept {
  for (std::size_t i = 0; i < sample.values.size(); ++i) {
    const bool plain = sample.kind(i) == Kind::gauge
                           ? bits(sample.rates[i]) == bits(sample.values[i].gauge)
                           : std::isnan(sample.rates[i]);
    if (!plain) return false;
  }
  return true;
}

void put_meta(ByteWriter& out, const Meta& meta) {
  out.small(static_cast<std::uint64_t>(std::distance(meta.begin(), meta.end())));
  for (const Meta::Entry& entry : meta) {
    out.text(entry.name);
    out.fixed(static_cast<std::uint8_t>(entry.value.index()));
    std::visit(
        [&out](const auto& value) {
          using Plain = std::decay_t<decltype(value)>;
          if constexpr (std::is_same_v<Plain, std::string>)
            out.text(value);
          else if constexpr (std::is_same_v<Plain, bool>)
            out.fixed(static_cast<std::uint8_t>(value));
          else
            out.fixed(value);
        },
        entry.value);
  }
}

bool take_meta_value(ByteReader& in, MetaValue& value) {
  switch (in.fixed<std::uint8_t>()) {
    case 0:
      value = std::string{in.text()};
      return true;
    case 1:
      value = in.fixed<std::int64_t>();
      return true;
    case 2:
      value = in.fixed<std::uint64_t>();
      return true;
    case 3:
      value = in.fixed<double>();
      return true;
    case 4:
      value = in.fixed<std::uint8_t>() != 0;
      return true;
    default:
      return false;
  }
}

bool take_meta(ByteReader& in, Meta& meta) {
  const std::uint64_t count = in.small();
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    const std::string_view name = in.text();
    MetaValue value;
    if (!take_meta_value(in, value)) return false;
    if (in.ok()) meta.set(name, std::move(value));
  }
  return in.ok();
}

void put_identifier(ByteWriter& out, const Identifier& identifier) {
  for (const std::string_view field :
       {identifier.host, identifier.plugin, identifier.plugin_instance, identifier.type,
        identifier.type_instance})
    out.text(field);
}

Identifier take_identifier(ByteReader& in) noexcept {
  Identifier identifier;
  for (std::string_view* field : {&identifier.host, &identifier.plugin, &identifier.plugin_instance,
                                  &identifier.type, &identifier.type_instance})
    *field = in.text();
  return identifier;
}

void put_definition(ByteWriter& out, std::uint8_t tag, std::uint64_t number, ByteWriter& body) {
  out.fixed(tag);
  out.small(number);
  out.text(body.view());
  body.clear();
}

void put_type(ByteWriter& out, const DataSet& type) {
  out.text(type.type);
  out.small(type.size());
  for (const DataSource& source : type.sources) {
    out.text(source.name);
    out.fixed(static_cast<std::uint8_t>(source.kind));
    out.fixed(source.min);
    out.fixed(source.max);
  }
}

bool take_type(ByteReader& in, DataSet& type) {
  type.type = in.text();
  const std::uint64_t count = in.small();
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    DataSource source;
    source.name = in.text();
    const auto kind = in.fixed<std::uint8_t>();
    if (kind > static_cast<std::uint8_t>(Kind::absolute)) return false;
    source.kind = Kind{kind};
    source.min = in.fixed<double>();
    source.max = in.fixed<double>();
    type.sources.push_back(std::move(source));
  }
  return in.done() && type.size() != 0;
}

}  // namespace

void Encoder::begin() noexcept {
  defined_.clear();
  types_.clear();
}

std::uint32_t Encoder::number_of(const DataSet& type, ByteWriter& definitions) {
  const auto known = std::find(types_.begin(), types_.end(), &type);
  const auto number = static_cast<std::uint32_t>(known - types_.begin());
  if (known == types_.end()) {
    types_.push_back(&type);
    put_type(body_, type);
    put_definition(definitions, kTypeTag, number, body_);
  }
  return number;
}

std::uint32_t Encoder::number_of(const SeriesInfo& series, ByteWriter& definitions) {
  std::uint32_t& number = numbers_[series];
  const Seen seen{series.index(), series.generation(), series.name().data()};
  if (number < defined_.size() && defined_[number] == seen) return number;
  number = static_cast<std::uint32_t>(defined_.size());
  defined_.push_back(seen);
  const std::uint32_t type = number_of(series.type(), definitions);
  body_.small(type);
  put_identifier(body_, series.identifier());
  body_.small(series.labels().size());
  for (const auto& [name, value] : series.labels()) {
    body_.text(name);
    body_.text(value);
  }
  put_definition(definitions, kSeriesTag, number, body_);
  return number;
}

void Encoder::encode(const Batch& batch, std::size_t first, std::size_t last, ByteWriter& payload,
                     ByteWriter& definitions) {
  payload.fixed(batch.time().time_since_epoch().count());
  payload.fixed(batch.interval().count());
  payload.small(last - first);
  for (std::size_t at = first; at < last; ++at) {
    const Sample sample = batch[at];
    encode(sample, number_of(sample.series, definitions), batch.time(), batch.interval(), payload);
  }
}

void Encoder::encode(const Sample& sample, std::uint32_t number, Time time, Span interval,
                     ByteWriter& out) {
  std::uint8_t extra = 0;
  if (sample.time != time) extra |= kOwnTime;
  if (sample.interval != interval) extra |= kOwnInterval;
  if (sample.meta != nullptr) extra |= kHasMeta;
  const bool plain = rates_are_plain(sample);
  out.small((std::uint64_t{number} << kNumberShift) | (plain ? kPlainRates : 0) |
            (extra != 0 ? kHasExtra : 0));
  if (extra != 0) out.fixed(extra);
  if ((extra & kOwnTime) != 0)
    out.small_signed(
        difference(sample.time.time_since_epoch().count(), time.time_since_epoch().count()));
  if ((extra & kOwnInterval) != 0) out.small_signed(sample.interval.count());
  if ((extra & kHasMeta) != 0) put_meta(out, *sample.meta);
  for (const Value value : sample.values) out.fixed(value.counter);
  if (!plain)
    for (const double rate : sample.rates) out.fixed(rate);
}

void Encoder::encode(const Notification& notification, ByteWriter& payload) {
  payload.fixed(static_cast<std::uint8_t>(notification.level));
  payload.fixed(notification.time.time_since_epoch().count());
  payload.text(notification.message);
  put_identifier(payload, {notification.host, notification.plugin, notification.plugin_instance,
                           notification.type, notification.type_instance});
  put_meta(payload, notification.meta);
}

void Decoder::begin() noexcept {
  definitions_.clear();
  type_definitions_.clear();
}

bool Decoder::learn(std::string_view payload) {
  const auto learn_one = [](auto& definitions, std::uint64_t number, std::string_view body) {
    if (number >= definitions.size()) definitions.resize(static_cast<std::size_t>(number) + 1);
    if (definitions[number].body.empty()) definitions[number].body = body;
  };
  ByteReader in{payload};
  while (in.left() != 0) {
    const auto tag = in.fixed<std::uint8_t>();
    const std::uint64_t number = in.small();
    const std::string_view body = in.text();
    if (!in.ok() || number >= Encoder::kMostDefinitions) return false;
    if (tag == kTypeTag)
      learn_one(type_definitions_, number, body);
    else if (tag == kSeriesTag)
      learn_one(definitions_, number, body);
    else
      return false;
  }
  return in.ok();
}

Decoder::Outcome Decoder::find_type(std::uint64_t number, const DataSet*& type) {
  if (number >= type_definitions_.size() || type_definitions_[number].body.empty())
    return Outcome::undefined;
  TypeDefinition& definition = type_definitions_[number];
  if (definition.type == nullptr) {
    ByteReader in{definition.body};
    DataSet set;
    if (!take_type(in, set)) return Outcome::malformed;
    definition.type = &types_.find_or_make(std::move(set));
  }
  type = definition.type;
  return Outcome::done;
}

Decoder::Outcome Decoder::find(std::uint64_t number, Series*& series) {
  if (number >= definitions_.size() || definitions_[number].body.empty()) return Outcome::undefined;
  Definition& definition = definitions_[number];
  series = &definition.series;
  if (definition.series) return Outcome::done;
  ByteReader in{definition.body};
  const DataSet* type = nullptr;
  if (const auto outcome = find_type(in.small(), type); outcome != Outcome::done) return outcome;
  const Identifier identifier = take_identifier(in);
  Labels labels;
  const std::uint64_t count = in.small();
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    const std::string_view name = in.text();
    labels.emplace_back(name, in.text());
  }
  if (!in.done()) return Outcome::malformed;
  auto made = series_.intern(identifier, *type, std::move(labels));
  if (!made) return Outcome::malformed;
  definition.series = std::move(*made);
  return Outcome::done;
}

Decoder::Outcome Decoder::decode_sample(ByteReader& in, Batch& batch) {
  const std::uint64_t reference = in.small();
  if (!in.ok()) return Outcome::malformed;
  Series* series = nullptr;
  if (const auto outcome = find(reference >> kNumberShift, series); outcome != Outcome::done)
    return outcome;
  const std::uint8_t extra = (reference & kHasExtra) != 0 ? in.fixed<std::uint8_t>() : 0;
  Time time = batch.time();
  Span interval = batch.interval();
  std::shared_ptr<Meta> meta;
  if ((extra & kOwnTime) != 0)
    time = Time{Span{sum(in.small_signed(), time.time_since_epoch().count())}};
  if ((extra & kOwnInterval) != 0) interval = Span{in.small_signed()};
  if ((extra & kHasMeta) != 0) {
    meta = std::make_shared<Meta>();
    if (!take_meta(in, *meta)) return Outcome::malformed;
  }
  const std::size_t size = (*series)->type().size();
  values_.resize(size);
  for (Value& value : values_) value.counter = in.fixed<std::uint64_t>();
  if (!in.ok() || !batch.add_at(*series->get(), time, interval, values_, std::move(meta)))
    return Outcome::malformed;
  const std::span<double> rates = batch.rates(batch.size() - 1);
  for (std::size_t i = 0; i < size; ++i) {
    if ((reference & kPlainRates) == 0)
      rates[i] = in.fixed<double>();
    else if ((*series)->type().sources[i].kind == Kind::gauge)
      rates[i] = values_[i].gauge;
  }
  return in.ok() ? Outcome::done : Outcome::malformed;
}

Decoder::Outcome Decoder::decode(std::string_view payload, Batch& batch) {
  ByteReader in{payload};
  const Time time{Span{in.fixed<std::int64_t>()}};
  const Span interval{in.fixed<std::int64_t>()};
  const std::uint64_t count = in.small();
  batch.begin(time, interval, series_.era());
  for (std::uint64_t i = 0; i < count && in.ok(); ++i)
    if (const auto outcome = decode_sample(in, batch); outcome != Outcome::done) return outcome;
  return in.done() ? Outcome::done : Outcome::malformed;
}

Decoder::Outcome Decoder::decode(std::string_view payload, Notification& notification) {
  ByteReader in{payload};
  const auto level = in.fixed<std::uint8_t>();
  if (level != static_cast<std::uint8_t>(Level::failure) &&
      level != static_cast<std::uint8_t>(Level::warning) &&
      level != static_cast<std::uint8_t>(Level::okay))
    return Outcome::malformed;
  notification.level = Level{level};
  notification.time = Time{Span{in.fixed<std::int64_t>()}};
  notification.set_message(in.text());
  const Identifier identifier = take_identifier(in);
  notification.host = identifier.host;
  notification.plugin = identifier.plugin;
  notification.plugin_instance = identifier.plugin_instance;
  notification.type = identifier.type;
  notification.type_instance = identifier.type_instance;
  notification.meta = {};
  if (!take_meta(in, notification.meta) || !in.done()) return Outcome::malformed;
  return Outcome::done;
}

}  // namespace journal
}  // namespace vital

// SPDX-License-Identifier: MIT
#include "tools/bench_load.h"

#include <algorithm>

#include "base/text.h"
#include "tools/bench_options.h"

namespace vital::bench {
namespace {

using namespace network;

constexpr std::size_t kInstance = 8;  // values of one instance of a plugin, as a CPU has states

struct Names {
  Text<32> host, plugin, plugin_instance, type_instance;
  const char* type;

  Identifier identifier() const noexcept {
    return {host.view(), plugin.view(), plugin_instance.view(), type, type_instance.view()};
  }
};

/// The `place`th of the `count` series of a host.
Names names_of(const Load::Shape& shape, std::size_t host, std::size_t place, std::size_t count) {
  const std::size_t plugins = std::min(shape.plugins, count);
  const std::size_t plugin = place * plugins / count;
  const std::size_t first = (plugin * count + plugins - 1) / plugins;
  Names names;
  names.host.add("host").add(host).add(".bench.example");
  names.plugin.add("plugin").add(plugin);
  names.plugin_instance.add((place - first) / kInstance);
  names.type_instance.add("value").add((place - first) % kInstance);
  names.type = plugin % 2 == 0 ? "gauge" : "derive";
  return names;
}

/// Gauges go up and down a little, totals grow.
void renew(Kind kind, std::uint8_t* at, std::uint64_t round) noexcept {
  constexpr std::uint64_t kPeriod = 16, kStep = 100;
  if (kind == Kind::gauge)
    store_value(kind, {.gauge = static_cast<double>(round % kPeriod) * 0.25}, at);
  else
    store_value(kind, {.derive = static_cast<std::int64_t>(round * kStep)}, at);
}

}  // namespace

Load::Load(const Shape& shape) {
  for (std::size_t host = 0; host < shape.hosts; ++host)
    add_host(shape, host,
             shape.series * (host + 1) / shape.hosts - shape.series * host / shape.hosts);
}

void Load::add_host(const Shape& shape, std::size_t host, std::size_t count) {
  const DataSet types[] = {{"gauge", {{.name = "value", .kind = Kind::gauge}}},
                           {"derive", {{.name = "value", .kind = Kind::derive}}}};
  const Value value{.counter = 0};
  const double rate = 0;
  SeriesTable table;
  std::vector<std::uint8_t> buffer(shape.packet_size - kSecurityReserve);
  PacketEncoder encoder{buffer};
  for (std::size_t place = 0; place < count; ++place) {
    const Names names = names_of(shape, host, place, count);
    const auto series =
        table.intern(names.identifier(), types[names.type == std::string_view{"derive"}]);
    if (!series) throw BenchError{std::string{series.error().message().view()}};
    const Sample sample{.series = **series,
                        .time = Time{span_of_seconds(1)},
                        .interval = shape.interval,
                        .values = {&value, 1},
                        .rates = {&rate, 1},
                        .meta = nullptr};
    if (encoder.add(sample)) continue;
    keep(encoder);
    encoder.clear();
    if (!encoder.add(sample)) throw BenchError{"a value is larger than a packet"};
  }
  keep(encoder);
}

void Load::keep(const PacketEncoder& encoder) {
  const Bytes packet = encoder.packet();
  packets_.push_back({bytes_.size(), static_cast<std::uint32_t>(packet.size()),
                      static_cast<std::uint32_t>(encoder.values())});
  bytes_.insert(bytes_.end(), packet.begin(), packet.end());
  values_ += encoder.values();
}

Bytes Load::packet(std::size_t at, Time time, std::uint64_t round) noexcept {
  const Packet& packet = packets_[at];
  std::uint8_t* part = bytes_.data() + packet.offset;
  const std::uint8_t* const end = part + packet.size;
  while (part < end) {
    const auto type = static_cast<PartType>(load_big_endian<std::uint16_t>(part));
    if (type == PartType::time_hr)
      store_big_endian(part + kHeader, static_cast<std::uint64_t>(time.time_since_epoch().count()));
    else if (type == PartType::values)
      renew(static_cast<Kind>(part[kHeader + 2]), part + kHeader + 3, round);
    part += load_big_endian<std::uint16_t>(part + 2);
  }
  return {bytes_.data() + packet.offset, packet.size};
}

}  // namespace vital::bench

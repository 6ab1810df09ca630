// SPDX-License-Identifier: MIT
#include "lib/network_packet.h"

namespace vital::network {
namespace {

constexpr std::size_t string_part(std::string_view text) noexcept {
  return kHeader + text.size() + 1;
}

void put_head(std::uint8_t* at, PartType type, std::size_t size) noexcept {
  store_big_endian(at, static_cast<std::uint16_t>(type));
  store_big_endian(at + 2, static_cast<std::uint16_t>(size));
}

/// Returns where the text stands in the part.
std::string_view put_string(std::uint8_t* at, PartType type, std::string_view text) noexcept {
  put_head(at, type, string_part(text));
  auto* const first = reinterpret_cast<char*>(at + kHeader);
  text.copy(first, text.size());
  first[text.size()] = '\0';
  return {first, text.size()};
}

void put_number(std::uint8_t* at, PartType type, std::uint64_t number) noexcept {
  put_head(at, type, kNumberPart);
  store_big_endian(at + kHeader, number);
}

}  // namespace

std::string_view PacketEncoder::put(PartType type, std::string_view text) noexcept {
  const std::string_view written = put_string(buffer_.data() + size_, type, text);
  size_ += string_part(text);
  return written;
}

void PacketEncoder::put(PartType type, std::int64_t number) noexcept {
  put_number(buffer_.data() + size_, type, static_cast<std::uint64_t>(number));
  size_ += kNumberPart;
}

bool PacketEncoder::add(const Sample& sample) noexcept {
  const Identifier id = sample.series.identifier();
  const std::int64_t time = sample.time.time_since_epoch().count();
  const std::int64_t interval = sample.interval.count();
  const std::size_t count = sample.values.size();
  const auto need = [](std::string_view now, std::string_view before) {
    return now == before ? 0 : string_part(now);
  };
  const std::size_t total = need(id.host, host_) + (time != time_ ? kNumberPart : 0) +
                            (interval != interval_ ? kNumberPart : 0) + need(id.plugin, plugin_) +
                            need(id.plugin_instance, plugin_instance_) + need(id.type, type_) +
                            need(id.type_instance, type_instance_) + kHeader + 2 + 9 * count;
  if (total > buffer_.size() - size_) return false;

  if (id.host != host_) host_ = put(PartType::host, id.host);
  if (time != time_) put(PartType::time_hr, time_ = time);
  if (interval != interval_) put(PartType::interval_hr, interval_ = interval);
  if (id.plugin != plugin_) plugin_ = put(PartType::plugin, id.plugin);
  if (id.plugin_instance != plugin_instance_)
    plugin_instance_ = put(PartType::plugin_instance, id.plugin_instance);
  if (id.type != type_) type_ = put(PartType::type, id.type);
  if (id.type_instance != type_instance_)
    type_instance_ = put(PartType::type_instance, id.type_instance);

  std::uint8_t* at = buffer_.data() + size_;
  put_head(at, PartType::values, kHeader + 2 + 9 * count);
  store_big_endian(at + kHeader, static_cast<std::uint16_t>(count));
  at += kHeader + 2;
  for (std::size_t i = 0; i < count; ++i) *at++ = static_cast<std::uint8_t>(sample.kind(i));
  for (std::size_t i = 0; i < count; ++i, at += 8)
    store_value(sample.kind(i), sample.values[i], at);
  size_ += kHeader + 2 + 9 * count;
  ++values_;
  return true;
}

std::size_t encode_notification(const Notification& notification, MutableBytes buffer) noexcept {
  struct Field {
    PartType type;
    std::string_view text;
  };
  const Field fields[] = {{PartType::host, notification.host},
                          {PartType::plugin, notification.plugin},
                          {PartType::plugin_instance, notification.plugin_instance},
                          {PartType::type, notification.type},
                          {PartType::type_instance, notification.type_instance},
                          {PartType::message, notification.message}};
  std::size_t total = 2 * kNumberPart;
  for (const Field& field : fields)
    if (!field.text.empty()) total += string_part(field.text);
  if (total > buffer.size()) return 0;

  std::uint8_t* at = buffer.data();
  put_number(at, PartType::time_hr,
             static_cast<std::uint64_t>(notification.time.time_since_epoch().count()));
  at += kNumberPart;
  put_number(at, PartType::severity, static_cast<std::uint64_t>(notification.level));
  at += kNumberPart;
  for (const Field& field : fields) {
    if (field.text.empty()) continue;
    (void)put_string(at, field.type, field.text);
    at += string_part(field.text);
  }
  return total;
}

}  // namespace vital::network

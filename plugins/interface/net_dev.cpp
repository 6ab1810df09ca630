// SPDX-License-Identifier: MIT
#include "interface/net_dev.h"

#include <algorithm>

#include "base/strings.h"

namespace vital::interface {
namespace {

constexpr int kBetween = 4;  // fifo, frame, compressed, multicast
constexpr int kBehind = 4;   // fifo, collisions, carrier, compressed

bool next(Fields& fields, Traffic& traffic) noexcept {
  return fields.next(traffic.octets) && fields.next(traffic.packets) &&
         fields.next(traffic.errors) && fields.next(traffic.dropped);
}

bool is_heading(std::string_view line) noexcept { return line.find('|') != std::string_view::npos; }

}  // namespace

Result<NetDevice> parse_net_device(std::string_view line) noexcept {
  // No number has a colon, but a name may have one; before Linux 2.6.37 no blank follows it.
  const auto colon = line.rfind(':');
  if (colon == std::string_view::npos) {
    if (is_heading(line)) return Error{Errc::absent, trim(line)};
    return Error{Errc::malformed, trim(line)};
  }
  NetDevice device{};
  device.name = line.substr(0, colon);
  device.name.remove_prefix(std::min(device.name.find_first_not_of(' '), device.name.size()));
  Fields fields{line.substr(colon + 1)};
  if (fields.rest().starts_with("No statistics")) return Error{Errc::absent, device.name};
  if (device.name.empty() || !next(fields, device.received) || !fields.skip(kBetween) ||
      !next(fields, device.sent) || !fields.skip(kBehind))
    return Error{Errc::malformed, trim(line)};
  return device;
}

}  // namespace vital::interface

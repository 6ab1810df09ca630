// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <string_view>

#include "base/fields.h"
#include "base/result.h"

namespace vital::interface {

/// What went through an interface in one direction.
///
/// Units    octets and packets since the interface was made; they wrap at the kernel's word size
struct Traffic {
  std::uint64_t octets, packets, errors, dropped;
};

/// One network interface. The name is a piece of the text it was read from.
struct NetDevice {
  std::string_view name;
  Traffic received, sent;
};

/// One line of the table. Its two lines of headings are absent, and so is a device that keeps no
/// statistics.
///
/// Errors   malformed: cut short, columns missing (Linux before 2.2), or something is no number
/// Threads  pure
/// Source   /proc/net/dev, see proc(5)
Result<NetDevice> parse_net_device(std::string_view line) noexcept;

/// Hands each device of the table to `visit`, whose Status counts as that line's. A line that fails
/// does not cost the others theirs; the first failure is returned.
template <typename Visit>
Status for_each_net_device(std::string_view text, Visit&& visit) noexcept {
  Status outcome;
  Lines lines{text};
  for (std::string_view line; lines.next(line);) {
    const auto device = parse_net_device(line);
    if (!device && device.error().code() == Errc::absent) continue;
    if (auto status = device ? visit(*device) : Status{device.error()}; !status && outcome)
      outcome = status;
  }
  if (lines.truncated() && outcome) return Error{Errc::malformed, lines.rest()};
  return outcome;
}

}  // namespace vital::interface

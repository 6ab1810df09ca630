// SPDX-License-Identifier: MIT
#include "swap/swaps.h"

#include <limits>

namespace vital::swap {
namespace {

constexpr std::uint64_t kMostKilobytes = std::numeric_limits<std::uint64_t>::max() / 1024;

/// Name, kind, kB, kB used, priority.
bool parse(std::string_view line, SwapDevice& device) noexcept {
  Fields fields{line};
  std::int64_t priority = 0;
  if (!fields.next(device.name) || !fields.skip(1) || !fields.next(device.size) ||
      !fields.next(device.used) || !fields.next(priority) || !fields.at_end())
    return false;
  if (device.size > kMostKilobytes || device.used > device.size) return false;
  device.size *= 1024;
  device.used *= 1024;
  return true;
}

}  // namespace

SwapLines::SwapLines(std::string_view text) noexcept : lines_{text} {
  std::string_view headline;
  headed_ = lines_.next(headline);
}

bool SwapLines::next(SwapDevice& device) noexcept {
  std::string_view line;
  while (lines_.next(line))
    if (parse(line, device)) return true;
  return false;
}

}  // namespace vital::swap

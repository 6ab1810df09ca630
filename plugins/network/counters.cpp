// SPDX-License-Identifier: MIT
#include "network/counters.h"

namespace vital::network {

std::string_view name_of(Drop drop) noexcept {
  constexpr std::array<std::string_view, kDrops> kNames{
      "denied",      "flood",      "malformed",    "cut",          "unknown_user", "bad_signature",
      "unprotected", "incomplete", "bad_time",     "bad_name",     "unknown_type", "wrong_values",
      "replayed",    "looped",     "series_limit", "notifications"};
  return kNames[static_cast<std::size_t>(drop)];
}

}  // namespace vital::network

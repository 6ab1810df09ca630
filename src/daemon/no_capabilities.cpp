// SPDX-License-Identifier: MIT
// For a build without libcap.
#include "daemon/capabilities.h"

namespace vital {

bool knows_capabilities() noexcept { return false; }
Capabilities held_capabilities() noexcept { return 0; }
Status keep_capabilities(Capabilities, bool) noexcept {
  return Error{Errc::unsupported, "capabilities: built without libcap"};
}
Status hand_down_capabilities(Capabilities) noexcept { return {}; }
std::string names_of_capabilities(Capabilities) { return "none"; }

}  // namespace vital

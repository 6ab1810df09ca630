// SPDX-License-Identifier: MIT
#include "lib/placeholders.h"

namespace vital {

bool append_part(std::string_view name, const Identifier& identifier, std::string& out) {
  const struct {
    std::string_view name, value;
  } kParts[] = {{"host", identifier.host},
                {"plugin", identifier.plugin},
                {"plugin_instance", identifier.plugin_instance},
                {"type", identifier.type},
                {"type_instance", identifier.type_instance}};
  for (const auto& part : kParts) {
    if (part.name != name) continue;
    out.append(part.value);
    return true;
  }
  return false;
}

}  // namespace vital

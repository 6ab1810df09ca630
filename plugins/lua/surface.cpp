// SPDX-License-Identifier: MIT
#include "lua/surface.h"

#include <array>

namespace vital::lua {

std::string_view name_of(Event event) noexcept {
  constexpr std::array<std::string_view, kEvents> kNames{
      "config", "init", "read", "write", "notification", "flush", "shutdown"};
  return kNames[static_cast<std::size_t>(event)];
}

Surface::Refusal Surface::declare(const Identifier& identifier, Series& series) noexcept {
  constexpr std::string_view kPlugin = "lua";  // of values that name none
  Refusal refusal;
  Identifier named = identifier;
  if (named.plugin.empty()) named.plugin = kPlugin;
  const DataSet* const type = types_.find(named.type);
  if (type == nullptr) {
    if (named.type.empty()) return refusal.add("type is missing");
    return refusal.add("the types databases have no type \"").add_cut(named.type).add("\"");
  }
  auto found = table_.intern(named, *type);
  if (!found) return refusal.add_cut(found.error().message().view());
  series = std::move(*found);
  return refusal;
}

}  // namespace vital::lua

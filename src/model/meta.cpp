// SPDX-License-Identifier: MIT
#include "model/meta.h"

#include <algorithm>

#include "base/strings.h"
#include "base/text.h"

namespace vital {

std::string to_text(const MetaValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  Text<64> text;
  std::visit(
      [&](const auto& plain) {
        if constexpr (std::is_arithmetic_v<std::decay_t<decltype(plain)>>) text.add(plain);
      },
      value);
  return std::string{text.view()};
}

void Meta::set(std::string_view name, MetaValue value) {
  for (Entry& entry : entries_) {
    if (!iequals(entry.name, name)) continue;
    entry.value = std::move(value);
    return;
  }
  entries_.push_back({std::string{name}, std::move(value)});
}

bool Meta::remove(std::string_view name) noexcept {
  return std::erase_if(entries_, [&](const Entry& entry) { return iequals(entry.name, name); }) > 0;
}

const MetaValue* Meta::find(std::string_view name) const noexcept {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return iequals(entry.name, name); });
  return found == entries_.end() ? nullptr : &found->value;
}

}  // namespace vital

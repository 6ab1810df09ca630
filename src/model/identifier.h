// SPDX-License-Identifier: MIT
#pragma once
#include <string_view>

#include "base/result.h"

namespace vital {

/// The five names that together say which series is meant. Written as text:
/// host/plugin[-plugin_instance]/type[-type_instance]
///
/// Threads  a plain value over bytes that must outlive it
struct Identifier {
  static constexpr std::size_t kLongestField = 127;
  static constexpr std::size_t kLongest = 5 * kLongestField + 4;

  std::string_view host{}, plugin{}, plugin_instance{}, type{}, type_instance{};

  bool operator==(const Identifier&) const noexcept = default;
};

/// The text of an identifier, with room for the longest one.
using IdentifierText = Text<Identifier::kLongest>;

/// Splits at the first two slashes, and plugin and type each at their first dash.
///
/// Errors  malformed: fewer than two slashes
Result<Identifier> parse_identifier(std::string_view text) noexcept;

/// Overflows where a field is longer than kLongestField.
IdentifierText format(const Identifier& identifier) noexcept;

/// A field as it may stand in a path: a lone "/" is "root", a leading one goes, others become '_'.
///
/// Errors  too_long
Result<Text<Identifier::kLongestField>> normalised(std::string_view field) noexcept;

/// The identifier in double quotes with '"' and '\' escaped if it has a blank, TAB, '"' or '\';
/// else as it is. This is how PUTVAL lines want it.
Text<2 * Identifier::kLongest + 2> quoted(std::string_view identifier) noexcept;

}  // namespace vital

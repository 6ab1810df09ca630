// SPDX-License-Identifier: MIT
#include "lib/shares.h"

#include <cassert>
#include <limits>

#include "lib/late_series.h"

namespace vital {

Shares::Shares(Namer namer, std::string_view plugin_instance, std::string_view type,
               std::span<const std::string_view> names, Forms forms)
    : namer_{std::move(namer)}, plugin_instance_{plugin_instance}, type_{type}, forms_{forms} {
  for (const std::string_view name : names) parts_.push_back({.name = name});
}

Status Shares::add(Batch& batch, std::span<const std::optional<double>> amounts) noexcept {
  assert(amounts.size() == parts_.size());
  double whole = 0;
  for (const auto& amount : amounts) whole += amount.value_or(0);
  Status outcome;
  for (std::size_t i = 0; i < parts_.size(); ++i)
    if (amounts[i])
      if (auto status = add(batch, parts_[i], *amounts[i], whole); !status) outcome = status;
  return outcome;
}

Status Shares::add(Batch& batch, Part& part, double amount, double whole) noexcept {
  Identifier identifier{.plugin_instance = plugin_instance_, .type_instance = part.name};
  if (forms_.absolute) {
    identifier.type = type_;
    if (auto status = add_late(batch, part.absolute, namer_, identifier, amount); !status)
      return status;
  }
  if (!forms_.percent) return {};
  identifier.type = "percent";
  constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
  const double percent = whole > 0 ? 100 * amount / whole : kUnknown;
  return add_late(batch, part.percent, namer_, identifier, percent);
}

}  // namespace vital

// SPDX-License-Identifier: MIT
#include "model/data_set.h"

#include <array>
#include <cmath>

namespace vital {
namespace {

bool same_bound(double a, double b) noexcept { return a == b || (std::isnan(a) && std::isnan(b)); }

}  // namespace

std::string_view name_of(Kind kind) noexcept {
  constexpr std::array<std::string_view, 4> kNames{"counter", "gauge", "derive", "absolute"};
  return kNames[static_cast<std::size_t>(kind) & 3];
}

bool DataSource::operator==(const DataSource& other) const noexcept {
  return name == other.name && kind == other.kind && same_bound(min, other.min) &&
         same_bound(max, other.max);
}

}  // namespace vital

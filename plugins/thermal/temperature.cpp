// SPDX-License-Identifier: MIT
#include "thermal/temperature.h"

#include <cmath>

#include "base/fields.h"
#include "base/strings.h"

namespace vital::thermal {

Result<double> parse_cooling_state(std::string_view text) noexcept {
  Fields fields{text};
  std::int64_t number = 0;
  if (fields.next(number) && fields.at_end()) return static_cast<double>(number);
  return Error{Errc::malformed, trim(text)};
}

Result<double> parse_zone_temperature(std::string_view text) noexcept {
  const auto thousandths = parse_cooling_state(text);
  if (!thousandths) return thousandths;
  return *thousandths / 1000.0;
}

Result<double> parse_acpi_temperature(std::string_view text) noexcept {
  Fields fields{text};
  std::string_view label, unit;
  double number = 0;
  if (fields.next(label) && label == "temperature:" && fields.next(number) &&
      std::isfinite(number) && fields.next(unit) && fields.at_end()) {
    if (unit == "C") return number;
    if (unit == "F") return (number - 32) * (5.0 / 9.0);
    if (unit == "K") return number - 273.15;
  }
  return Error{Errc::malformed, trim(text)};
}

}  // namespace vital::thermal

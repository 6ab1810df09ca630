// SPDX-License-Identifier: MIT
#pragma once
#include <string_view>

#include "base/result.h"

namespace vital::thermal {

/// The temperature of a thermal zone.
///
/// Units    degrees Celsius; the file has thousandths, also negative ones
/// Errors   malformed: not one whole number on a finished line
/// Threads  pure
/// Source   /sys/class/thermal/thermal_zone*/temp, see the kernel's sysfs-api of thermal
Result<double> parse_zone_temperature(std::string_view text) noexcept;

/// How hard a cooling device works.
///
/// Units    steps of the device, from 0, which is idle
/// Errors   malformed: not one whole number on a finished line
/// Threads  pure
/// Source   /sys/class/thermal/cooling_device*/cur_state
Result<double> parse_cooling_state(std::string_view text) noexcept;

/// The temperature of a thermal zone as old kernels told it.
///
/// Units    degrees Celsius; the file names its own unit: C, F or K
/// Errors   malformed: not "temperature:", a number and a unit on a finished line
/// Threads  pure
/// Source   /proc/acpi/thermal_zone/*/temperature
Result<double> parse_acpi_temperature(std::string_view text) noexcept;

}  // namespace vital::thermal

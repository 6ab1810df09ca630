// SPDX-License-Identifier: MIT
#pragma once
#include <sensors/sensors.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace vital::sensors {

/// What libsensors finds on this host. The library knows one set of chips for the whole process, so
/// one object at a time can use it.
///
/// Units    degrees Celsius, revolutions per minute, volts, amperes, watts, percent, behind the
///          computations of the library's configuration
/// Errors   absent: the sensor's file is gone; denied; else what the library says, or that another
///          object has the library
/// Threads  none of its own: its reader's. Every call may block on a slow bus
/// Source   /sys/class/hwmon, by way of libsensors(3) and sensors.conf(5)
class Chips {
 public:
  /// One number that a chip measures.
  struct Sensor {
    const sensors_chip_name* chip;  // the library's, until the next find()
    int number;                     // of the subfeature that has the present value
    std::string chip_name;          // "coretemp-isa-0000"
    std::string_view type;          // "temperature"
    std::string name;               // "temp1", or its label: "Core 0"
  };
  /// What is wrong with the library's configuration: "/etc/sensors3.conf, line 12: syntax error".
  using Complaints = std::vector<std::string>;

  Chips() = default;
  Chips(const Chips&) = delete;
  Chips& operator=(const Chips&) = delete;
  ~Chips();

  /// Looks through all chips anew. `config_file`: in place of the library's own; empty: those.
  Status find(const std::string& config_file, bool use_labels, Complaints& complaints);
  const std::vector<Sensor>& sensors() const noexcept { return sensors_; }

  static Result<double> read(const Sensor& sensor) noexcept;

 private:
  void forget() noexcept;
  void add(const sensors_chip_name* chip, bool use_labels);

  bool own_ = false;    // the library is ours
  bool found_ = false;  // it is started
  std::vector<Sensor> sensors_;
};

}  // namespace vital::sensors

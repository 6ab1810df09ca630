// SPDX-License-Identifier: MIT
#pragma once
#include <sensors/sensors.h>

#include <string>
#include <vector>

namespace vital::test {

/// In place of libsensors: the test program defines the library's functions, and these come before
/// the library's own when the plugin is loaded. The chips are what the test says.
///
/// Threads  one
struct FakeLibsensors {
  struct Value {
    sensors_subfeature_type type;
    double value;
    int failure = 0;  // what sensors_get_value() returns
    int number = 0;   // and leaves in errno
  };
  struct Feature {
    sensors_feature_type type;
    std::string name, label;  // without a label: empty
    std::vector<Value> values;
  };
  struct Chip {
    std::string name;
    std::vector<Feature> features;
  };
  struct Complaint {
    std::string file, what;  // without a file: the one that was handed over
    int line;
  };

  std::vector<Chip> chips{};
  std::vector<Complaint> complaints{};
  int refuses_to_start = 0;  // what sensors_init() returns

  int starts = 0;           // how often it was started
  bool running = false;     // and not cleaned up since
  std::string config{};     // what it was started with
  bool had_config = false;  // else it reads its own
  std::string misuse{};     // what a real library would have crashed at

  Value& value(std::size_t chip, std::size_t feature) {
    return chips.at(chip).features.at(feature).values.front();
  }

  static FakeLibsensors& instance();
  static void reset();
};

}  // namespace vital::test

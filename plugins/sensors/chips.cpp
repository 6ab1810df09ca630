// SPDX-License-Identifier: MIT
#include "sensors/chips.h"

#include <sensors/error.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>

namespace vital::sensors {
namespace {

struct Kind {
  sensors_feature_type feature;
  sensors_subfeature_type present;  // the value as it is now
  std::string_view type;
};
constexpr auto kKinds = std::to_array<Kind>({
    {SENSORS_FEATURE_IN, SENSORS_SUBFEATURE_IN_INPUT, "voltage"},
    {SENSORS_FEATURE_FAN, SENSORS_SUBFEATURE_FAN_INPUT, "fanspeed"},
    {SENSORS_FEATURE_TEMP, SENSORS_SUBFEATURE_TEMP_INPUT, "temperature"},
    {SENSORS_FEATURE_POWER, SENSORS_SUBFEATURE_POWER_INPUT, "power"},
    {SENSORS_FEATURE_CURR, SENSORS_SUBFEATURE_CURR_INPUT, "current"},
    {SENSORS_FEATURE_HUMIDITY, SENSORS_SUBFEATURE_HUMIDITY_INPUT, "humidity"},
});

const Kind* kind_of(const sensors_feature& feature) noexcept {
  for (const Kind& kind : kKinds)
    if (kind.feature == feature.type) return &kind;
  return nullptr;
}

/// The library is one for the whole process, and so is the right to use it.
std::atomic_flag& in_use() noexcept {
  static std::atomic_flag flag;
  return flag;
}

/// Catches what the library's parser would print.
class Listening {
 public:
  Listening(const std::string& file, Chips::Complaints& complaints)
      : file_{file}, complaints_{complaints}, before_{sensors_parse_error_wfn} {
    current_ = this;
    sensors_parse_error_wfn = note;
  }
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;
  ~Listening() {
    sensors_parse_error_wfn = before_;
    current_ = nullptr;
  }

 private:
  static void note(const char* what, const char* file, int line) {
    if (current_ == nullptr) return;
    std::string text = file == nullptr ? current_->file_ : file;  // it knows only files of its own
    if (line != 0) text += ", line " + std::to_string(line);
    current_->complaints_.push_back(text + ": " + what);
  }

  // The library takes a bare function, which finds its listener only here.
  static inline thread_local const Listening* current_ = nullptr;

  const std::string& file_;
  Chips::Complaints& complaints_;
  decltype(sensors_parse_error_wfn) before_;
};

struct CloseFile {
  void operator()(FILE* file) const noexcept { std::fclose(file); }
};
struct Free {
  void operator()(char* text) const noexcept { std::free(text); }
};

std::string label_of(const sensors_chip_name* chip, const sensors_feature* feature) {
  const std::unique_ptr<char, Free> label{::sensors_get_label(chip, feature)};
  return label ? label.get() : feature->name;
}

std::string name_of(const sensors_chip_name* chip) {
  char name[256];
  const int length = ::sensors_snprintf_chip_name(name, sizeof name, chip);
  return length > 0 && static_cast<std::size_t>(length) < sizeof name ? name : "";
}

}  // namespace

Status Chips::find(const std::string& config_file, bool use_labels, Complaints& complaints) {
  forget();
  if (!own_ && in_use().test_and_set())
    return Error{Errc::temporary, "libsensors is still in use by an earlier read that hangs"};
  own_ = true;
  std::unique_ptr<FILE, CloseFile> file;
  if (!config_file.empty()) {
    file.reset(std::fopen(config_file.c_str(), "re"));
    if (!file) return Error::system(config_file);
  }
  const Listening ears{config_file, complaints};
  if (const int failed = ::sensors_init(file.get()); failed != 0)
    return Error{Errc::temporary, ::sensors_strerror(failed)};
  found_ = true;
  int at = 0;
  while (const sensors_chip_name* chip = ::sensors_get_detected_chips(nullptr, &at))
    add(chip, use_labels);
  return {};
}

Chips::~Chips() {
  forget();
  if (own_) in_use().clear();
}

void Chips::forget() noexcept {
  sensors_.clear();
  if (std::exchange(found_, false)) ::sensors_cleanup();
}

void Chips::add(const sensors_chip_name* chip, bool use_labels) {
  const std::string name = name_of(chip);
  if (name.empty()) return;
  int at = 0;
  while (const sensors_feature* feature = ::sensors_get_features(chip, &at)) {
    const Kind* const kind = kind_of(*feature);
    if (kind == nullptr) continue;
    const sensors_subfeature* const present =
        ::sensors_get_subfeature(chip, feature, kind->present);
    if (present == nullptr) continue;
    sensors_.push_back({.chip = chip,
                        .number = present->number,
                        .chip_name = name,
                        .type = kind->type,
                        .name = use_labels ? label_of(chip, feature) : feature->name});
  }
}

Result<double> Chips::read(const Sensor& sensor) noexcept {
  double value = 0;
  errno = 0;
  const int failed = ::sensors_get_value(sensor.chip, sensor.number, &value);
  if (failed == 0) return value;
  // The library does not tell a file that is gone from one that may not be read.
  if (failed == -SENSORS_ERR_KERNEL && errno != 0) return Error::system(sensor.name);
  return Error{Errc::temporary, ::sensors_strerror(failed)};
}

}  // namespace vital::sensors

// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <vector>

#include "lib/ignore_list.h"
#include "plugin/plugin.h"
#include "thermal/temperature.h"

namespace vital::thermal {
namespace {

constexpr std::string_view kSysfs = "sys/class/thermal";
constexpr std::string_view kProcfs = "proc/acpi/thermal_zone";
constexpr Nanoseconds kLookAgain = std::chrono::minutes{1};

/// One file that a zone or a cooling device may have, and what it becomes.
struct Kind {
  std::string_view file, type;
  Result<double> (*parse)(std::string_view) noexcept;
};
constexpr auto kSysfsKinds = std::to_array<Kind>({
    {"temp", "temperature", parse_zone_temperature},
    {"cur_state", "gauge", parse_cooling_state},
});
constexpr auto kProcfsKinds =
    std::to_array<Kind>({{"temperature", "temperature", parse_acpi_temperature}});

/// Drivers of sensors that sleep answer so, and the number comes back with the device.
bool means_no_value(const Error& error) noexcept {
  return error.code() != Errc::malformed && error.code() != Errc::denied;
}

}  // namespace

class ThermalReader final : public Reader {
 public:
  explicit ThermalReader(Setup& setup)
      : root_{setup.root()},
        clock_{setup.clock()},
        log_{setup.log()},
        namer_{setup.namer()},
        devices_{setup.options(), "Device"},
        procfs_only_{setup.options().flag("ForceUseProcfs")} {
    setup.need_types({"temperature", "gauge"});
    look();
  }

  Status read(Batch& batch) noexcept override {
    if (lost_one_ || clock_.now() >= next_look_) look();
    for (Gauge& gauge : gauges_) {
      const auto value = gauge.file.read(gauge.kind->parse);
      if (!value)
        note_failure(gauge, value.error());
      else if (auto status = note_success(gauge, batch, *value); !status)
        return status;
    }
    return {};  // one zone that sleeps or is broken must not let the others rest
  }

 private:
  struct Gauge {
    std::string path;  // below the root
    const Kind* kind;
    KernelFile file;
    Series series;
    Trouble trouble;
    bool lost = false;  // its file was not there
  };

  void note_failure(Gauge& gauge, const Error& error) noexcept {
    if (error.code() == Errc::absent && !std::exchange(gauge.lost, true)) lost_one_ = true;
    if (!means_no_value(error)) gauge.trouble.begins(log_, gauge.path, error);
  }

  Status note_success(Gauge& gauge, Batch& batch, double value) noexcept {
    gauge.lost = false;
    gauge.trouble.ends(log_, gauge.path);
    return batch.add(gauge.series, value);
  }

  /// Finds out which devices there are. Those that were there stay as they are.
  void look() {
    lost_one_ = false;
    next_look_ = clock_.now() + kLookAgain;
    std::vector<Gauge> before = std::exchange(gauges_, {});
    if (!procfs_only_ && root_.exists(kSysfs))
      look_in(kSysfs, kSysfsKinds, before);
    else
      look_in(kProcfs, kProcfsKinds, before);
    if (!gauges_.empty()) {
      said_there_is_nothing_ = false;
    } else if (!std::exchange(said_there_is_nothing_, true)) {
      log_.notice(devices_.empty() ? "this host has no thermal zones"
                                   : "this host has no thermal zones that are selected",
                  "; they are looked for again every minute");
    }
  }

  void look_in(std::string_view directory, std::span<const Kind> kinds,
               std::vector<Gauge>& before) {
    const auto names = root_.list(directory);
    if (!names) return;
    for (const std::string& name : *names) {
      if (name.starts_with('.') || devices_.ignores(name)) continue;
      const std::string folder = std::string{directory} + "/" + name + "/";
      for (const Kind& kind : kinds) add(name, folder + std::string{kind.file}, kind, before);
    }
  }

  void add(const std::string& name, std::string path, const Kind& kind,
           std::vector<Gauge>& before) {
    if (!root_.exists(path)) return;
    const auto known = std::find_if(before.begin(), before.end(),
                                    [&](const Gauge& gauge) { return gauge.path == path; });
    if (known != before.end()) {
      gauges_.push_back(std::move(*known));
      before.erase(known);
      return;
    }
    auto series = namer_({.plugin_instance = name, .type = kind.type});
    if (!series) return log_.warning(path, " is left out: ", series.error());
    KernelFile file = root_.open(path);
    gauges_.push_back({.path = std::move(path),
                       .kind = &kind,
                       .file = std::move(file),
                       .series = std::move(*series),
                       .trouble = {}});
  }

  const Root root_;
  const Clock& clock_;
  const Log log_;
  const Namer namer_;
  const IgnoreList devices_;
  const bool procfs_only_;
  std::vector<Gauge> gauges_;
  Steady next_look_{};
  bool lost_one_ = false;
  bool said_there_is_nothing_ = false;
};

}  // namespace vital::thermal

extern "C" void vital_register(vital::Registry& registry) {
  auto& plugin = registry.reader<vital::thermal::ThermalReader>(
      "thermal", "Temperatures of the thermal zones, and how hard the cooling devices work.");
  plugin
      .reports("thermal-ZONE/temperature", "degrees Celsius, as thermal_zone0 and its like tell it")
      .reports("thermal-DEVICE/gauge",
               "the state of cooling_device0 and its like: 0 is idle, the highest number depends "
               "on the device")
      .note(
          "A zone whose driver sleeps has no temperature: it is left out until it wakes. Zones "
          "that appear or vanish are noticed within a minute.");
  declare_ignore_list(plugin, "Device",
                      "A zone or cooling device by the name of its directory: thermal_zone0.")
      .option("ForceUseProcfs", false,
              "Read /proc/acpi/thermal_zone, as old kernels have it, even where "
              "/sys/class/thermal is there.");
}

// SPDX-License-Identifier: MIT
#include <unistd.h>

#include <algorithm>

#include "lib/ignore_list.h"
#include "plugin/plugin.h"
#include "sensors/chips.h"

namespace vital::sensors {
namespace {

constexpr Nanoseconds kLookAgain = std::chrono::minutes{1};
constexpr std::string_view kChips = "sys/class/hwmon";

}  // namespace

class SensorsReader final : public Reader {
 public:
  explicit SensorsReader(Setup& setup)
      : root_{setup.root()},
        clock_{setup.clock()},
        log_{setup.log()},
        namer_{setup.namer()},
        selection_{setup.options(), "Sensor"},
        config_file_{setup.options().text("SensorConfigFile")},
        use_labels_{setup.options().flag("UseLabels")} {
    if (!root_.is_host())
      throw SetupError{"libsensors reads this host's /sys and no other; leave RootPath out"};
    if (!config_file_.empty() && ::access(config_file_.c_str(), R_OK) != 0)
      throw SetupError{Error::system(config_file_)};
    setup.need_types({"voltage", "fanspeed", "temperature", "power", "current", "humidity"});
  }

  Status read(Batch& batch) noexcept override {
    if (is_time_to_look())
      if (auto status = look(); !status) return status;
    for (Gauge& gauge : gauges_) {
      const auto value = Chips::read(*gauge.sensor);
      if (!value)
        note_failure(gauge, value.error());
      else if (auto status = note_success(gauge, batch, *value); !status)
        return status;
    }
    return {};  // one sensor that sleeps or is broken must not let the others rest
  }

 private:
  struct Gauge {
    const Chips::Sensor* sensor;
    Series series;
    bool worked = false;
    Trouble trouble{};
  };
  using Gauges = std::vector<Gauge>;

  /// A device that sleeps has no value for a while, and that is no failure. One that never had a
  /// value may be broken, or not for us to read.
  void note_failure(Gauge& gauge, const Error& error) noexcept {
    if (error.code() == Errc::absent) lost_one_ = true;
    if (!gauge.worked || error.code() == Errc::denied)
      gauge.trouble.begins(log_, gauge.series->name(), error, Severity::notice);
  }

  Status note_success(Gauge& gauge, Batch& batch, double value) noexcept {
    gauge.worked = true;
    gauge.trouble.ends(log_, gauge.series->name());
    return batch.add(gauge.series, value);
  }

  /// The library looks for chips once, at its start. So it is started anew when one appeared or
  /// vanished, but not at every tick for a file that stays away. Where it did not even start it
  /// is for the scheduler to say how often that is tried.
  bool is_time_to_look() {
    if (!started_) return true;
    const Steady now = clock_.now();
    if (now < next_check_) return false;
    next_check_ = now + kLookAgain;
    return lost_one_ || chips_there() != there_;
  }

  /// Directories and names: a directory that is free is given to the next driver that comes.
  std::vector<std::string> chips_there() const {
    auto directories = root_.list(kChips);
    if (!directories) return {};
    for (std::string& directory : *directories)
      if (const auto name = root_.text(std::string{kChips} + "/" + directory + "/name"))
        directory += "=" + *name;
    return std::move(*directories);
  }

  Status look() {
    next_check_ = clock_.now() + kLookAgain;
    lost_one_ = false;
    there_ = chips_there();
    Gauges before = std::exchange(gauges_, {});  // points at what is gone
    const Status status = start_library();
    if (!status) return status;
    for (const Chips::Sensor& sensor : chips_.sensors()) add(sensor, before);
    say_if_there_is_nothing();
    return {};
  }

  Status start_library() {
    Chips::Complaints complaints;
    const Status status = chips_.find(config_file_, use_labels_, complaints);
    started_ = static_cast<bool>(status);
    if (complaints != complaints_)
      for (const std::string& complaint : complaints) log_.warning(complaint);
    complaints_ = std::move(complaints);
    return status;
  }

  void add(const Chips::Sensor& sensor, Gauges& before) {
    const std::string type{sensor.type};
    if (selection_.ignores(sensor.chip_name + "/" + type + "-" + sensor.name)) return;
    auto series =
        namer_({.plugin_instance = sensor.chip_name, .type = type, .type_instance = sensor.name});
    if (!series)
      return log_.warning(sensor.chip_name, " ", sensor.name, " is left out: ", series.error());
    if (find(gauges_, *series) != gauges_.end()) return say_it_is_there_twice(*series);
    Gauge gauge{.sensor = &sensor, .series = std::move(*series)};
    if (const auto known = find(before, gauge.series); known != before.end()) {
      gauge.worked = known->worked;
      gauge.trouble = known->trouble;
    }
    gauges_.push_back(std::move(gauge));
  }

  static Gauges::iterator find(Gauges& gauges, const Series& series) {
    return std::find_if(gauges.begin(), gauges.end(),
                        [&](const Gauge& gauge) { return gauge.series.get() == series.get(); });
  }

  void say_it_is_there_twice(const Series& series) {
    if (!std::exchange(said_one_is_there_twice_, true))
      log_.notice(series->name(), " is there twice; only the first of such sensors is reported");
  }

  void say_if_there_is_nothing() {
    if (!gauges_.empty()) {
      said_there_is_nothing_ = false;
    } else if (!std::exchange(said_there_is_nothing_, true)) {
      log_.notice(selection_.empty() ? "this host has no sensors that its drivers show"
                                     : "this host has no sensors that are selected",
                  "; new ones are looked for every minute");
    }
  }

  const Root root_;
  const Clock& clock_;
  const Log log_;
  const Namer namer_;
  const IgnoreList selection_;
  const std::string config_file_;
  const bool use_labels_;
  Chips chips_;
  bool started_ = false;
  Gauges gauges_;                   // point into chips_
  std::vector<std::string> there_;  // the chips when they were looked for
  Chips::Complaints complaints_;
  Steady next_check_{};
  bool lost_one_ = false;
  bool said_there_is_nothing_ = false, said_one_is_there_twice_ = false;
};

}  // namespace vital::sensors

extern "C" void vital_register(vital::Registry& registry) {
  auto& plugin = registry.blocking_reader<vital::sensors::SensorsReader>(
      "sensors", "Temperatures, fans, voltages and more of the hardware, by way of libsensors.");
  plugin.reports("sensors-CHIP/temperature-NAME", "degrees Celsius")
      .reports("sensors-CHIP/fanspeed-NAME", "revolutions per minute")
      .reports("sensors-CHIP/voltage-NAME", "volts")
      .reports("sensors-CHIP/current-NAME", "amperes")
      .reports("sensors-CHIP/power-NAME", "watts, where the chip tells them as they are now")
      .reports("sensors-CHIP/humidity-NAME", "relative humidity in percent")
      .note(
          "CHIP is what sensors(1) calls the chip, such as coretemp-isa-0000. A sensor that "
          "cannot be read has no value and leaves the others alone. Of two sensors with one name, "
          "as two may have one label, the first is reported. A chip whose driver is loaded or "
          "taken away is noticed within a minute.");
  declare_ignore_list(plugin, "Sensor",
                      "A sensor by its chip, type and name: coretemp-isa-0000/temperature-temp1.")
      .option("SensorConfigFile", vital::Unset<std::string>{},
              "Read this in place of libsensors' own configuration; see sensors.conf(5).")
      .called("FILE")
      .option("UseLabels", false,
              "Name sensors as the chip or the configuration labels them, such as \"Core 0\" in "
              "place of temp2.");
}

// SPDX-License-Identifier: MIT
#include <cppunit/extensions/HelperMacros.h>
#include <sensors/error.h>

#include <cerrno>
#include <filesystem>

#include "plugins/sensors/fake_libsensors.h"
#include "support/plugin_under_test.h"

namespace vital::test {

class SensorsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(SensorsTest);
  CPPUNIT_TEST(names_are_of_chip_kind_and_feature);
  CPPUNIT_TEST(what_is_no_present_value_is_left_out);
  CPPUNIT_TEST(labels_name_them_if_wanted);
  CPPUNIT_TEST(a_label_that_does_not_fit_costs_only_its_sensor);
  CPPUNIT_TEST(of_two_with_one_name_the_first_is_reported);
  CPPUNIT_TEST(selects_by_chip_type_and_name);
  CPPUNIT_TEST(selects_by_label_if_labels_are_names);
  CPPUNIT_TEST(leaves_out_the_selected);
  CPPUNIT_TEST(hands_its_configuration_on);
  CPPUNIT_TEST(needs_the_configuration_that_it_is_told);
  CPPUNIT_TEST(says_once_what_is_wrong_with_the_configuration);
  CPPUNIT_TEST(reads_this_host_only);
  CPPUNIT_TEST(allocates_nothing_once_it_runs);
  CPPUNIT_TEST(a_sensor_that_sleeps_costs_only_itself_and_is_no_failure);
  CPPUNIT_TEST(a_sensor_that_never_worked_is_said_once);
  CPPUNIT_TEST(a_sensor_that_may_not_be_read_is_said_once);
  CPPUNIT_TEST(looks_again_within_a_minute_when_a_sensor_vanished);
  CPPUNIT_TEST(remembers_what_it_said_when_it_looks_again);
  CPPUNIT_TEST(fails_until_the_library_starts);
  CPPUNIT_TEST(says_once_that_there_is_nothing);
  CPPUNIT_TEST(one_at_a_time_has_the_library);
  CPPUNIT_TEST_SUITE_END();

  using Chip = FakeLibsensors::Chip;

  TemporaryDirectory directory_;

  static FakeLibsensors& library() { return FakeLibsensors::instance(); }
  static void add_two() {
    library().chips = {Chip{"coretemp-isa-0000",
                            {{SENSORS_FEATURE_TEMP,
                              "temp1",
                              "Package id 0",
                              {{.type = SENSORS_SUBFEATURE_TEMP_INPUT, .value = 45.5}}},
                             {SENSORS_FEATURE_TEMP,
                              "temp2",
                              "Core 0",
                              {{.type = SENSORS_SUBFEATURE_TEMP_INPUT, .value = -3.2}}}}},
                       Chip{"nct6775-isa-0290",
                            {{SENSORS_FEATURE_FAN,
                              "fan1",
                              "CPU/1",
                              {{.type = SENSORS_SUBFEATURE_FAN_INPUT, .value = 1350}}}}}};
  }
  static std::string read_once(const std::string& options) {
    PluginUnderTest sensors{"sensors", "/", options};
    CPPUNIT_ASSERT(sensors.read());
    CPPUNIT_ASSERT_EQUAL(std::string{}, sensors.logged());
    return sensors.recorded();
  }

 public:
  void setUp() override { FakeLibsensors::reset(); }
  void tearDown() override {
    CPPUNIT_ASSERT_EQUAL(std::string{}, library().misuse);
    CPPUNIT_ASSERT(!library().running);
  }

  void names_are_of_chip_kind_and_feature() {
    library().chips = {Chip{
        "chip-i2c-0-2f",
        {{SENSORS_FEATURE_IN, "in0", "+12V", {{SENSORS_SUBFEATURE_IN_INPUT, 12.096}}},
         {SENSORS_FEATURE_FAN, "fan2", "CPU", {{SENSORS_SUBFEATURE_FAN_INPUT, 0}}},
         {SENSORS_FEATURE_TEMP, "temp1", "CPU", {{SENSORS_SUBFEATURE_TEMP_INPUT, -12.5}}},
         {SENSORS_FEATURE_POWER, "power1", "PPT", {{SENSORS_SUBFEATURE_POWER_INPUT, 15.25}}},
         {SENSORS_FEATURE_CURR, "curr1", "", {{SENSORS_SUBFEATURE_CURR_INPUT, 2.375}}},
         {SENSORS_FEATURE_HUMIDITY, "humidity1", "", {{SENSORS_SUBFEATURE_HUMIDITY_INPUT, 43}}}}}};
    CPPUNIT_ASSERT_EQUAL(std::string{"sensors-chip-i2c-0-2f/voltage-in0 12.096\n"
                                     "sensors-chip-i2c-0-2f/fanspeed-fan2 0\n"
                                     "sensors-chip-i2c-0-2f/temperature-temp1 -12.5\n"
                                     "sensors-chip-i2c-0-2f/power-power1 15.25\n"
                                     "sensors-chip-i2c-0-2f/current-curr1 2.375\n"
                                     "sensors-chip-i2c-0-2f/humidity-humidity1 43\n"},
                         read_once(""));
  }

  void what_is_no_present_value_is_left_out() {
    library().chips = {Chip{
        "chip-isa-0290",
        {{SENSORS_FEATURE_TEMP, "temp1", "", {{SENSORS_SUBFEATURE_TEMP_MAX, 80}}},
         {SENSORS_FEATURE_TEMP,
          "temp2",
          "",
          {{SENSORS_SUBFEATURE_TEMP_MAX, 80}, {SENSORS_SUBFEATURE_TEMP_INPUT, 30}}},
         {SENSORS_FEATURE_POWER, "power1", "", {{SENSORS_SUBFEATURE_POWER_AVERAGE, 9}}},
         {SENSORS_FEATURE_ENERGY, "energy1", "", {{SENSORS_SUBFEATURE_ENERGY_INPUT, 1}}},
         {SENSORS_FEATURE_VID, "cpu0_vid", "", {{SENSORS_SUBFEATURE_VID, 1.25}}},
         {SENSORS_FEATURE_INTRUSION, "intrusion0", "", {{SENSORS_SUBFEATURE_INTRUSION_ALARM, 1}}},
         {SENSORS_FEATURE_BEEP_ENABLE, "beep_enable", "", {{SENSORS_SUBFEATURE_BEEP_ENABLE, 1}}}}}};
    CPPUNIT_ASSERT_EQUAL(std::string{"sensors-chip-isa-0290/temperature-temp2 30\n"},
                         read_once(""));
  }

  void labels_name_them_if_wanted() {
    add_two();
    CPPUNIT_ASSERT_EQUAL(std::string{"sensors-coretemp-isa-0000/temperature-Package id 0 45.5\n"
                                     "sensors-coretemp-isa-0000/temperature-Core 0 -3.2\n"
                                     "sensors-nct6775-isa-0290/fanspeed-CPU_1 1350\n"},
                         read_once("UseLabels true"));
  }

  void a_label_that_does_not_fit_costs_only_its_sensor() {
    add_two();
    library().chips[0].features[0].label = std::string(200, 'x');
    PluginUnderTest sensors{"sensors", "/", "UseLabels true"};
    CPPUNIT_ASSERT(sensors.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"sensors-coretemp-isa-0000/temperature-Core 0 -3.2\n"
                                     "sensors-nct6775-isa-0290/fanspeed-CPU_1 1350\n"},
                         sensors.recorded());
    CPPUNIT_ASSERT(sensors.logged().find("is left out: too long") != std::string::npos);
  }

  void of_two_with_one_name_the_first_is_reported() {
    add_two();
    library().chips[0].features[0].label = "Core 0";
    PluginUnderTest sensors{"sensors", "/", "UseLabels true"};
    for (int tick = 0; tick < 3; ++tick) CPPUNIT_ASSERT(sensors.read());
    CPPUNIT_ASSERT(sensors.recorded().starts_with(
        "sensors-coretemp-isa-0000/temperature-Core 0 45.5\nsensors-nct6775-isa-0290/"));
    CPPUNIT_ASSERT_EQUAL(
        std::string{"notice: sensors: host/sensors-coretemp-isa-0000/temperature-Core 0 is there "
                    "twice; only the first of such sensors is reported\n"},
        sensors.logged());
  }

  void selects_by_chip_type_and_name() {
    add_two();
    CPPUNIT_ASSERT_EQUAL(
        std::string{"sensors-coretemp-isa-0000/temperature-temp2 -3.2\n"
                    "sensors-nct6775-isa-0290/fanspeed-fan1 1350\n"},
        read_once("Sensor \"coretemp-isa-0000/temperature-temp2\"\nSensor \"/fanspeed/\""));
  }

  void selects_by_label_if_labels_are_names() {
    add_two();
    CPPUNIT_ASSERT_EQUAL(
        std::string{"sensors-coretemp-isa-0000/temperature-Core 0 -3.2\n"
                    "sensors-nct6775-isa-0290/fanspeed-CPU_1 1350\n"},
        read_once("UseLabels true\nSensor \"coretemp-isa-0000/temperature-Core 0\"\n"
                  "Sensor \"nct6775-isa-0290/fanspeed-CPU/1\""));
  }

  void leaves_out_the_selected() {
    add_two();
    CPPUNIT_ASSERT_EQUAL(std::string{"sensors-coretemp-isa-0000/temperature-temp1 45.5\n"},
                         read_once("Sensor \"coretemp-isa-0000/temperature-temp2\"\n"
                                   "Sensor \"/^nct/\"\nIgnoreSelected true"));
  }

  void hands_its_configuration_on() {
    add_two();
    directory_.write("sensors.conf", "chip \"*\"\n");
    (void)read_once("SensorConfigFile \"" + directory_.path() + "/sensors.conf\"");
    CPPUNIT_ASSERT_EQUAL(std::string{"chip \"*\"\n"}, library().config);
    (void)read_once("");
    CPPUNIT_ASSERT(!library().had_config);
  }

  void needs_the_configuration_that_it_is_told() {
    CPPUNIT_ASSERT_THROW(
        (PluginUnderTest{"sensors", "/", "SensorConfigFile \"" + directory_.path() + "/none\""}),
        SetupError);
  }

  void says_once_what_is_wrong_with_the_configuration() {
    add_two();
    directory_.write("own", "");
    library().complaints = {{.file = "", .what = "syntax error", .line = 3},
                            {.file = "/etc/sensors.d/x", .what = "Undeclared bus id", .line = 0}};
    const std::string own = directory_.path() + "/own";
    PluginUnderTest sensors{"sensors", "/", "SensorConfigFile \"" + own + "\""};
    CPPUNIT_ASSERT(sensors.read());
    library().value(0, 0) = {SENSORS_SUBFEATURE_TEMP_INPUT, 0, -SENSORS_ERR_KERNEL, ENOENT};
    for (int tick = 0; tick < 20; ++tick) CPPUNIT_ASSERT(sensors.read());
    CPPUNIT_ASSERT(library().starts > 1);
    CPPUNIT_ASSERT_EQUAL("warning: sensors: " + own +
                             ", line 3: syntax error\n"
                             "warning: sensors: /etc/sensors.d/x: Undeclared bus id\n",
                         sensors.logged());
  }

  void reads_this_host_only() {
    CPPUNIT_ASSERT_THROW((PluginUnderTest{"sensors", directory_.path()}), SetupError);
  }

  void allocates_nothing_once_it_runs() {
    add_two();
    PluginUnderTest sensors{"sensors", "/"};
    CPPUNIT_ASSERT(sensors.read());
    CPPUNIT_ASSERT(sensors.read());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, sensors.allocations());
  }

  void a_sensor_that_sleeps_costs_only_itself_and_is_no_failure() {
    add_two();
    PluginUnderTest sensors{"sensors", "/"};
    CPPUNIT_ASSERT(sensors.read());
    (void)sensors.recorded();
    library().value(0, 0).failure = -SENSORS_ERR_IO;
    for (int tick = 0; tick < 10; ++tick) {
      CPPUNIT_ASSERT(sensors.read());
      CPPUNIT_ASSERT_EQUAL(std::string{"sensors-coretemp-isa-0000/temperature-temp2 -3.2\n"
                                       "sensors-nct6775-isa-0290/fanspeed-fan1 1350\n"},
                           sensors.recorded());
    }
    library().value(0, 0).failure = 0;
    CPPUNIT_ASSERT(sensors.read());
    CPPUNIT_ASSERT(sensors.recorded().starts_with("sensors-coretemp-isa-0000/temperature-temp1 "));
    CPPUNIT_ASSERT_EQUAL(std::string{}, sensors.logged());
    CPPUNIT_ASSERT_EQUAL(1, library().starts);
  }

  void a_sensor_that_never_worked_is_said_once() {
    add_two();
    library().value(0, 0).failure = -SENSORS_ERR_IO;
    PluginUnderTest sensors{"sensors", "/"};
    for (int tick = 0; tick < 3; ++tick) CPPUNIT_ASSERT(sensors.read());
    library().value(0, 0).failure = 0;
    CPPUNIT_ASSERT(sensors.read());
    CPPUNIT_ASSERT_EQUAL(
        std::string{
            "notice: sensors: host/sensors-coretemp-isa-0000/temperature-temp1 fails: I/O "
            "error\n"
            "notice: sensors: host/sensors-coretemp-isa-0000/temperature-temp1 works again after 3 "
            "failures\n"},
        sensors.logged());
  }

  void a_sensor_that_may_not_be_read_is_said_once() {
    add_two();
    PluginUnderTest sensors{"sensors", "/"};
    CPPUNIT_ASSERT(sensors.read());
    library().value(1, 0) = {SENSORS_SUBFEATURE_FAN_INPUT, 0, -SENSORS_ERR_KERNEL, EACCES};
    for (int tick = 0; tick < 3; ++tick) CPPUNIT_ASSERT(sensors.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"notice: sensors: host/sensors-nct6775-isa-0290/fanspeed-fan1 "
                                     "fails: fan1: Permission denied\n"},
                         sensors.logged());
  }

  void looks_again_within_a_minute_when_a_sensor_vanished() {
    add_two();
    PluginUnderTest sensors{"sensors", "/"};
    CPPUNIT_ASSERT(sensors.read());
    library().value(1, 0) = {SENSORS_SUBFEATURE_FAN_INPUT, 0, -SENSORS_ERR_KERNEL, ENOENT};
    CPPUNIT_ASSERT(sensors.read());
    CPPUNIT_ASSERT_EQUAL(1, library().starts);
    for (int tick = 0; tick < 5; ++tick) CPPUNIT_ASSERT(sensors.read());
    CPPUNIT_ASSERT_EQUAL(2, library().starts);
    for (int tick = 0; tick < 6; ++tick) CPPUNIT_ASSERT(sensors.read());
    CPPUNIT_ASSERT_EQUAL(3, library().starts);  // it stays away: no more often than this
    CPPUNIT_ASSERT_EQUAL(std::string{}, sensors.logged());
  }

  void remembers_what_it_said_when_it_looks_again() {
    add_two();
    library().value(0, 0).failure = -SENSORS_ERR_IO;
    PluginUnderTest sensors{"sensors", "/"};
    CPPUNIT_ASSERT(sensors.read());
    CPPUNIT_ASSERT(!sensors.logged().empty());
    library().value(1, 0) = {SENSORS_SUBFEATURE_FAN_INPUT, 0, -SENSORS_ERR_KERNEL, ENOENT};
    for (int tick = 0; tick < 20; ++tick) CPPUNIT_ASSERT(sensors.read());
    CPPUNIT_ASSERT(library().starts > 1);
    CPPUNIT_ASSERT_EQUAL(std::string{}, sensors.logged());
  }

  void fails_until_the_library_starts() {
    add_two();
    library().refuses_to_start = -SENSORS_ERR_KERNEL;
    PluginUnderTest sensors{"sensors", "/"};
    for (int tick = 0; tick < 3; ++tick) {
      const Status status = sensors.read();
      CPPUNIT_ASSERT(!status);
      CPPUNIT_ASSERT_EQUAL(std::string{"Kernel interface error"},
                           std::string{status.error().message().view()});
    }
    CPPUNIT_ASSERT_EQUAL(3, library().starts);
    library().refuses_to_start = 0;
    CPPUNIT_ASSERT(sensors.read());
    CPPUNIT_ASSERT(!sensors.recorded().empty());
  }

  void says_once_that_there_is_nothing() {
    PluginUnderTest sensors{"sensors", "/"};
    for (int tick = 0; tick < 20; ++tick) CPPUNIT_ASSERT(sensors.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"notice: sensors: this host has no sensors that its drivers "
                                     "show; new ones are looked for every minute\n"},
                         sensors.logged());
    CPPUNIT_ASSERT_EQUAL(1, library().starts);
  }

  void one_at_a_time_has_the_library() {
    add_two();
    PluginUnderTest second{"sensors", "/"};
    {
      PluginUnderTest first{"sensors", "/"};
      CPPUNIT_ASSERT(first.read());
      CPPUNIT_ASSERT(!second.read());
      CPPUNIT_ASSERT(first.read());
    }
    CPPUNIT_ASSERT(second.read());
    CPPUNIT_ASSERT(!second.recorded().empty());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SensorsTest);

}  // namespace vital::test

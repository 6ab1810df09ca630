// SPDX-License-Identifier: MIT
#include <cppunit/extensions/HelperMacros.h>
#include <unistd.h>

#include <filesystem>
#include <map>

#include "support/plugin_under_test.h"

namespace vital::test {
using namespace std::chrono_literals;

class ThermalTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ThermalTest);
  CPPUNIT_TEST(reports_zones_and_cooling_devices);
  CPPUNIT_TEST(reports_what_real_machines_have);
  CPPUNIT_TEST(allocates_nothing_once_it_runs);
  CPPUNIT_TEST(a_sleeping_zone_costs_only_itself_and_is_no_failure);
  CPPUNIT_TEST(a_malformed_zone_costs_only_itself_and_is_said_once);
  CPPUNIT_TEST(a_zone_that_vanishes_is_forgotten);
  CPPUNIT_TEST(a_zone_that_appears_is_noticed_within_a_minute);
  CPPUNIT_TEST(reports_selected_devices_only);
  CPPUNIT_TEST(reports_all_but_the_selected);
  CPPUNIT_TEST(reads_the_old_files_where_the_new_are_missing);
  CPPUNIT_TEST(reads_the_old_files_when_told_to);
  CPPUNIT_TEST(says_once_that_there_are_no_zones_and_looks_again);
  CPPUNIT_TEST_SUITE_END();

  static constexpr const char* kSys = "sys/class/thermal/";

  TemporaryDirectory root_;

  void write(const std::string& file, std::string_view text) { root_.write(kSys + file, text); }
  void write_three() {
    write("thermal_zone0/temp", "45500\n");
    write("thermal_zone0/type", "x86_pkg_temp\n");
    write("thermal_zone1/temp", "-3200\n");
    write("cooling_device0/cur_state", "2\n");
    write("cooling_device0/max_state", "10\n");
  }

 public:
  void reports_zones_and_cooling_devices() {
    write_three();
    PluginUnderTest thermal{"thermal", root_.path()};
    CPPUNIT_ASSERT(thermal.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"thermal-cooling_device0/gauge 2\n"
                                     "thermal-thermal_zone0/temperature 45.5\n"
                                     "thermal-thermal_zone1/temperature -3.2\n"},
                         thermal.recorded());
    CPPUNIT_ASSERT_EQUAL(std::string{}, thermal.logged());
  }

  void reports_what_real_machines_have() {
    const std::string acpi =
        "thermal-cooling_device0/gauge 0\n"
        "thermal-cooling_device1/gauge 0\n"
        "thermal-cooling_device2/gauge 0\n"
        "thermal-thermal_zone0/temperature 47.2\n"
        "thermal-thermal_zone1/temperature -3.1\n";
    const std::string four_cpus =
        "thermal-cooling_device0/gauge 0\n"
        "thermal-cooling_device1/gauge 0\n"
        "thermal-cooling_device2/gauge 0\n"
        "thermal-cooling_device3/gauge 0\n";
    const std::map<std::string, std::string> expected{
        {"linux-3.10-qemu", acpi},
        {"linux-5.10-qemu-4cpu", four_cpus},
        {"linux-6.1-arm64-rpi3", "thermal-thermal_zone0/temperature 25.178\n"},
        {"linux-6.1-qemu", acpi},
        {"linux-6.12-qemu-numa", four_cpus},
        {"linux-6.18-vm", ""},
        {"linux-7.3-qemu", "thermal-cooling_device0/gauge 0\n"},
    };
    for (const auto& [machine, report] : expected) {
      PluginUnderTest thermal{"thermal", Fixture{machine}};
      CPPUNIT_ASSERT(thermal.read());
      CPPUNIT_ASSERT_EQUAL_MESSAGE(machine, report, thermal.recorded());
    }
  }

  void allocates_nothing_once_it_runs() {
    write_three();
    PluginUnderTest thermal{"thermal", root_.path()};
    CPPUNIT_ASSERT(thermal.read());
    CPPUNIT_ASSERT(thermal.read());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, thermal.allocations());
  }

  void a_sleeping_zone_costs_only_itself_and_is_no_failure() {
    write_three();
    root_.remove(std::string{kSys} + "thermal_zone0/temp");
    // Nothing is mapped at the start of our memory, so this file opens and each read is an EIO.
    std::filesystem::create_symlink("/proc/self/mem",
                                    root_.path() + "/" + kSys + "thermal_zone0/temp");
    PluginUnderTest thermal{"thermal", root_.path()};
    for (int tick = 0; tick < 10; ++tick) {
      CPPUNIT_ASSERT(thermal.read());
      CPPUNIT_ASSERT_EQUAL(std::string{"thermal-cooling_device0/gauge 2\n"
                                       "thermal-thermal_zone1/temperature -3.2\n"},
                           thermal.recorded());
    }
    root_.remove(std::string{kSys} + "thermal_zone0/temp");
    write("thermal_zone0/temp", "20000\n");
    CPPUNIT_ASSERT(thermal.read());
    CPPUNIT_ASSERT(thermal.recorded().find("thermal_zone0/temperature 20\n") != std::string::npos);
    CPPUNIT_ASSERT_EQUAL(std::string{}, thermal.logged());
  }

  void a_malformed_zone_costs_only_itself_and_is_said_once() {
    write_three();
    PluginUnderTest thermal{"thermal", root_.path()};
    write("thermal_zone0/temp", "warm\n");
    for (int tick = 0; tick < 3; ++tick) {
      CPPUNIT_ASSERT(thermal.read());
      CPPUNIT_ASSERT_EQUAL(std::string{"thermal-cooling_device0/gauge 2\n"
                                       "thermal-thermal_zone1/temperature -3.2\n"},
                           thermal.recorded());
    }
    write("thermal_zone0/temp", "20000\n");
    CPPUNIT_ASSERT(thermal.read());
    CPPUNIT_ASSERT_EQUAL(
        std::string{"warning: thermal: sys/class/thermal/thermal_zone0/temp fails: malformed: "
                    "warm\n"
                    "notice: thermal: sys/class/thermal/thermal_zone0/temp works again after 3 "
                    "failures\n"},
        thermal.logged());
  }

  void a_zone_that_vanishes_is_forgotten() {
    write_three();
    PluginUnderTest thermal{"thermal", root_.path()};
    CPPUNIT_ASSERT(thermal.read());
    CPPUNIT_ASSERT(!thermal.recorded().empty());
    root_.remove(std::string{kSys} + "thermal_zone0");
    for (int tick = 0; tick < 3; ++tick) {
      CPPUNIT_ASSERT(thermal.read());
      CPPUNIT_ASSERT_EQUAL(std::string{"thermal-cooling_device0/gauge 2\n"
                                       "thermal-thermal_zone1/temperature -3.2\n"},
                           thermal.recorded());
    }
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, thermal.allocations());
    CPPUNIT_ASSERT_EQUAL(std::string{}, thermal.logged());
  }

  void a_zone_that_appears_is_noticed_within_a_minute() {
    write_three();
    PluginUnderTest thermal{"thermal", root_.path()};
    CPPUNIT_ASSERT(thermal.read());
    write("thermal_zone7/temp", "70000\n");
    for (int tick = 0; tick < 6; ++tick) CPPUNIT_ASSERT(thermal.read());
    CPPUNIT_ASSERT(thermal.recorded().find("thermal_zone7/temperature 70\n") != std::string::npos);
  }

  void reports_selected_devices_only() {
    write_three();
    PluginUnderTest thermal{"thermal", root_.path(), "Device \"thermal_zone1\""};
    CPPUNIT_ASSERT(thermal.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"thermal-thermal_zone1/temperature -3.2\n"},
                         thermal.recorded());
  }

  void reports_all_but_the_selected() {
    write_three();
    PluginUnderTest thermal{"thermal", root_.path(),
                            "Device \"/^cooling/\"\nDevice thermal_zone1\nIgnoreSelected true"};
    CPPUNIT_ASSERT(thermal.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"thermal-thermal_zone0/temperature 45.5\n"},
                         thermal.recorded());
  }

  void reads_the_old_files_where_the_new_are_missing() {
    root_.write("proc/acpi/thermal_zone/THRM/temperature", "temperature:             55 C\n");
    root_.write("proc/acpi/thermal_zone/THRM/state", "state:                   ok\n");
    PluginUnderTest thermal{"thermal", root_.path()};
    CPPUNIT_ASSERT(thermal.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"thermal-THRM/temperature 55\n"}, thermal.recorded());
  }

  void reads_the_old_files_when_told_to() {
    write_three();
    root_.write("proc/acpi/thermal_zone/THRM/temperature", "temperature:             55 C\n");
    PluginUnderTest thermal{"thermal", root_.path(), "ForceUseProcfs true"};
    CPPUNIT_ASSERT(thermal.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"thermal-THRM/temperature 55\n"}, thermal.recorded());
  }

  void says_once_that_there_are_no_zones_and_looks_again() {
    PluginUnderTest thermal{"thermal", root_.path()};
    for (int tick = 0; tick < 20; ++tick) CPPUNIT_ASSERT(thermal.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"notice: thermal: this host has no thermal zones; they are "
                                     "looked for again every minute\n"},
                         thermal.logged());
    write("thermal_zone0/temp", "45500\n");
    for (int tick = 0; tick < 6; ++tick) CPPUNIT_ASSERT(thermal.read());
    CPPUNIT_ASSERT(!thermal.recorded().empty());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ThermalTest);

}  // namespace vital::test

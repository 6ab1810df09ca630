// SPDX-License-Identifier: MIT
#include "thermal/temperature.h"

#include <cppunit/extensions/HelperMacros.h>

namespace vital::test {
namespace {

using Parse = Result<double> (*)(std::string_view) noexcept;

void rejects_truncations(Parse parse, std::string_view whole) {
  CPPUNIT_ASSERT(parse(whole));
  for (std::size_t length = 0; length < whole.size(); ++length)
    CPPUNIT_ASSERT(!parse(whole.substr(0, length)));
}

}  // namespace

class TemperatureTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(TemperatureTest);
  CPPUNIT_TEST(a_zone_counts_in_thousandths);
  CPPUNIT_TEST(a_zone_may_be_below_zero);
  CPPUNIT_TEST(a_cooling_device_counts_its_steps);
  CPPUNIT_TEST(acpi_names_its_unit);
  CPPUNIT_TEST(rejects_every_truncation);
  CPPUNIT_TEST(rejects_what_is_no_number);
  CPPUNIT_TEST(rejects_what_acpi_does_not_write);
  CPPUNIT_TEST_SUITE_END();

  static constexpr std::string_view kAcpi = "temperature:             55 C\n";

 public:
  void a_zone_counts_in_thousandths() {
    CPPUNIT_ASSERT_EQUAL(45.5, *thermal::parse_zone_temperature("45500\n"));
    CPPUNIT_ASSERT_EQUAL(0.0, *thermal::parse_zone_temperature("0\n"));
  }

  void a_zone_may_be_below_zero() {
    CPPUNIT_ASSERT_EQUAL(-12.345, *thermal::parse_zone_temperature("-12345\n"));
  }

  void a_cooling_device_counts_its_steps() {
    CPPUNIT_ASSERT_EQUAL(3.0, *thermal::parse_cooling_state("3\n"));
  }

  void acpi_names_its_unit() {
    CPPUNIT_ASSERT_EQUAL(55.0, *thermal::parse_acpi_temperature(kAcpi));
    CPPUNIT_ASSERT_EQUAL(100.0, *thermal::parse_acpi_temperature("temperature: 212 F\n"));
    CPPUNIT_ASSERT_EQUAL(-273.15, *thermal::parse_acpi_temperature("temperature: 0 K\n"));
    CPPUNIT_ASSERT_EQUAL(-3.5, *thermal::parse_acpi_temperature("temperature:\t-3.5 C\n"));
  }

  void rejects_every_truncation() {
    rejects_truncations(thermal::parse_zone_temperature, "-12345\n");
    rejects_truncations(thermal::parse_cooling_state, "10\n");
    rejects_truncations(thermal::parse_acpi_temperature, kAcpi);
  }

  void rejects_what_is_no_number() {
    for (const std::string_view text :
         {"\n", " \n", "x\n", "12x\n", "1 2\n", "0x10\n", "nan\n", "99999999999999999999\n"}) {
      CPPUNIT_ASSERT(!thermal::parse_zone_temperature(text));
      CPPUNIT_ASSERT(!thermal::parse_cooling_state(text));
    }
  }

  void rejects_what_acpi_does_not_write() {
    for (const std::string_view text :
         {"\n", "55 C\n", "temperature:\n", "temperature: 55\n", "temperature: C\n",
          "temperature: 55 X\n", "temperature: 55 C C\n", "temperature: nan C\n",
          "temperature: inf C\n", "temp: 55 C\n", "temperature:55 C\n"})
      CPPUNIT_ASSERT(!thermal::parse_acpi_temperature(text));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TemperatureTest);

}  // namespace vital::test

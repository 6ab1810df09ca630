// SPDX-License-Identifier: MIT
#include <cppunit/extensions/HelperMacros.h>

#include "disk/udev_names.h"

namespace vital::test {

class UdevDatabaseTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(UdevDatabaseTest);
  CPPUNIT_TEST(finds_a_property);
  CPPUNIT_TEST(finds_nothing_in_other_lines);
  CPPUNIT_TEST(gives_nothing_or_the_whole_for_every_truncation);
  CPPUNIT_TEST_SUITE_END();

  static constexpr std::string_view kEntry =
      "S:disk/by-id/ata-QEMU_HARDDISK\nW:3\nI:1804289\nE:ID_ATA=1\nE:ID_MODEL=QEMU = HARDDISK\n"
      "E:ID_SERIAL_SHORT=QM1\nE:ID_SERIAL=QEMU_QM1\nE:EMPTY=\nG:systemd\nV:1\n";

 public:
  void finds_a_property() {
    CPPUNIT_ASSERT_EQUAL(std::string_view{"QEMU_QM1"}, disk::udev_property(kEntry, "ID_SERIAL"));
    CPPUNIT_ASSERT_EQUAL(std::string_view{"QEMU = HARDDISK"},
                         disk::udev_property(kEntry, "ID_MODEL"));
    CPPUNIT_ASSERT_EQUAL(std::string_view{""}, disk::udev_property(kEntry, "EMPTY"));
  }

  void finds_nothing_in_other_lines() {
    for (const char* name : {"ID", "SERIAL", "I", "E", "E:ID_ATA", "ID_SERIAL_SHOR", "disk", ""})
      CPPUNIT_ASSERT_EQUAL(std::string_view{}, disk::udev_property(kEntry, name));
    CPPUNIT_ASSERT_EQUAL(std::string_view{}, disk::udev_property("E:\nE\n\n", "ID_SERIAL"));
  }

  void gives_nothing_or_the_whole_for_every_truncation() {
    for (std::size_t length = 0; length < kEntry.size(); ++length) {
      const auto value = disk::udev_property(kEntry.substr(0, length), "ID_SERIAL");
      CPPUNIT_ASSERT(value.empty() || value == "QEMU_QM1");
    }
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(UdevDatabaseTest);

}  // namespace vital::test

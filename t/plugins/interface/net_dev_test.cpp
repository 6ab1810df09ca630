// SPDX-License-Identifier: MIT
#include "interface/net_dev.h"

#include <cppunit/extensions/HelperMacros.h>

#include "support/fixture.h"

namespace vital::test {
namespace {

struct Table {
  Status status;
  std::string devices;  // "name octets/packets/errors/dropped octets/packets/errors/dropped\n"
};

std::string numbers(const interface::Traffic& traffic) {
  Text<128> text;
  text.add(' ').add(traffic.octets).add('/').add(traffic.packets);
  text.add('/').add(traffic.errors).add('/').add(traffic.dropped);
  return std::string{text.view()};
}

Table read_table(std::string_view text) {
  Table table;
  table.status =
      interface::for_each_net_device(text, [&](const interface::NetDevice& device) noexcept {
        table.devices +=
            std::string{device.name} + numbers(device.received) + numbers(device.sent) + "\n";
        return Status{};
      });
  return table;
}

}  // namespace

class NetDevTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(NetDevTest);
  CPPUNIT_TEST(reads_the_table_of_linux_6_1);
  CPPUNIT_TEST(reads_the_table_of_linux_6_18);
  CPPUNIT_TEST(reads_the_table_of_linux_3_10);
  CPPUNIT_TEST(reads_the_table_of_linux_5_10);
  CPPUNIT_TEST(reads_the_table_of_a_board_with_arm64);
  CPPUNIT_TEST(reads_the_table_of_linux_6_12);
  CPPUNIT_TEST(reads_the_table_of_linux_7_3);
  CPPUNIT_TEST(reads_names_that_touch_their_numbers);
  CPPUNIT_TEST(reads_names_with_colons_dots_and_odd_letters);
  CPPUNIT_TEST(passes_over_devices_without_statistics);
  CPPUNIT_TEST(takes_the_largest_numbers);
  CPPUNIT_TEST(gives_a_subset_for_every_truncation);
  CPPUNIT_TEST(leaves_out_malformed_lines_and_says_so);
  CPPUNIT_TEST_SUITE_END();

 public:
  void reads_the_table_of_linux_6_1() {
    const Table table = read_table(Fixture{"linux-6.1-qemu"}.text("proc/net/dev"));
    CPPUNIT_ASSERT(table.status);
    CPPUNIT_ASSERT_EQUAL(std::string{"lo 17774/56/0/0 17774/56/0/0\n"
                                     "eth0 664/7/0/0 1260/16/0/0\n"
                                     "dummy0 0/0/0/0 378/5/0/0\n"
                                     "veth0 726/9/0/0 726/9/0/0\n"
                                     "veth1 726/9/0/0 726/9/0/0\n"},
                         table.devices);
  }

  void reads_the_table_of_linux_6_18() {
    const Table table = read_table(Fixture{"linux-6.18-vm"}.text("proc/net/dev"));
    CPPUNIT_ASSERT(table.status);
    CPPUNIT_ASSERT_EQUAL(std::string{"lo 14473/53/0/0 14473/53/0/0\n"
                                     "ifb0 0/0/0/0 0/0/0/0\n"
                                     "ifb1 0/0/0/0 0/0/0/0\n"
                                     "eth0 413947989/8649/0/0 233983/3301/0/0\n"},
                         table.devices);
  }

  void reads_the_table_of_linux_3_10() {
    const Table table = read_table(Fixture{"linux-3.10-qemu"}.text("proc/net/dev"));
    CPPUNIT_ASSERT(table.status);
    CPPUNIT_ASSERT_EQUAL(std::string{"eth0 664/7/0/0 1136/14/0/0\n"
                                     "veth0 468/6/0/0 468/6/0/0\n"
                                     "dummy0 0/0/0/0 308/4/0/0\n"
                                     "sit0 0/0/0/0 0/0/0/0\n"
                                     "lo 5366/34/0/0 5366/34/0/0\n"
                                     "veth1 468/6/0/0 468/6/0/0\n"},
                         table.devices);
  }

  void reads_the_table_of_linux_5_10() {
    const Table table = read_table(Fixture{"linux-5.10-qemu-4cpu"}.text("proc/net/dev"));
    CPPUNIT_ASSERT(table.status);
    CPPUNIT_ASSERT_EQUAL(std::string{"lo 4186/31/0/0 4186/31/0/0\n"
                                     "eth0 664/7/0/0 1332/16/0/0\n"
                                     "dummy0 0/0/0/0 448/6/0/0\n"
                                     "veth0 726/9/0/0 796/10/0/0\n"
                                     "veth1 796/10/0/0 726/9/0/0\n"},
                         table.devices);
  }

  void reads_the_table_of_a_board_with_arm64() {
    const Table table = read_table(Fixture{"linux-6.1-arm64-rpi3"}.text("proc/net/dev"));
    CPPUNIT_ASSERT(table.status);
    CPPUNIT_ASSERT_EQUAL(std::string{"lo 5314/33/0/0 5314/33/0/0\n"
                                     "dummy0 0/0/0/0 448/6/0/0\n"
                                     "usb0 566/7/0/0 1260/16/0/0\n"
                                     "veth0 796/10/0/0 796/10/0/0\n"
                                     "veth1 796/10/0/0 796/10/0/0\n"},
                         table.devices);
  }

  void reads_the_table_of_linux_6_12() {
    const Table table = read_table(Fixture{"linux-6.12-qemu-numa"}.text("proc/net/dev"));
    CPPUNIT_ASSERT(table.status);
    CPPUNIT_ASSERT_EQUAL(std::string{"lo 4350/33/0/0 4350/33/0/0\n"
                                     "eth0 692/7/0/0 2114/27/0/0\n"
                                     "dummy0 0/0/0/0 378/5/0/0\n"
                                     "veth0 726/9/0/0 726/9/0/0\n"
                                     "veth1 726/9/0/0 726/9/0/0\n"
                                     "eth0.100 0/0/0/0 810/11/0/2\n"},
                         table.devices);
  }

  void reads_the_table_of_linux_7_3() {
    const Table table = read_table(Fixture{"linux-7.3-qemu"}.text("proc/net/dev"));
    CPPUNIT_ASSERT(table.status);
    CPPUNIT_ASSERT_EQUAL(std::string{"lo 4238/32/0/0 4238/32/0/0\n"
                                     "eth0 664/7/0/0 1260/16/0/0\n"
                                     "dummy0 0/0/0/0 448/6/0/0\n"
                                     "veth0 796/10/0/0 796/10/0/0\n"
                                     "veth1 796/10/0/0 796/10/0/0\n"},
                         table.devices);
  }

  void reads_names_that_touch_their_numbers() {
    const Table table = read_table("  eth0:1234567890 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n");
    CPPUNIT_ASSERT(table.status);
    CPPUNIT_ASSERT_EQUAL(std::string{"eth0 1234567890/2/3/4 9/10/11/12\n"}, table.devices);
  }

  void reads_names_with_colons_dots_and_odd_letters() {
    for (const std::string name : {"eth0:1", "eth0.100", "wlp0s20f3@x", "br-1a2b3c", "\xc3\xa4"})
      CPPUNIT_ASSERT_EQUAL(name + " 1/2/3/4 9/10/11/12\n",
                           read_table(name + ": 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n").devices);
  }

  void passes_over_devices_without_statistics() {
    const Table table = read_table(" dummy0: No statistics available.\n");
    CPPUNIT_ASSERT(table.status);
    CPPUNIT_ASSERT_EQUAL(std::string{}, table.devices);
  }

  void takes_the_largest_numbers() {
    const Table table =
        read_table("lo: 18446744073709551615 4294967295 0 0 0 0 0 0 1 1 1 1 0 0 0 0\n");
    CPPUNIT_ASSERT_EQUAL(std::string{"lo 18446744073709551615/4294967295/0/0 1/1/1/1\n"},
                         table.devices);
  }

  void gives_a_subset_for_every_truncation() {
    for (const std::string& machine : Fixture::machines()) {
      const std::string whole = Fixture{machine}.text("proc/net/dev");
      const std::string devices = read_table(whole).devices;
      for (std::size_t length = 0; length < whole.size(); ++length) {
        const Table table = read_table(std::string_view{whole}.substr(0, length));
        CPPUNIT_ASSERT(devices.starts_with(table.devices));
        CPPUNIT_ASSERT_EQUAL(length == 0 || whole[length - 1] == '\n',
                             static_cast<bool>(table.status));
      }
    }
  }

  void leaves_out_malformed_lines_and_says_so() {
    for (const char* line : {"nonsense\n", "\n", ": 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n",
                             "lo: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15\n",
                             "lo: 1 2 3 4 5 6 7 8 9 10 11 x 13 14 15 16\n",
                             "lo: -1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n",
                             "lo: 99999999999999999999 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n"}) {
      const std::string good = "eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n";
      const Table table = read_table(line + good);
      CPPUNIT_ASSERT(!table.status);
      CPPUNIT_ASSERT_EQUAL(std::string{"eth0 1/2/3/4 9/10/11/12\n"}, table.devices);
    }
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(NetDevTest);

}  // namespace vital::test

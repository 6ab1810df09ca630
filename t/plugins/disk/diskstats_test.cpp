// SPDX-License-Identifier: MIT
#include "disk/diskstats.h"

#include <cppunit/extensions/HelperMacros.h>

#include "support/fixture.h"

namespace vital::test {
namespace {

struct Table {
  Status status;
  std::string devices;
};

std::string line_of(const disk::BlockDevice& device) {
  Text<512> line;
  const auto add = [&](auto number) { line.add(' ').add(number); };
  line.add(device.major).add(':').add(device.minor).add(' ').add(device.name);
  add(device.reads.operations), add(device.reads.sectors);
  add(device.writes.operations), add(device.writes.sectors);
  if (const auto& queue = device.queue) {
    line.add(" |");
    add(queue->reads_merged), add(queue->writes_merged);
    add(queue->read_time), add(queue->write_time);
    add(queue->pending), add(queue->busy_time), add(queue->weighted_time);
  }
  return std::string{line.add('\n').view()};
}

Table read_table(std::string_view text) {
  Table table;
  table.status = disk::for_each_block_device(text, [&](const disk::BlockDevice& device) noexcept {
    table.devices += line_of(device);
    return Status{};
  });
  return table;
}

}  // namespace

class DiskstatsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(DiskstatsTest);
  CPPUNIT_TEST(reads_the_table_of_linux_6_1);
  CPPUNIT_TEST(reads_the_busy_disk_of_linux_6_18);
  CPPUNIT_TEST(reads_the_columns_of_every_kernel);
  CPPUNIT_TEST(reads_partitions_with_four_counters);
  CPPUNIT_TEST(reads_the_whole_table_of_every_machine);
  CPPUNIT_TEST(gives_a_subset_for_every_truncation);
  CPPUNIT_TEST(leaves_out_malformed_lines_and_says_so);
  CPPUNIT_TEST_SUITE_END();

 public:
  void reads_the_table_of_linux_6_1() {
    const Table table = read_table(Fixture{"linux-6.1-qemu"}.text("proc/diskstats"));
    CPPUNIT_ASSERT(table.status);
    CPPUNIT_ASSERT(
        table.devices.starts_with("254:0 vda 64 12814 30 18008 | 0 24 245 221 0 412 502\n"
                                  "254:16 vdb 3 24 0 0 | 0 0 1 0 0 4 1\n"
                                  "7:0 loop0 42 368 1 296 | 31 36 38 1 0 40 39\n"));
    CPPUNIT_ASSERT(table.devices.ends_with("8:2 sda2 33 8448 0 0 | 0 0 186 0 0 124 186\n"));
  }

  void reads_the_busy_disk_of_linux_6_18() {
    const Table table = read_table(Fixture{"linux-6.18-vm"}.text("proc/diskstats"));
    CPPUNIT_ASSERT(table.status);
    CPPUNIT_ASSERT(table.devices.find("254:0 vda 172118 13156058 33135 15713800 | "
                                      "22798 95095 207847 78235 0 40996 292098\n") !=
                   std::string::npos);
  }

  void reads_the_columns_of_every_kernel() {
    const std::string eleven = "   8       0 sda 1 2 3 4 5 6 7 8 9 10 11";
    for (const std::string behind : {"", " 12 13 14 15", " 12 13 14 15 16 17", " 12 x"})
      CPPUNIT_ASSERT_EQUAL(std::string{"8:0 sda 1 3 5 7 | 2 6 4 8 9 10 11\n"},
                           read_table(eleven + behind + "\n").devices);
    CPPUNIT_ASSERT_EQUAL(std::string{"104:0 cciss/c0d0 1 3 5 7 | 2 6 4 8 -1 10 11\n"},
                         read_table(" 104 0 cciss/c0d0 1 2 3 4 5 6 7 8 -1 10 11\n").devices);
  }

  void reads_partitions_with_four_counters() {
    CPPUNIT_ASSERT_EQUAL(std::string{"3:1 hda1 35486 229184 38030 38030\n"},
                         read_table("   3    1 hda1 35486 229184 38030 38030\n").devices);
  }

  void reads_the_whole_table_of_every_machine() {
    for (const std::string& machine : Fixture::machines())
      CPPUNIT_ASSERT(read_table(Fixture{machine}.text("proc/diskstats")).status);
  }

  void gives_a_subset_for_every_truncation() {
    for (const std::string& machine : Fixture::machines()) {
      const std::string whole = Fixture{machine}.text("proc/diskstats");
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
    for (const char* line :
         {"\n", "nonsense\n", "8 0\n", "8 0 sda\n", "8 0 sda 1 2 3\n", "8 0 sda 1 2 3 4 5\n",
          "8 0 sda 1 2 3 4 5 6 7 8 9 10\n", "8 0 sda 1 2 3 4 5 6 7 8 9 10 x\n",
          "8 0 sda 1 2 -3 4 5 6 7 8 9 10 11\n", "x 0 sda 1 2 3 4\n", "8 -1 sda 1 2 3 4\n",
          "8 0 sda 1 2 99999999999999999999 4\n"}) {
      const Table table = read_table(line + std::string{"8 1 sdb 1 2 3 4\n"});
      CPPUNIT_ASSERT(!table.status);
      CPPUNIT_ASSERT_EQUAL(std::string{"8:1 sdb 1 2 3 4\n"}, table.devices);
    }
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DiskstatsTest);

}  // namespace vital::test

// SPDX-License-Identifier: MIT
#include <cppunit/extensions/HelperMacros.h>

#include "support/plugin_under_test.h"

namespace vital::test {
namespace {

constexpr const char* kTable = "proc/diskstats";

/// A disk that has read `operations` blocks of 4096 bytes in 2 ms each, with `pending` under way.
std::string line(const std::string& name, int operations, int pending = 0) {
  const auto text = [](int number) { return std::to_string(number) + " "; };
  return "8 0 " + name + " " + text(operations) + "0 " + text(8 * operations) +
         text(2 * operations) + "0 0 0 0 " + text(pending) + text(operations) +
         text(3 * operations) + "\n";
}

}  // namespace

class DiskTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(DiskTest);
  CPPUNIT_TEST(reports_used_disks_from_the_second_reading_on);
  CPPUNIT_TEST(reports_the_disks_of_linux_3_10);
  CPPUNIT_TEST(reports_the_disks_of_linux_5_10);
  CPPUNIT_TEST(reports_the_disks_of_a_board_with_arm64);
  CPPUNIT_TEST(reports_the_disks_of_linux_6_12);
  CPPUNIT_TEST(reports_the_disks_of_linux_7_3);
  CPPUNIT_TEST(reports_only_the_selected);
  CPPUNIT_TEST(leaves_out_the_selected);
  CPPUNIT_TEST(leaves_out_a_disk_until_it_is_used);
  CPPUNIT_TEST(reports_octets_alone_of_an_old_partition);
  CPPUNIT_TEST(goes_on_with_pending_operations_once_there_were_any);
  CPPUNIT_TEST(begins_anew_with_a_disk_that_returns);
  CPPUNIT_TEST(begins_anew_when_counters_go_back);
  CPPUNIT_TEST(reports_the_others_beside_a_malformed_line);
  CPPUNIT_TEST(calls_disks_by_an_attribute_of_udev);
  CPPUNIT_TEST(follows_a_name_that_udev_changes);
  CPPUNIT_TEST(calls_disks_by_their_device_nodes);
  CPPUNIT_TEST(selects_by_the_name_that_udev_gives);
  CPPUNIT_TEST(warns_of_use_bsd_name);
  CPPUNIT_TEST(allocates_nothing_once_it_runs);
  CPPUNIT_TEST_SUITE_END();

 public:
  void reports_used_disks_from_the_second_reading_on() {
    PluginUnderTest disk{"disk", Fixture{"linux-6.18-vm"}};
    CPPUNIT_ASSERT(disk.read());
    CPPUNIT_ASSERT_EQUAL(std::string{}, disk.recorded());
    CPPUNIT_ASSERT(disk.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"disk-loop0/disk_octets 6420480 6744064\n"
                                     "disk-loop0/disk_ops 330 76\n"
                                     "disk-loop0/disk_time 1 3\n"
                                     "disk-loop0/disk_merged 0 26\n"
                                     "disk-loop0/disk_io_time 16 44\n"
                                     "disk-vda/disk_octets 6735901696 8045465600\n"
                                     "disk-vda/disk_ops 172118 33135\n"
                                     "disk-vda/disk_time 12 24\n"
                                     "disk-vda/disk_merged 22798 95095\n"
                                     "disk-vda/disk_io_time 40996 292098\n"},
                         disk.recorded());
  }

  void reports_the_disks_of_linux_3_10() {
    CPPUNIT_ASSERT_EQUAL(std::string{"disk-vda/disk_octets 6571008 9218048\n"
                                     "disk-vda/disk_ops 60 40\n"
                                     "disk-vda/disk_time 99 356\n"
                                     "disk-vda/disk_merged 0 20\n"
                                     "disk-vda/disk_io_time 825 1985\n"
                                     "disk-vdb/disk_octets 8192 0\n"
                                     "disk-vdb/disk_ops 2 0\n"
                                     "disk-vdb/disk_time 25 0\n"
                                     "disk-vdb/disk_io_time 5 5\n"
                                     "disk-sda/disk_octets 17907712 23715840\n"
                                     "disk-sda/disk_ops 357 82\n"
                                     "disk-sda/disk_time 46 1132\n"
                                     "disk-sda/disk_merged 4015 5706\n"
                                     "disk-sda/disk_io_time 2722 10919\n"
                                     "disk-sda1/disk_octets 12525568 23715840\n"
                                     "disk-sda1/disk_ops 314 81\n"
                                     "disk-sda1/disk_time 47 1143\n"
                                     "disk-sda1/disk_merged 2744 5706\n"
                                     "disk-sda1/disk_io_time 2557 10716\n"
                                     "disk-sda2/disk_octets 4325376 0\n"
                                     "disk-sda2/disk_ops 33 0\n"
                                     "disk-sda2/disk_time 38 0\n"
                                     "disk-sda2/disk_merged 1023 0\n"
                                     "disk-sda2/disk_io_time 87 125\n"},
                         second_reading("", "linux-3.10-qemu"));
  }

  void reports_the_disks_of_linux_5_10() {
    CPPUNIT_ASSERT_EQUAL(std::string{"disk-sdb/disk_octets 12288 0\n"
                                     "disk-sdb/disk_ops 3 0\n"
                                     "disk-sdb/disk_time 103 0\n"
                                     "disk-sdb/disk_io_time 48 31\n"
                                     "disk-sdc/disk_octets 8671232 4096\n"
                                     "disk-sdc/disk_ops 69 2\n"
                                     "disk-sdc/disk_time 67 160\n"
                                     "disk-sdc/disk_merged 3 0\n"
                                     "disk-sdc/disk_io_time 364 522\n"
                                     "disk-sdc1/disk_octets 3289088 4096\n"
                                     "disk-sdc1/disk_ops 26 1\n"
                                     "disk-sdc1/disk_time 72 50\n"
                                     "disk-sdc1/disk_merged 3 0\n"
                                     "disk-sdc1/disk_io_time 144 192\n"
                                     "disk-sdc2/disk_octets 4325376 0\n"
                                     "disk-sdc2/disk_ops 33 0\n"
                                     "disk-sdc2/disk_time 66 0\n"
                                     "disk-sdc2/disk_io_time 132 218\n"
                                     "disk-sda/disk_octets 46296064 102919168\n"
                                     "disk-sda/disk_ops 1456 350\n"
                                     "disk-sda/disk_time 73 166\n"
                                     "disk-sda/disk_merged 8292 12400\n"
                                     "disk-sda/disk_io_time 14164 16797\n"
                                     "disk-loop0/disk_octets 188416 151552\n"
                                     "disk-loop0/disk_ops 73 37\n"
                                     "disk-loop0/disk_time 22 8\n"
                                     "disk-loop0/disk_io_time 192 188\n"},
                         second_reading("", "linux-5.10-qemu-4cpu"));
  }

  void reports_the_disks_of_a_board_with_arm64() {
    CPPUNIT_ASSERT_EQUAL(std::string{"disk-mmcblk0/disk_octets 4348928 9224192\n"
                                     "disk-mmcblk0/disk_ops 47 41\n"
                                     "disk-mmcblk0/disk_time 1263 5533\n"
                                     "disk-mmcblk0/disk_merged 0 22\n"
                                     "disk-mmcblk0/disk_io_time 6824 28625\n"
                                     "disk-mmcblk0p1/disk_octets 11264 9220096\n"
                                     "disk-mmcblk0p1/disk_ops 11 40\n"
                                     "disk-mmcblk0p1/disk_time 197 5667\n"
                                     "disk-mmcblk0p1/disk_merged 0 22\n"
                                     "disk-mmcblk0p1/disk_io_time 4468 22884\n"
                                     "disk-mmcblk0p2/disk_octets 8192 4096\n"
                                     "disk-mmcblk0p2/disk_ops 2 1\n"
                                     "disk-mmcblk0p2/disk_time 105 210\n"
                                     "disk-mmcblk0p2/disk_io_time 32 42\n"},
                         second_reading("", "linux-6.1-arm64-rpi3"));
  }

  void reports_the_disks_of_linux_6_12() {
    CPPUNIT_ASSERT_EQUAL(std::string{"disk-vda/disk_octets 23552 9221120\n"
                                     "disk-vda/disk_ops 14 31\n"
                                     "disk-vda/disk_time 66 191\n"
                                     "disk-vda/disk_merged 0 24\n"
                                     "disk-vda/disk_io_time 480 882\n"
                                     "disk-vdb/disk_octets 12288 0\n"
                                     "disk-vdb/disk_ops 3 0\n"},
                         second_reading("", "linux-6.12-qemu-numa"));
  }

  void reports_the_disks_of_linux_7_3() {
    CPPUNIT_ASSERT_EQUAL(std::string{"disk-vda/disk_octets 8721408 51237888\n"
                                     "disk-vda/disk_ops 29 73\n"
                                     "disk-vda/disk_time 439 668\n"
                                     "disk-vda/disk_merged 126 79\n"
                                     "disk-vda/disk_io_time 4056 6601\n"
                                     "disk-vdb/disk_octets 12288 0\n"
                                     "disk-vdb/disk_ops 3 0\n"
                                     "disk-vdb/disk_time 87 0\n"
                                     "disk-vdb/disk_io_time 44 26\n"
                                     "disk-loop0/disk_octets 188416 151552\n"
                                     "disk-loop0/disk_ops 42 1\n"
                                     "disk-loop0/disk_time 3 110\n"
                                     "disk-loop0/disk_merged 31 36\n"
                                     "disk-loop0/disk_io_time 24 23\n"
                                     "disk-zram0/disk_octets 90112 6225920\n"
                                     "disk-zram0/disk_ops 22 1520\n"
                                     "disk-zram0/disk_time 2 4\n"
                                     "disk-zram0/disk_io_time 600 608\n"
                                     "disk-nvme0n1/disk_octets 4337664 0\n"
                                     "disk-nvme0n1/disk_ops 36 0\n"
                                     "disk-nvme0n1/disk_time 218 0\n"
                                     "disk-nvme0n1/disk_io_time 496 784\n"},
                         second_reading("", "linux-7.3-qemu"));
  }

  void reports_only_the_selected() {
    CPPUNIT_ASSERT_EQUAL(std::string{"disk-sda2/disk_octets 4325376 0\n"
                                     "disk-sda2/disk_ops 33 0\n"
                                     "disk-sda2/disk_time 56 0\n"
                                     "disk-sda2/disk_io_time 124 186\n"},
                         second_reading("Disk \"/^sda[0-9]/\""));
  }

  void leaves_out_the_selected() {
    const std::string recorded =
        second_reading("Disk \"/^(vd|loop|zram|nvme)/\"\nDisk \"sda\"\nIgnoreSelected true");
    CPPUNIT_ASSERT(recorded.starts_with("disk-sda2/disk_octets 4325376 0\n"));
    CPPUNIT_ASSERT_EQUAL(std::string::npos, recorded.find("disk-sda/"));
  }

  void leaves_out_a_disk_until_it_is_used() {
    const TemporaryDirectory root;
    PluginUnderTest disk{"disk", root.path()};
    CPPUNIT_ASSERT(!disk.read());
    root.write(kTable, line("sda", 0));
    CPPUNIT_ASSERT(disk.read());
    CPPUNIT_ASSERT(disk.read());
    CPPUNIT_ASSERT_EQUAL(std::string{}, disk.recorded());
    root.write(kTable, line("sda", 1));
    CPPUNIT_ASSERT(disk.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"disk-sda/disk_octets 4096 0\n"
                                     "disk-sda/disk_ops 1 0\n"
                                     "disk-sda/disk_time 20 0\n"
                                     "disk-sda/disk_io_time 1 3\n"},
                         disk.recorded());
  }

  void reports_octets_alone_of_an_old_partition() {
    const TemporaryDirectory root;
    root.write(kTable, "3 1 hda1 10 80 20 160\n");
    PluginUnderTest disk{"disk", root.path()};
    CPPUNIT_ASSERT(disk.read());
    CPPUNIT_ASSERT(disk.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"disk-hda1/disk_octets 40960 81920\n"}, disk.recorded());
  }

  void goes_on_with_pending_operations_once_there_were_any() {
    const TemporaryDirectory root;
    root.write(kTable, line("sda", 1));
    PluginUnderTest disk{"disk", root.path()};
    std::string seen;
    for (const int pending : {0, 0, 2, 0, -1}) {
      root.write(kTable, line("sda", 1, pending));
      CPPUNIT_ASSERT(disk.read());
      const std::string recorded = disk.recorded();
      const auto at = recorded.find("disk-sda/pending");
      seen += at == std::string::npos ? "none\n" : recorded.substr(at);
    }
    CPPUNIT_ASSERT_EQUAL(std::string{"none\nnone\n"
                                     "disk-sda/pending_operations 2\n"
                                     "disk-sda/pending_operations 0\nnone\n"},
                         seen);
  }

  void begins_anew_with_a_disk_that_returns() {
    const TemporaryDirectory root;
    root.write(kTable, line("sda", 1000));
    PluginUnderTest disk{"disk", root.path()};
    CPPUNIT_ASSERT(disk.read());
    root.write(kTable, "");
    CPPUNIT_ASSERT(disk.read());
    root.write(kTable, line("sda", 2000));
    CPPUNIT_ASSERT(disk.read());
    CPPUNIT_ASSERT_EQUAL(std::string{}, disk.recorded());
    root.write(kTable, line("sda", 2001));
    CPPUNIT_ASSERT(disk.read());
    CPPUNIT_ASSERT(disk.recorded().starts_with("disk-sda/disk_octets 8196096 0\n"));
  }

  void begins_anew_when_counters_go_back() {
    const TemporaryDirectory root;
    root.write(kTable, line("sda", 1000));
    PluginUnderTest disk{"disk", root.path()};
    CPPUNIT_ASSERT(disk.read());
    root.write(kTable, line("sda", 2));
    CPPUNIT_ASSERT(disk.read());
    CPPUNIT_ASSERT_EQUAL(std::string{}, disk.recorded());
    CPPUNIT_ASSERT(disk.read());
    CPPUNIT_ASSERT(disk.recorded().starts_with("disk-sda/disk_octets 8192 0\n"));
  }

  void reports_the_others_beside_a_malformed_line() {
    const TemporaryDirectory root;
    root.write(kTable, "8 0 sda 1 2 3\n" + line("sdb", 1));
    PluginUnderTest disk{"disk", root.path()};
    CPPUNIT_ASSERT(!disk.read());
    const auto status = disk.read();
    CPPUNIT_ASSERT(!status);
    CPPUNIT_ASSERT_EQUAL(std::string_view{"8 0 sda 1 2 3"}, status.error().culprit());
    CPPUNIT_ASSERT(disk.recorded().starts_with("disk-sdb/disk_octets 4096 0\n"));
  }

  void calls_disks_by_an_attribute_of_udev() {
    const TemporaryDirectory root;
    root.write(kTable, "254 0 dm-0 1 0 8 1 0 0 0 0 0 1 1\n" + line("sda", 1));
    root.write("run/udev/data/b254:0", "S:mapper/vg-root\nE:DM_NAME=vg-root\nE:DM_UUID=LVM-x\n");
    root.write("run/udev/data/b8:0", "E:ID_SERIAL=x\n");
    PluginUnderTest disk{"disk", root.path(), "UdevNameAttr \"DM_NAME\""};
    CPPUNIT_ASSERT(disk.read());
    CPPUNIT_ASSERT(disk.read());
    const std::string recorded = disk.recorded();
    CPPUNIT_ASSERT(recorded.starts_with("disk-vg-root/disk_octets 4096 0\n"));
    CPPUNIT_ASSERT(recorded.find("disk-sda/disk_octets 4096 0\n") != std::string::npos);
  }

  void follows_a_name_that_udev_changes() {
    const TemporaryDirectory root;
    root.write(kTable, "254 0 dm-0 1 0 8 1 0 0 0 0 0 1 1\n");
    PluginUnderTest disk{"disk", root.path(), "UdevNameAttr \"DM_NAME\""};
    CPPUNIT_ASSERT(disk.read());
    std::string names;
    for (const char* entry : {"", "E:DM_NAME=old\n", "E:DM_NAME=new\n"}) {
      root.write("run/udev/data/b254:0", entry);
      CPPUNIT_ASSERT(disk.read());
      const std::string recorded = disk.recorded();
      names += recorded.substr(0, recorded.find('/')) + "\n";
    }
    CPPUNIT_ASSERT_EQUAL(std::string{"disk-dm-0\ndisk-old\ndisk-new\n"}, names);
  }

  void calls_disks_by_their_device_nodes() {
    const std::string recorded = second_reading("UdevNameAttr \"DEVNAME\"");
    CPPUNIT_ASSERT(recorded.starts_with("disk-dev_vda/disk_octets 6560768 9220096\n"));
  }

  void selects_by_the_name_that_udev_gives() {
    CPPUNIT_ASSERT_EQUAL(std::string{}, second_reading("UdevNameAttr \"DEVNAME\"\nDisk \"vda\""));
    CPPUNIT_ASSERT(second_reading("UdevNameAttr \"DEVNAME\"\nDisk \"/dev/vda\"")
                       .starts_with("disk-dev_vda/disk_octets 6560768 9220096\n"));
  }

  void warns_of_use_bsd_name() {
    CPPUNIT_ASSERT_THROW(PluginUnderTest("disk", Fixture{"linux-6.1-qemu"}, "UseBSDName true"),
                         ConfigError);
  }

  void allocates_nothing_once_it_runs() {
    const ChangingFixture root{Fixture{"linux-6.1-qemu"}};
    for (const char* options : {"", "UdevNameAttr \"DM_NAME\""}) {
      root.write("run/udev/data/b254:0", "E:DM_NAME=a-name-that-is-too-long-to-be-kept-in-place\n");
      PluginUnderTest disk{"disk", root.path(), options};
      CPPUNIT_ASSERT(disk.read());
      CPPUNIT_ASSERT(disk.read());
      CPPUNIT_ASSERT(disk.read());
      CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, disk.allocations());
    }
  }

 private:
  static std::string second_reading(std::string_view options,
                                    std::string_view machine = "linux-6.1-qemu") {
    PluginUnderTest disk{"disk", Fixture{machine}, options};
    CPPUNIT_ASSERT(disk.read());
    CPPUNIT_ASSERT(disk.read());
    return disk.recorded();
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DiskTest);

}  // namespace vital::test

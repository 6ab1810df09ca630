// SPDX-License-Identifier: MIT
#include "df/chosen.h"

#include <cppunit/extensions/HelperMacros.h>

#include "support/fixture.h"

namespace vital::test {
namespace {

const std::vector<Mount> kDisk{{"/dev/sda1", "/", "ext4"}};

std::vector<Mount> with(std::vector<Mount> mounts, std::initializer_list<Mount> more) {
  mounts.insert(mounts.end(), more);
  return mounts;
}

/// A line for each: "name directory", with a question mark where a call may hang; clashes after
/// '!'.
std::string chosen(const std::vector<Mount>& mounts, const df::Selection& selection = {}) {
  std::vector<df::Chosen> clashes;
  std::string text;
  for (const df::Chosen& chosen : df::choose(mounts, selection, clashes))
    text += chosen.name + " " + chosen.mount.directory + (chosen.may_hang ? "?\n" : "\n");
  for (const df::Chosen& clash : clashes)
    text += "!" + clash.name + " " + clash.mount.directory + "\n";
  return text;
}

std::vector<Mount> mounts_of(const Fixture& fixture) {
  MountTable table{Root{fixture.path()}};
  CPPUNIT_ASSERT(table.refresh());
  return table.mounts();
}

}  // namespace

class ChosenTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ChosenTest);
  CPPUNIT_TEST(names_the_mounts_of_linux_6_1);
  CPPUNIT_TEST(names_the_mounts_of_linux_6_18);
  CPPUNIT_TEST(names_the_mounts_of_the_other_machines);
  CPPUNIT_TEST(names_by_device);
  CPPUNIT_TEST(selects_by_all_three);
  CPPUNIT_TEST(ignores_by_any_of_the_three);
  CPPUNIT_TEST(takes_each_directory_once);
  CPPUNIT_TEST(takes_a_directory_whose_first_mount_is_ignored);
  CPPUNIT_TEST(takes_each_device_once);
  CPPUNIT_TEST(keeps_names_apart);
  CPPUNIT_TEST(cuts_long_names);
  CPPUNIT_TEST(leaves_autofs_alone_and_takes_what_it_mounted);
  CPPUNIT_TEST(asks_what_lies_on_top);
  CPPUNIT_TEST(knows_where_a_call_may_hang);
  CPPUNIT_TEST_SUITE_END();

 public:
  void names_the_mounts_of_linux_6_1() {
    CPPUNIT_ASSERT_EQUAL(std::string{"root /\ndev /dev\nrun /run\ntmp /tmp\nmnt-data /mnt/data\n"
                                     "mnt-with space /mnt/with space\nmnt-loop /mnt/loop\n"},
                         chosen(mounts_of(Fixture{"linux-6.1-qemu"})));
  }

  void names_the_mounts_of_linux_6_18() {
    CPPUNIT_ASSERT_EQUAL(
        std::string{"dev /dev\ndev-shm /dev/shm\nroot /\nsys-fs-cgroup /sys/fs/cgroup\n"},
        chosen(mounts_of(Fixture{"linux-6.18-vm"})));
  }

  void names_the_mounts_of_the_other_machines() {
    const std::string common =
        "root /\ndev /dev\nrun /run\ntmp /tmp\nmnt-data /mnt/data\nmnt-with space /mnt/with "
        "space\n";
    const std::string loop = "mnt-loop /mnt/loop\n", cgroup = "sys-fs-cgroup /sys/fs/cgroup\n";
    for (const auto& [machine, expected] :
         {std::pair{"linux-3.10-qemu", common + loop + cgroup},
          std::pair{"linux-5.10-qemu-4cpu", common + loop + cgroup},
          std::pair{"linux-6.1-arm64-rpi3", common}, std::pair{"linux-6.12-qemu-numa", common},
          std::pair{"linux-7.3-qemu", common + loop}})
      CPPUNIT_ASSERT_EQUAL(expected, chosen(mounts_of(Fixture{machine})));
  }

  void names_by_device() {
    const std::vector<Mount> mounts{{"/dev/mapper/vg-root", "/", "ext4"},
                                    {"host:/export", "/x", "ext4"},
                                    {"/dev/", "/y", "ext4"},
                                    {"", "/z", "tmpfs"}};
    CPPUNIT_ASSERT_EQUAL(std::string{"mapper/vg-root /\nhost:/export /x\n"},
                         chosen(mounts, {.by_device = true}));
  }

  void selects_by_all_three() {
    const auto mounts = with(kDisk, {{"/dev/sdb1", "/home", "ext4"}, {"/dev/sdb2", "/var", "xfs"}});
    CPPUNIT_ASSERT_EQUAL(std::string{"home /home\n"},
                         chosen(mounts, {.devices = {{"/^.dev.sdb/"}, false},
                                         .directories = {{"/", "/home", "/var"}, false},
                                         .types = {{"ext4"}, false}}));
  }

  void ignores_by_any_of_the_three() {
    const auto mounts = with(kDisk, {{"/dev/sdb1", "/home", "ext4"},
                                     {"/dev/sdb2", "/var", "xfs"},
                                     {"/dev/sdb3", "/srv", "btrfs"}});
    CPPUNIT_ASSERT_EQUAL(std::string{"srv /srv\n"},
                         chosen(mounts, {.devices = {{"/dev/sda1"}, true},
                                         .directories = {{"/home"}, true},
                                         .types = {{"xfs"}, true}}));
  }

  void takes_each_directory_once() {
    const auto mounts =
        with({{"rootfs", "/", "rootfs"}}, {kDisk[0], {"/dev/sda1", "/mnt", "ext4"}});
    CPPUNIT_ASSERT_EQUAL(std::string{"root /\nmnt /mnt\n"}, chosen(mounts));
  }

  void takes_a_directory_whose_first_mount_is_ignored() {
    const auto mounts = with({{"rootfs", "/", "rootfs"}}, {kDisk[0]});
    CPPUNIT_ASSERT_EQUAL(std::string{"root /\n"}, chosen(mounts, {.types = {{"rootfs"}, true}}));
    CPPUNIT_ASSERT_EQUAL(std::string{"root /\n"}, chosen(mounts, {.types = {{"rootfs"}, false}}));
  }

  void takes_each_device_once() {
    const auto mounts = with(kDisk, {{"/dev/sda1", "/mnt", "ext4"}, {"/dev/sdb", "/srv", "xfs"}});
    CPPUNIT_ASSERT_EQUAL(std::string{"sda1 /\nsdb /srv\n"}, chosen(mounts, {.by_device = true}));
  }

  void keeps_names_apart() {
    const auto mounts = with(kDisk, {{"a", "/x/y-z", "ext4"}, {"b", "/x-y/z", "ext4"}});
    CPPUNIT_ASSERT_EQUAL(std::string{"root /\nx-y-z /x/y-z\n!x-y-z /x-y/z\n"}, chosen(mounts));
  }

  void cuts_long_names() {
    const std::string directory = "/" + std::string(200, 'n');
    CPPUNIT_ASSERT_EQUAL(std::string(127, 'n') + " " + directory + "\n",
                         chosen({{"a", directory, "ext4"}}));
  }

  void leaves_autofs_alone_and_takes_what_it_mounted() {
    const auto mounts = with(kDisk, {{"systemd-1", "/mnt/nas", "autofs"}});
    CPPUNIT_ASSERT_EQUAL(std::string{"root /\n"}, chosen(mounts));
    CPPUNIT_ASSERT_EQUAL(std::string{"root /\nmnt-nas /mnt/nas?\n"},
                         chosen(with(mounts, {{"nas:/", "/mnt/nas", "nfs4"}})));
    CPPUNIT_ASSERT_EQUAL(
        std::string{"root /\nmnt-nas /mnt/nas?\n"},
        chosen(with(mounts, {{"/dev/sdb1", "/mnt/nas", "vfat"}}), {.types = {{"autofs"}, true}}));
    CPPUNIT_ASSERT_EQUAL(
        std::string{"root /\n"},
        chosen(with(kDisk, {{"/dev/sdb1", "/x", "ext4"}, {"auto", "/x", "autofs"}})));
  }

  void asks_what_lies_on_top() {
    const auto over = with(kDisk, {{"sysfs", "/sys", "sysfs"}, {"tmpfs", "/sys", "tmpfs"}});
    CPPUNIT_ASSERT_EQUAL(std::string{"root /\nsys /sys\n"}, chosen(over));
    const auto under = with(kDisk, {{"tmpfs", "/sys", "tmpfs"}, {"sysfs", "/sys", "sysfs"}});
    CPPUNIT_ASSERT_EQUAL(std::string{"root /\n"}, chosen(under));
  }

  void knows_where_a_call_may_hang() {
    for (const char* type :
         {"nfs", "nfs4", "cifs", "smb3", "9p", "ceph", "fuse", "fuse.sshfs", "fuseblk",
          "fuseblk.ntfs", "glusterfs", "lustre", "afs", "davfs", "virtiofs", "somebodys_own"})
      CPPUNIT_ASSERT_EQUAL(std::string{"root /\nmnt /mnt?\n"},
                           chosen(with(kDisk, {{"a", "/mnt", type}})));
    for (const char* type : {"ext2", "ext4", "xfs", "btrfs", "tmpfs", "overlay", "zfs", "vfat"})
      CPPUNIT_ASSERT_EQUAL(std::string{"root /\nmnt /mnt\n"},
                           chosen(with(kDisk, {{"a", "/mnt", type}})));
    CPPUNIT_ASSERT_EQUAL(
        std::string{"root /\nmnt /mnt?\nmnt-disk /mnt/disk?\nmnt2 /mnt2\n"},
        chosen(with(kDisk,
                    {{"a", "/mnt", "nfs"}, {"b", "/mnt/disk", "ext4"}, {"c", "/mnt2", "xfs"}})));
    CPPUNIT_ASSERT_EQUAL(std::string{"root /\nmnt /mnt?\n"},
                         chosen(with(kDisk, {{"a", "/mnt", "ext4"}, {"b", "/mnt", "nfs"}})));
    CPPUNIT_ASSERT_EQUAL(std::string{"root /\nmnt /mnt\n"},
                         chosen({{"share", "/", "9p"}, {"/dev/sda", "/mnt", "ext4"}}));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ChosenTest);

}  // namespace vital::test

// SPDX-License-Identifier: MIT
#include "lib/mount_table.h"

#include <cppunit/extensions/HelperMacros.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/fixture.h"
#include "support/no_allocation.h"

namespace vital::test {
namespace {

std::string text_of(const std::vector<Mount>& mounts) {
  std::string text;
  for (const Mount& mount : mounts)
    text += mount.device + " on " + mount.directory + " type " + mount.type + "\n";
  return text;
}

std::string read_table(std::string_view text) {
  const TemporaryDirectory root;
  root.write("proc/mounts", text);
  MountTable table{Root{root.path()}};
  return table.refresh() ? text_of(table.mounts()) : "none";
}

}  // namespace

class MountTableTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(MountTableTest);
  CPPUNIT_TEST(reads_the_table_of_linux_6_1);
  CPPUNIT_TEST(reads_the_table_of_every_machine);
  CPPUNIT_TEST(brings_back_what_the_kernel_escapes);
  CPPUNIT_TEST(takes_a_device_without_a_name);
  CPPUNIT_TEST(rejects_every_truncation);
  CPPUNIT_TEST(passes_over_malformed_lines_and_remembers_one);
  CPPUNIT_TEST(reads_a_copy_when_its_text_changes);
  CPPUNIT_TEST(fails_without_a_table_and_recovers);
  CPPUNIT_TEST(prefers_the_table_of_process_1_below_another_root);
  CPPUNIT_TEST(allocates_nothing_while_nothing_changes);
  CPPUNIT_TEST(is_told_by_the_kernel_when_something_is_mounted);
  CPPUNIT_TEST(takes_its_own_table_below_the_root);
  CPPUNIT_TEST(finds_the_number_of_the_topmost_mount);
  CPPUNIT_TEST_SUITE_END();

 public:
  void reads_the_table_of_linux_6_1() {
    CPPUNIT_ASSERT_EQUAL(std::string{"rootfs on / type rootfs\n"
                                     "proc on /proc type proc\n"
                                     "sysfs on /sys type sysfs\n"
                                     "devtmpfs on /dev type devtmpfs\n"
                                     "devpts on /dev/pts type devpts\n"
                                     "tmpfs on /run type tmpfs\n"
                                     "tmpfs on /tmp type tmpfs\n"
                                     "/dev/vda on /mnt/data type ext4\n"
                                     "some thing on /mnt/with space type tmpfs\n"
                                     "/dev/loop0 on /mnt/loop type ext2\n"
                                     "cgroup2 on /sys/fs/cgroup type cgroup2\n"},
                         read_table(Fixture{"linux-6.1-qemu"}.text("proc/mounts")));
  }

  void reads_the_table_of_every_machine() {
    for (const std::string& machine : Fixture::machines()) {
      MountTable table{Root{Fixture{machine}.path()}};
      const auto changed = table.refresh();
      CPPUNIT_ASSERT(changed && *changed);
      CPPUNIT_ASSERT(table.mounts().size() > 5);
      CPPUNIT_ASSERT_EQUAL(std::string{}, table.malformed());
    }
  }

  void brings_back_what_the_kernel_escapes() {
    CPPUNIT_ASSERT_EQUAL(std::string{"a b#c on /x\ty\nz\\ type ext4\n"},
                         read_table("a\\040b\\043c /x\\011y\\012z\\134 ext4 rw 0 0\n"));
    CPPUNIT_ASSERT_EQUAL(std::string{"\\04 on /\\8\\400\\12 type ext4\n"},
                         read_table("\\04 /\\8\\400\\12 ext4 rw 0 0\n"));
    CPPUNIT_ASSERT_EQUAL(std::string{"\xff on /\303\244 type ext4\n"},
                         read_table("\\377 /\\303\\244 ext4 rw 0 0\n"));
  }

  void takes_a_device_without_a_name() {
    CPPUNIT_ASSERT_EQUAL(std::string{" on /x type tmpfs\n"}, read_table(" /x tmpfs rw 0 0\n"));
  }

  void rejects_every_truncation() {
    for (const std::string& machine : Fixture::machines()) {
      const std::string whole = Fixture{machine}.text("proc/mounts");
      const std::string line = whole.substr(0, whole.find('\n') + 1);
      for (std::size_t length = 0; length < line.size(); ++length)
        CPPUNIT_ASSERT(!parse_mount(std::string_view{line}.substr(0, length)));
      const std::string all = read_table(whole);
      for (std::size_t length = 0; length < whole.size(); length += 7)
        CPPUNIT_ASSERT(all.starts_with(read_table(std::string_view{whole}.substr(0, length))));
    }
  }

  void passes_over_malformed_lines_and_remembers_one() {
    const TemporaryDirectory root;
    root.write("proc/mounts", "/dev/sda /x ext4\n\n/dev/sdb /y ext4 rw,odd options 0 0\n");
    MountTable table{Root{root.path()}};
    CPPUNIT_ASSERT(table.refresh());
    CPPUNIT_ASSERT_EQUAL(std::string{"/dev/sdb on /y type ext4\n"}, text_of(table.mounts()));
    CPPUNIT_ASSERT_EQUAL(std::string{"/dev/sda /x ext4"}, table.malformed());
  }

  void reads_a_copy_when_its_text_changes() {
    const TemporaryDirectory root;
    const Root tree{root.path()};
    root.write("proc/mounts", "/dev/sda / ext4 rw 0 0\n");
    MountTable table{tree};
    CPPUNIT_ASSERT(*table.refresh());
    tree.new_tick();
    CPPUNIT_ASSERT(!*table.refresh());
    root.write("proc/mounts", "/dev/sdb / ext4 rw 0 0\n");
    tree.new_tick();
    CPPUNIT_ASSERT(*table.refresh());
    CPPUNIT_ASSERT_EQUAL(std::string{"/dev/sdb on / type ext4\n"}, text_of(table.mounts()));
  }

  void fails_without_a_table_and_recovers() {
    const TemporaryDirectory root;
    const Root tree{root.path()};
    MountTable table{tree};
    CPPUNIT_ASSERT(!table.refresh());
    root.write("proc/mounts", "/dev/sda / ext4 rw 0 0\n");
    tree.new_tick();
    CPPUNIT_ASSERT(*table.refresh());
    root.remove("proc/mounts");
    tree.new_tick();
    CPPUNIT_ASSERT(!table.refresh());
  }

  void prefers_the_table_of_process_1_below_another_root() {
    const TemporaryDirectory root;
    root.write("proc/mounts", "overlay / overlay rw 0 0\n");
    root.write("proc/1/mounts", "/dev/sda / ext4 rw 0 0\n");
    MountTable table{Root{root.path()}};
    CPPUNIT_ASSERT(*table.refresh());
    CPPUNIT_ASSERT_EQUAL(std::string{"/dev/sda on / type ext4\n"}, text_of(table.mounts()));
  }

  void allocates_nothing_while_nothing_changes() {
    const TemporaryDirectory copy;
    copy.write("proc/mounts", "/dev/sda / ext4 rw 0 0\n");
    for (const Root& root : {Root{}, Root{copy.path()}}) {
      MountTable table{root};
      CPPUNIT_ASSERT(table.refresh());
      root.new_tick();
      const NoAllocation guard;
      const auto changed = table.refresh();
      const std::uint64_t count = guard.count();
      CPPUNIT_ASSERT(changed && !*changed);
      CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, count);
    }
  }

  /// In a child with a mount table of its own, where that is allowed.
  void is_told_by_the_kernel_when_something_is_mounted() {
    const TemporaryDirectory place;
    CPPUNIT_ASSERT_EQUAL(0, in_own_namespace([&] {
                           MountTable table{Root{}};
                           if (!table.refresh() || *table.refresh()) return 1;
                           if (::mount("something", place.path().c_str(), "tmpfs", 0, nullptr) != 0)
                             return 2;
                           if (!*table.refresh() || *table.refresh()) return 3;
                           if (table.mounts().back().directory != place.path()) return 4;
                           if (::umount(place.path().c_str()) != 0) return 5;
                           if (!*table.refresh()) return 6;
                           return table.mounts().back().directory == place.path() ? 7 : 0;
                         }));
  }

  /// Where nobody may look into process 1.
  void takes_its_own_table_below_the_root() {
    const TemporaryDirectory place;
    CPPUNIT_ASSERT_EQUAL(
        0, in_own_namespace([&] {
          const std::string& top = place.path();
          if (::mount("top", top.c_str(), "tmpfs", 0, "mode=755") != 0) return 2;
          place.write("proc/empty", "");
          place.write("data/empty", "");
          if (::mount("proc", (top + "/proc").c_str(), "proc", 0, nullptr) != 0) return 3;
          if (::mount("data", (top + "/data").c_str(), "tmpfs", 0, nullptr) != 0) return 4;
          if (::mount((top + "/data").c_str(), (top + "/proc/1").c_str(), nullptr, MS_BIND,
                      nullptr))
            return 5;
          MountTable table{Root{top}};
          if (!table.refresh()) return 6;
          const std::string expected =
              "top on / type tmpfs\nproc on /proc type proc\ndata on /data type tmpfs\n"
              "data on /proc/1 type tmpfs\n";
          return text_of(table.mounts()) == expected ? 0 : 7;
        }));
  }

  void finds_the_number_of_the_topmost_mount() {
    constexpr std::string_view kInfo =
        "22 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n"
        "36 22 0:33 / /mnt/a\\040b rw shared:1 - nfs4 host:/a rw\n"
        "41 36 0:34 / /mnt/a\\040b rw - nfs4 host:/b rw\n";
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{41}, *find_mount_number(kInfo, "/mnt/a b"));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{22}, *find_mount_number(kInfo, "/"));
    CPPUNIT_ASSERT(!find_mount_number(kInfo, "/mnt"));
    for (std::size_t length = 0; length < kInfo.size(); ++length) {
      const auto number = find_mount_number(kInfo.substr(0, length), "/mnt/a b");
      CPPUNIT_ASSERT(!number || *number == 36);
    }
    CPPUNIT_ASSERT(MountTable{Root{}}.mount_number("/proc"));
  }

 private:
  /// What `body` returns in a child that may mount; 0 where nobody may.
  template <typename Body>
  static int in_own_namespace(Body&& body) {
    const pid_t child = ::fork();
    if (child == 0) {
      if (::unshare(CLONE_NEWNS) != 0 ||
          ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
        ::_exit(0);
      ::_exit(body());
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(MountTableTest);

}  // namespace vital::test

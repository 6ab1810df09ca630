// SPDX-License-Identifier: MIT
#include <cppunit/extensions/HelperMacros.h>
#include <unistd.h>
#include <utmpx.h>

#include <cstdio>

#include "support/plugin_under_test.h"
#include "users/utmp.h"

namespace vital::test {
namespace {

std::string record(int type) {
  utmpx entry{};
  entry.ut_type = static_cast<short>(type);
  return {reinterpret_cast<const char*>(&entry), sizeof entry};
}

}  // namespace

class UsersTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(UsersTest);
  CPPUNIT_TEST(counts_log_ins_only);
  CPPUNIT_TEST(counts_those_of_real_files);
  CPPUNIT_TEST(never_counts_more_in_a_truncated_file);
  CPPUNIT_TEST(reports_none_without_a_file_and_some_when_it_appears);
  CPPUNIT_TEST(follows_a_file_that_grows_and_is_rewritten);
  CPPUNIT_TEST(follows_a_file_that_is_replaced);
  CPPUNIT_TEST(reads_var_run_where_it_is_a_directory);
  CPPUNIT_TEST(does_not_follow_a_link_out_of_the_root);
  CPPUNIT_TEST(allocates_nothing_once_it_runs);
  CPPUNIT_TEST_SUITE_END();

 public:
  void counts_log_ins_only() {
    std::string utmp;
    for (const int type : {BOOT_TIME, RUN_LVL, USER_PROCESS, LOGIN_PROCESS, INIT_PROCESS,
                           USER_PROCESS, DEAD_PROCESS, EMPTY})
      utmp += record(type);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, users::count_users(utmp));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, users::count_users(""));
  }

  void counts_those_of_real_files() {
    for (const char* machine : {"linux-3.10-qemu", "linux-5.10-qemu-4cpu", "linux-6.1-qemu",
                                "linux-6.12-qemu-numa", "linux-7.3-qemu"}) {
      // Of another processor's records only one that is as long as ours can be told.
      if (sizeof(utmpx) != 384) continue;
      PluginUnderTest users{"users", Fixture{machine}};
      CPPUNIT_ASSERT(users.read());
      CPPUNIT_ASSERT_EQUAL(std::string{"users/users 3\n"}, users.recorded());
    }
  }

  void never_counts_more_in_a_truncated_file() {
    for (const std::string& machine : Fixture::machines()) {
      if (!Fixture{machine}.has("var/run/utmp")) continue;
      const std::string whole = Fixture{machine}.text("var/run/utmp");
      const std::uint64_t all = users::count_users(whole);
      std::uint64_t before = 0;
      for (std::size_t length = 0; length <= whole.size(); ++length) {
        const std::uint64_t now = users::count_users(std::string_view{whole}.substr(0, length));
        CPPUNIT_ASSERT(before <= now && now <= all);
        before = now;
      }
      CPPUNIT_ASSERT_EQUAL(all, before);
    }
  }

  void reports_none_without_a_file_and_some_when_it_appears() {
    const TemporaryDirectory root;
    PluginUnderTest users{"users", root.path()};
    CPPUNIT_ASSERT(users.read());
    root.write("run/utmp", record(USER_PROCESS));
    CPPUNIT_ASSERT(users.read());
    root.remove("run/utmp");
    CPPUNIT_ASSERT(users.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"users/users 0\nusers/users 1\nusers/users 0\n"},
                         users.recorded());
  }

  void follows_a_file_that_grows_and_is_rewritten() {
    const TemporaryDirectory root;
    root.write("run/utmp", record(USER_PROCESS));
    PluginUnderTest users{"users", root.path()};
    CPPUNIT_ASSERT(users.read());
    root.write("run/utmp", record(USER_PROCESS) + record(USER_PROCESS));
    CPPUNIT_ASSERT(users.read());
    root.write("run/utmp", record(DEAD_PROCESS) + record(USER_PROCESS));
    CPPUNIT_ASSERT(users.read());
    root.write("run/utmp", "");
    CPPUNIT_ASSERT(users.read());
    CPPUNIT_ASSERT_EQUAL(
        std::string{"users/users 1\nusers/users 2\nusers/users 1\nusers/users 0\n"},
        users.recorded());
  }

  void follows_a_file_that_is_replaced() {
    const TemporaryDirectory root;
    root.write("run/utmp", record(DEAD_PROCESS));
    PluginUnderTest users{"users", root.path()};
    CPPUNIT_ASSERT(users.read());
    root.write("run/utmp.new", record(USER_PROCESS));
    CPPUNIT_ASSERT_EQUAL(0, std::rename((root.path() + "/run/utmp.new").c_str(),
                                        (root.path() + "/run/utmp").c_str()));
    CPPUNIT_ASSERT(users.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"users/users 0\nusers/users 1\n"}, users.recorded());
  }

  void reads_var_run_where_it_is_a_directory() {
    const TemporaryDirectory root;
    root.write("run/utmp", record(USER_PROCESS));
    root.write("var/run/utmp", record(USER_PROCESS) + record(USER_PROCESS));
    PluginUnderTest users{"users", root.path()};
    CPPUNIT_ASSERT(users.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"users/users 2\n"}, users.recorded());
  }

  void does_not_follow_a_link_out_of_the_root() {
    const TemporaryDirectory root, elsewhere;
    elsewhere.write("utmp", record(USER_PROCESS) + record(USER_PROCESS));
    root.write("run/utmp", record(USER_PROCESS));
    root.write("var/empty", "");
    CPPUNIT_ASSERT_EQUAL(0,
                         ::symlink(elsewhere.path().c_str(), (root.path() + "/var/run").c_str()));
    PluginUnderTest users{"users", root.path()};
    CPPUNIT_ASSERT(users.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"users/users 1\n"}, users.recorded());
  }

  void allocates_nothing_once_it_runs() {
    PluginUnderTest users{"users", Fixture{"linux-6.1-qemu"}};
    CPPUNIT_ASSERT(users.read());
    CPPUNIT_ASSERT(users.read());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, users.allocations());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(UsersTest);

}  // namespace vital::test

// SPDX-License-Identifier: MIT
#include <cppunit/extensions/HelperMacros.h>

#include <thread>

#include "df/df_reader.h"
#include "plugins/df/gate.h"
#include "support/plugin_under_test.h"

namespace vital::test {
namespace {

constexpr const char* kTable = "proc/mounts";

/// df over a tree of files and over file systems that a gate makes up.
class DfUnderTest {
 public:
  /// Reads follow each other faster than threads can work, so nothing hangs unless it is meant to.
  explicit DfUnderTest(std::string_view mounts, std::string_view options = {},
                       Nanoseconds patience = std::chrono::hours{24}) {
    root_.write(kTable, mounts);
    df_ = std::make_unique<PluginUnderTest>(
        [&](Registry& registry) {
          auto& plugin = registry.custom("df", "", [this, patience](Setup& setup) {
            auto reader = std::make_shared<df::DfReader>(setup, Gate::ask(gate_), patience);
            setup.add(*reader);
            return reader;
          });
          df::declare_options(plugin);
        },
        "df", root_.path(), options);
  }
  ~DfUnderTest() { gate_->open_all(); }

  PluginUnderTest& operator*() noexcept { return *df_; }
  PluginUnderTest* operator->() noexcept { return df_.get(); }
  Gate& gate() noexcept { return *gate_; }
  std::string path(const std::string& directory) const { return root_.path() + directory; }
  void mount(std::string_view mounts) const { root_.write(kTable, mounts); }
  void write(std::string_view path, std::string_view text) const { root_.write(path, text); }
  void remove(std::string_view path) const { root_.remove(path); }

  std::string reading() {
    CPPUNIT_ASSERT(df_->read());
    return df_->recorded();
  }
  /// What was logged, without the root.
  std::string logged() {
    std::string text = df_->logged();
    for (auto at = text.find(root_.path()); at != std::string::npos; at = text.find(root_.path()))
      text.erase(at, root_.path().size());
    return text;
  }

 private:
  TemporaryDirectory root_;
  std::shared_ptr<Gate> gate_ = std::make_shared<Gate>();
  std::unique_ptr<PluginUnderTest> df_;
};

constexpr std::string_view kRoot = "/dev/sda1 / ext4 rw 0 0\n";
constexpr std::string_view kTwo = "/dev/sda1 / ext4 rw 0 0\n/dev/sdb1 /home ext4 rw 0 0\n";
constexpr std::string_view kNas = "/dev/sda1 / ext4 rw 0 0\nnas:/x /nas nfs4 rw 0 0\n";

}  // namespace

class DfTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(DfTest);
  CPPUNIT_TEST(reports_bytes);
  CPPUNIT_TEST(reports_percentages);
  CPPUNIT_TEST(reports_inodes);
  CPPUNIT_TEST(reports_percentages_of_inodes_alone);
  CPPUNIT_TEST(reports_by_device);
  CPPUNIT_TEST(reports_only_the_selected);
  CPPUNIT_TEST(follows_the_mount_table);
  CPPUNIT_TEST(asks_below_the_root);
  CPPUNIT_TEST(reports_the_others_when_one_fails_and_says_so_once);
  CPPUNIT_TEST(says_a_failure_again_each_hour_unless_told_not_to);
  CPPUNIT_TEST(says_once_that_names_clash);
  CPPUNIT_TEST(says_that_a_line_of_the_table_makes_no_sense);
  CPPUNIT_TEST(reports_network_file_systems_at_the_next_tick);
  CPPUNIT_TEST(goes_on_without_one_that_hangs);
  CPPUNIT_TEST(says_once_that_a_server_is_too_slow);
  CPPUNIT_TEST(asks_a_mount_that_replaced_one_that_hangs);
  CPPUNIT_TEST(fails_without_a_table_and_recovers);
  CPPUNIT_TEST(warns_of_report_reserved);
  CPPUNIT_TEST(allocates_nothing_once_it_runs);
  CPPUNIT_TEST(reads_real_directories_as_a_module);
  CPPUNIT_TEST_SUITE_END();

 public:
  void reports_bytes() {
    DfUnderTest df{kRoot};
    CPPUNIT_ASSERT_EQUAL(std::string{"df-root/df_complex-free 40960\n"
                                     "df-root/df_complex-reserved 0\n"
                                     "df-root/df_complex-used 61440\n"},
                         df.reading());
  }

  void reports_percentages() {
    DfUnderTest df{kRoot, "ValuesAbsolute false\nValuesPercentage true"};
    CPPUNIT_ASSERT_EQUAL(std::string{"df-root/percent_bytes-free 40\n"
                                     "df-root/percent_bytes-reserved 0\n"
                                     "df-root/percent_bytes-used 60.0000038146973\n"},
                         df.reading());
  }

  void reports_inodes() {
    DfUnderTest df{kRoot, "ReportInodes true"};
    CPPUNIT_ASSERT_EQUAL(std::string{"df-root/df_complex-free 40960\n"
                                     "df-root/df_complex-reserved 0\n"
                                     "df-root/df_complex-used 61440\n"
                                     "df-root/df_inodes-free 3\n"
                                     "df-root/df_inodes-reserved 1\n"
                                     "df-root/df_inodes-used 6\n"},
                         df.reading());
  }

  void reports_percentages_of_inodes_alone() {
    DfUnderTest df{kRoot, "ReportInodes true\nValuesAbsolute false\nValuesPercentage true"};
    const std::string text = df.reading();
    CPPUNIT_ASSERT(
        text.ends_with("df-root/percent_inodes-free 30.0000019073486\n"
                       "df-root/percent_inodes-reserved 10\n"
                       "df-root/percent_inodes-used 60.0000038146973\n"));
  }

  void reports_by_device() {
    DfUnderTest df{kTwo, "ReportByDevice true"};
    const std::string text = df.reading();
    CPPUNIT_ASSERT(text.starts_with("df-sda1/df_complex-free 40960\n"));
    CPPUNIT_ASSERT(text.find("df-sdb1/df_complex-free 40960\n") != std::string::npos);
  }

  void reports_only_the_selected() {
    DfUnderTest df{kTwo, "MountPoint \"/home\""};
    CPPUNIT_ASSERT(df.reading().starts_with("df-home/df_complex-free 40960\n"));
    CPPUNIT_ASSERT_EQUAL(0, df.gate().calls(df.path("/")));
    DfUnderTest other{kTwo, "MountPoint \"/home\"\nDevice \"/x/\"\nIgnoreSelected true"};
    CPPUNIT_ASSERT(other.reading().starts_with("df-root/df_complex-free 40960\n"));
  }

  void follows_the_mount_table() {
    DfUnderTest df{kRoot};
    CPPUNIT_ASSERT_EQUAL(std::string::npos, df.reading().find("home"));
    df.mount(kTwo);
    CPPUNIT_ASSERT(df.reading().find("df-home/df_complex-free 40960\n") != std::string::npos);
    df.mount(kRoot);
    CPPUNIT_ASSERT_EQUAL(std::string::npos, df.reading().find("home"));
  }

  void asks_below_the_root() {
    DfUnderTest df{"/dev/sda1 / ext4 rw 0 0\n/dev/sdb1 /a\\040b ext4 rw 0 0\n"};
    df.reading();
    CPPUNIT_ASSERT_EQUAL(1, df.gate().calls(df.path("/")));
    CPPUNIT_ASSERT_EQUAL(1, df.gate().calls(df.path("/a b")));
  }

  void reports_the_others_when_one_fails_and_says_so_once() {
    DfUnderTest df{kTwo, "LogOnce true"};
    df.gate().fail(df.path("/"), true);
    CPPUNIT_ASSERT(df.reading().starts_with("df-home/df_complex-free 40960\n"));
    for (int hour = 0; hour < 3; ++hour) {
      df->fake_clock().advance(std::chrono::hours{1});
      df.reading();
    }
    df.gate().fail(df.path("/"), false);
    CPPUNIT_ASSERT(df.reading().starts_with("df-root/df_complex-free 40960\n"));
    CPPUNIT_ASSERT_EQUAL(std::string{"warning: df: / fails: statvfs: Permission denied\n"
                                     "notice: df: / works again after 4 failures\n"},
                         df.logged());
  }

  void says_a_failure_again_each_hour_unless_told_not_to() {
    DfUnderTest df{kRoot};
    df.gate().fail(df.path("/"), true);
    df.reading();
    df.reading();
    CPPUNIT_ASSERT_EQUAL(std::string{"warning: df: / fails: statvfs: Permission denied\n"},
                         df.logged());
    df->fake_clock().advance(std::chrono::hours{1});
    df.reading();
    df.reading();
    CPPUNIT_ASSERT_EQUAL(std::string{"notice: df: / still fails: statvfs: Permission denied\n"},
                         df.logged());
  }

  void says_once_that_names_clash() {
    DfUnderTest df{"a /x-y/z ext4 rw 0 0\nb /x/y-z ext4 rw 0 0\n"};
    CPPUNIT_ASSERT(df.reading().starts_with("df-x-y-z/df_complex-free 40960\n"));
    df.mount("a /x-y/z ext4 rw 0 0\nb /x/y-z ext4 ro 0 0\n");
    df.reading();
    CPPUNIT_ASSERT_EQUAL(
        std::string{"notice: df: more than one mount would be called x-y-z; /x/y-z is left out\n"},
        df.logged());
  }

  void says_that_a_line_of_the_table_makes_no_sense() {
    DfUnderTest df{"a /x\n/dev/sda1 / ext4 rw 0 0\n"};
    CPPUNIT_ASSERT(df.reading().starts_with("df-root/df_complex-free 40960\n"));
    df.reading();
    CPPUNIT_ASSERT_EQUAL(
        std::string{"warning: df: a line of the mount table makes no sense: a /x\n"}, df.logged());
  }

  void reports_network_file_systems_at_the_next_tick() {
    DfUnderTest df{kNas};
    CPPUNIT_ASSERT_EQUAL(std::string::npos, df.reading().find("df-nas"));
    wait_until([&] { return df.gate().calls(df.path("/nas")) == 1; });
    wait_until(
        [&] { return df.reading().find("df-nas/df_complex-free 40960\n") != std::string::npos; });
    CPPUNIT_ASSERT_EQUAL(std::string{}, df.logged());
  }

  void goes_on_without_one_that_hangs() {
    DfUnderTest df{kNas, "", df::DfReader::kPatience};
    wait_until([&] { return df.reading().find("df-nas") != std::string::npos; });
    df.logged();
    df.gate().shut(df.path("/nas"));
    df.reading();
    CPPUNIT_ASSERT(df.gate().wait_for_hanging(1));
    df.reading();
    df.reading();
    for (int ticks = 0; ticks < 3; ++ticks) {
      const std::string text = df.reading();
      CPPUNIT_ASSERT(text.starts_with("df-root/df_complex-free 40960\n"));
      CPPUNIT_ASSERT_EQUAL(std::string::npos, text.find("df-nas"));
    }
    const std::string logged = df.logged();
    CPPUNIT_ASSERT(logged.starts_with("warning: df: /nas hangs: no answer for "));
    CPPUNIT_ASSERT_EQUAL(logged.size() - 1, logged.find('\n'));
    df.gate().open_all();
    wait_until([&] { return df.reading().find("df-nas") != std::string::npos; });
    CPPUNIT_ASSERT(df.logged().starts_with("notice: df: /nas answers again after more than "));
  }

  /// Each of its calls comes back, but later than its answer could be reported.
  void says_once_that_a_server_is_too_slow() {
    DfUnderTest df{kNas, "", df::DfReader::kPatience};
    for (int calls = 0; calls < 3; ++calls) {
      df.gate().shut(df.path("/nas"));
      wait_until([&] {
        return df.reading().find("df-nas") == std::string::npos && df.gate().hanging() == 1;
      });
      df.reading();
      df.gate().open_all();
      CPPUNIT_ASSERT(df.gate().wait_for_hanging(0));
    }
    const std::string logged = df.logged();
    CPPUNIT_ASSERT(logged.starts_with("warning: df: /nas hangs: no answer for "));
    CPPUNIT_ASSERT_EQUAL(logged.size() - 1, logged.find('\n'));
  }

  void asks_a_mount_that_replaced_one_that_hangs() {
    const auto number = [](const char* id) {
      return std::string{id} + " 1 0:33 / /nas rw - nfs4 nas:/x rw\n";
    };
    DfUnderTest df{kNas, "", df::DfReader::kPatience};
    df.write("proc/self/mountinfo", number("40"));
    df.gate().shut(df.path("/nas"));
    df.reading();
    CPPUNIT_ASSERT(df.gate().wait_for_hanging(1));
    df.reading();
    df.mount(std::string{kNas} + "/dev/sdb1 /home ext4 rw 0 0\n");
    for (int ticks = 0; ticks < 3; ++ticks) df.reading();
    CPPUNIT_ASSERT_EQUAL(1, df.gate().calls(df.path("/nas")));
    df.write("proc/self/mountinfo", number("41"));
    df.mount(kNas);
    df.reading();
    wait_until([&] { return df.gate().calls(df.path("/nas")) == 2; });
  }

  void fails_without_a_table_and_recovers() {
    DfUnderTest df{kRoot};
    df.remove(kTable);
    CPPUNIT_ASSERT(!df->read());
    CPPUNIT_ASSERT_EQUAL(std::string{}, df->recorded());
    df.mount(kRoot);
    CPPUNIT_ASSERT(df.reading().starts_with("df-root/df_complex-free 40960\n"));
  }

  void warns_of_report_reserved() {
    CPPUNIT_ASSERT_THROW(DfUnderTest(kRoot, "ReportReserved true"), ConfigError);
  }

  void allocates_nothing_once_it_runs() {
    DfUnderTest df{kNas, "ReportInodes true\nValuesPercentage true"};
    wait_until([&] { return df.reading().find("df-nas") != std::string::npos; });
    df.reading();
    df.reading();
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, df->allocations());
  }

  void reads_real_directories_as_a_module() {
    const TemporaryDirectory root;
    root.write("mnt/data/file", "");
    root.write(kTable,
               "proc /proc proc rw 0 0\n/dev/sda1 / ext4 rw 0 0\n/dev/sdb /mnt/data xfs rw 0 0\n");
    PluginUnderTest df{"df", root.path()};
    CPPUNIT_ASSERT(df.read());
    const std::string text = df.recorded();
    CPPUNIT_ASSERT(text.starts_with("df-root/df_complex-free "));
    CPPUNIT_ASSERT(text.find("df-mnt-data/df_complex-used ") != std::string::npos);
    CPPUNIT_ASSERT(df.read());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, df.allocations());
  }

 private:
  template <typename Condition>
  static void wait_until(Condition&& condition) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (!condition()) {
      CPPUNIT_ASSERT(std::chrono::steady_clock::now() < limit);
      std::this_thread::yield();
    }
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DfTest);

}  // namespace vital::test

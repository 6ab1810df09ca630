// SPDX-License-Identifier: MIT
#include <cppunit/extensions/HelperMacros.h>
#include <fcntl.h>
#include <rrd.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>

#include "rrd_support.h"

namespace vital::test {
namespace {

namespace fs = std::filesystem;

/// No file can grow beyond so many bytes, as if the disk were full, while this lives.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) : handler_{std::signal(SIGXFSZ, SIG_IGN)} {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int);
};

/// Another process that has a file locked, as `rrdtool fetch` has while it reads.
class Lock {
 public:
  explicit Lock(const std::string& path) {
    std::array<int, 2> pipe{};
    CPPUNIT_ASSERT_EQUAL(0, ::pipe(pipe.data()));
    child_ = ::fork();
    if (child_ == 0) {
      const int fd = ::open(path.c_str(), O_RDONLY);
      struct flock lock {};
      lock.l_type = F_RDLCK;
      const char done = ::fcntl(fd, F_SETLK, &lock) == 0 ? 'y' : 'n';
      [[maybe_unused]] const ssize_t written = ::write(pipe[1], &done, 1);
      while (true) ::pause();
    }
    char done = 'n';
    [[maybe_unused]] const ssize_t got = ::read(pipe[0], &done, 1);
    ::close(pipe[0]);
    ::close(pipe[1]);
    CPPUNIT_ASSERT_EQUAL('y', done);
  }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  ~Lock() {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }

 private:
  pid_t child_ = -1;
};

void make_file(const std::string& path, std::vector<const char*> columns, std::int64_t begin = 0) {
  fs::create_directories(fs::path{path}.parent_path());
  columns.push_back("RRA:AVERAGE:0.1:1:100");
  CPPUNIT_ASSERT_EQUAL(0, rrd_create_r(path.c_str(), 10, FakeClock::kBegin + begin - 1,
                                       static_cast<int>(columns.size()), columns.data()));
}

}  // namespace

/// What cannot be written costs itself alone, is said once, and recovers.
class RrdFaultsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(RrdFaultsTest);
  CPPUNIT_TEST(a_full_disk_is_said_once_and_recovers);
  CPPUNIT_TEST(a_full_disk_does_not_hurt_files_that_exist);
  CPPUNIT_TEST(a_file_where_a_directory_should_be);
  CPPUNIT_TEST(a_directory_where_a_file_should_be);
  CPPUNIT_TEST(files_that_are_not_of_librrd);
  CPPUNIT_TEST(a_file_that_is_cut_short);
  CPPUNIT_TEST(a_file_with_other_data_sources);
  CPPUNIT_TEST(a_value_that_the_file_does_not_take);
  CPPUNIT_TEST(a_file_that_somebody_else_writes);
  CPPUNIT_TEST(a_file_from_the_future);
  CPPUNIT_TEST(a_locked_file_is_tried_again);
  CPPUNIT_TEST(a_file_that_stays_locked_is_worth_a_word);
  CPPUNIT_TEST(what_a_killed_daemon_left_is_no_obstacle);
  CPPUNIT_TEST(a_type_that_changes_while_values_wait);
  CPPUNIT_TEST_SUITE_END();

  static std::string name(int i) { return "h/p/gauge-" + std::to_string(i); }

 public:
  void a_full_disk_is_said_once_and_recovers() {
    RrdPlugin test;
    {
      const FullDisk full{8192};
      for (int i = 0; i < 20; ++i) test.put(name(i), 0, "1");
      test.settle();
      test.put(name(0), 5, "1");
    }
    CPPUNIT_ASSERT_EQUAL(std::string{"failed 21"}, test.ledger());
    CPPUNIT_ASSERT_EQUAL(
        "warning: rrdtool: cannot write " + test.path(name(0)) + ": creating it: File too large\n",
        test.plugin.logged());
    CPPUNIT_ASSERT(fs::is_empty(test.directory.path() + "/h/p"));
    test.pass(10);
    for (int i = 0; i < 20; ++i) test.put(name(i), 10, "1");
    test.settle();
    CPPUNIT_ASSERT_EQUAL(std::string{"delivered 20 failed 21"}, test.ledger());
    CPPUNIT_ASSERT_EQUAL(
        std::string{"notice: rrdtool: no file fails any more with \"creating it: File too "
                    "large\"; 20 files had lost 21 values\n"},
        test.plugin.logged());
  }

  void a_full_disk_does_not_hurt_files_that_exist() {
    RrdPlugin test;
    test.put(name(0), 0, "1");
    test.settle();
    const FullDisk full{8192};
    for (int i = 0; i < 3; ++i) test.put(name(i), 10, "1");
    test.settle();
    CPPUNIT_ASSERT_EQUAL(std::string{"delivered 2 failed 2"}, test.ledger());
  }

  void a_file_where_a_directory_should_be() {
    RrdPlugin test;
    test.directory.write("h/p", "");
    test.put("h/p/gauge", 0, "1");
    test.put("h/q/gauge", 0, "1");
    test.settle();
    CPPUNIT_ASSERT_EQUAL(std::string{"delivered 1 failed 1"}, test.ledger());
    CPPUNIT_ASSERT_EQUAL("warning: rrdtool: cannot write " + test.path("h/p/gauge") +
                             ": opening it: Not a directory\n",
                         test.plugin.logged());
    test.directory.remove("h/p");
    test.pass(10);
    test.put("h/p/gauge", 10, "1");
    test.settle();
    CPPUNIT_ASSERT_EQUAL(std::string{"delivered 2 failed 1"}, test.ledger());
  }

  void a_directory_where_a_file_should_be() {
    RrdPlugin test;
    fs::create_directories(test.path("h/p/gauge"));
    test.put("h/p/gauge", 0, "1");
    test.put("h/p/gauge-b", 0, "1");
    test.settle();
    CPPUNIT_ASSERT_EQUAL(std::string{"delivered 1 failed 1"}, test.ledger());
    CPPUNIT_ASSERT_EQUAL("warning: rrdtool: cannot write " + test.path("h/p/gauge") +
                             ": opening it: Is a directory\n",
                         test.plugin.logged());
  }

  void files_that_are_not_of_librrd() {
    RrdPlugin test;
    test.directory.write("h/p/gauge-0.rrd", "");
    test.directory.write("h/p/gauge-1.rrd", "hello\n");
    test.directory.write("h/p/gauge-2.rrd", std::string(5000, 'x'));
    for (int i = 0; i < 4; ++i) test.put(name(i), 0, "1");
    test.settle();
    test.put(name(1), 10, "1");
    CPPUNIT_ASSERT_EQUAL(std::string{"delivered 1 refused 4"}, test.ledger());
    CPPUNIT_ASSERT(test.plugin.logged().starts_with("warning: rrdtool: cannot write " +
                                                    test.path(name(0)) + ": malformed: "));
    CPPUNIT_ASSERT_EQUAL(std::string{"hello\n"}, test.directory.read("h/p/gauge-1.rrd"));
    test.directory.remove("h/p/gauge-1.rrd");
    test.pass(10);
    test.put(name(1), 20, "1");
    test.settle();
    CPPUNIT_ASSERT_EQUAL(std::string{"delivered 2 refused 4"}, test.ledger());
    CPPUNIT_ASSERT_EQUAL(std::string{}, test.plugin.logged());  // two others still fail
  }

  void a_file_that_is_cut_short() {
    RrdPlugin test;
    test.put("h/p/gauge", 0, "1");
    test.settle();
    for (const std::uintmax_t size : {100'000u, 3000u, 700u, 100u, 1u}) {
      fs::resize_file(test.path("h/p/gauge"), size);
      test.put("h/p/gauge", 10, "1");
      test.pass(100);
    }
    CPPUNIT_ASSERT(test.directory.exists("h/p/gauge.rrd"));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, test.plugin.ledger().snapshot().delivered);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, test.plugin.ledger().snapshot().queued);
  }

  void a_file_with_other_data_sources() {
    RrdPlugin test;
    make_file(test.path("h/p/if_octets"), {"DS:value:DERIVE:20:0:U"});
    test.put("h/p/if_octets", 0, "1:2");
    test.put("h/p/if_octets-b", 0, "1:2");
    test.settle();
    CPPUNIT_ASSERT_EQUAL(std::string{"delivered 1 refused 1"}, test.ledger());
    CPPUNIT_ASSERT_EQUAL("warning: rrdtool: cannot write " + test.path("h/p/if_octets") +
                             ": refused: it has 1 data source and not 2\n",
                         test.plugin.logged());
  }

  void a_value_that_the_file_does_not_take() {
    RrdPlugin test{"CacheTimeout 1000"};
    make_file(test.path("h/p/gauge"), {"DS:value:DERIVE:20:0:U"});
    double time = 10;
    for (const std::string_view value : {"1", "2", "3.5", "4", "5.5", "6"}) {
      test.put("h/p/gauge", time, value);
      time += 10;
    }
    CPPUNIT_ASSERT(test.plugin.flush());
    CPPUNIT_ASSERT_EQUAL(std::string{"delivered 4 refused 2"}, test.ledger());
    CPPUNIT_ASSERT_EQUAL(std::int64_t{60}, test.last("h/p/gauge"));
    CPPUNIT_ASSERT_EQUAL("notice: rrdtool: " + test.path("h/p/gauge") +
                             " does not take a value: refused: not a simple signed integer: "
                             "'3.5'\n",
                         test.plugin.logged());
  }

  void a_file_that_somebody_else_writes() {
    RrdPlugin test{"CacheTimeout 1000"};
    test.put("h/p/gauge", 0, "1");
    CPPUNIT_ASSERT(test.plugin.flush());
    for (const double time : {10.0, 20.0, 30.0, 40.0}) test.put("h/p/gauge", time, "1");
    const std::string update = std::to_string(FakeClock::kBegin + 20) + ":7";
    const char* const line = update.c_str();
    CPPUNIT_ASSERT_EQUAL(0, rrd_update_r(test.path("h/p/gauge").c_str(), nullptr, 1,
                                         const_cast<const char**>(&line)));
    CPPUNIT_ASSERT(test.plugin.flush());
    CPPUNIT_ASSERT_EQUAL(std::string{"delivered 3 too_old 2"}, test.ledger());
    CPPUNIT_ASSERT_EQUAL(std::int64_t{40}, test.last("h/p/gauge"));
  }

  void a_file_from_the_future() {
    RrdPlugin test;
    make_file(test.path(name(0)), {"DS:value:GAUGE:20:U:U"}, 7200);
    test.put(name(0), 0, "1");
    test.put(name(1), 0, "1");
    test.settle();
    test.put(name(0), 10, "1");
    test.settle();
    CPPUNIT_ASSERT_EQUAL(std::string{"delivered 1 too_old 2"}, test.ledger());
    CPPUNIT_ASSERT_EQUAL("notice: rrdtool: " + test.path(name(0)) +
                             " has a value of 7199 s from now and takes none until then\n",
                         test.plugin.logged());
    test.directory.remove("h/p/gauge-0.rrd");
    test.pass(70);
    test.put(name(0), 70, "1");  // the last that suffers
    test.put(name(0), 80, "1");
    test.settle();
    CPPUNIT_ASSERT_EQUAL(std::string{"delivered 2 too_old 3"}, test.ledger());
    CPPUNIT_ASSERT_EQUAL(std::int64_t{80}, test.last(name(0)));
  }

  void a_locked_file_is_tried_again() {
    RrdPlugin test;
    test.put(name(0), 0, "1");
    test.put(name(1), 0, "1");
    test.settle();
    {
      const Lock lock{test.path(name(0))};
      for (int i = 0; i < 2; ++i) test.put(name(i), 10, "1");
      test.settle();
      CPPUNIT_ASSERT_EQUAL(std::string{"delivered 3 queued 1"}, test.ledger());
      test.put(name(0), 20, "1");
      test.pass(0.25);
      CPPUNIT_ASSERT(test.plugin.flush({.older_than = {}, .identifier = name(0)}));
      CPPUNIT_ASSERT_EQUAL(std::string{"delivered 3 queued 2"}, test.ledger());
    }
    test.pass(2);
    CPPUNIT_ASSERT_EQUAL(std::string{"delivered 5"}, test.ledger());
    CPPUNIT_ASSERT_EQUAL(std::string{}, test.plugin.logged());
  }

  void a_file_that_stays_locked_is_worth_a_word() {
    RrdPlugin test;
    test.put(name(0), 0, "1");
    test.settle();
    {
      const Lock lock{test.path(name(0))};
      test.put(name(0), 10, "1");
      for (int i = 0; i < 40; ++i) test.pass(0.25);
    }
    CPPUNIT_ASSERT_EQUAL("warning: rrdtool: cannot write " + test.path(name(0)) +
                             ": locked by another program: Resource temporarily unavailable\n",
                         test.plugin.logged());
    test.pass(8);
    CPPUNIT_ASSERT_EQUAL(std::string{"delivered 2"}, test.ledger());
    CPPUNIT_ASSERT(test.plugin.logged().ends_with("1 file had lost 0 values\n"));
  }

  void what_a_killed_daemon_left_is_no_obstacle() {
    RrdPlugin test;
    for (const std::string_view remains : {"", "a1B2c3"})
      test.directory.write("h/p/gauge.rrd.new" + std::string{remains}, "half");
    test.directory.write("h/p/gauge.rrd.newest", "mine");
    test.put("h/p/gauge", 0, "1");
    test.settle();
    CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, test.last("h/p/gauge"));
    CPPUNIT_ASSERT(!test.directory.exists("h/p/gauge.rrd.new"));
    CPPUNIT_ASSERT(!test.directory.exists("h/p/gauge.rrd.newa1B2c3"));
    CPPUNIT_ASSERT(test.directory.exists("h/p/gauge.rrd.newest"));
  }

  void a_type_that_changes_while_values_wait() {
    RrdPlugin test{"CacheTimeout 1000"};
    test.put("h/p/gauge", 0, "1");
    const DataSet wider = *parse_data_set("gauge a:GAUGE:U:U, b:GAUGE:U:U");
    const auto series = test.plugin.series().intern({"h", "p", "", "gauge", ""}, wider);
    CPPUNIT_ASSERT(series);
    Batch batch;
    batch.begin(test.plugin.fake_clock().wall() + span_of_seconds(10), span_of_seconds(10),
                test.plugin.series().era());
    CPPUNIT_ASSERT(batch.add(*series, {1, 2}));
    CPPUNIT_ASSERT(test.plugin.write(batch));
    CPPUNIT_ASSERT_EQUAL(std::string{"delivered 1 queued 1"}, test.ledger());
    CPPUNIT_ASSERT(test.plugin.flush());
    CPPUNIT_ASSERT_EQUAL(std::string{"delivered 1 refused 1"}, test.ledger());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RrdFaultsTest);

}  // namespace vital::test

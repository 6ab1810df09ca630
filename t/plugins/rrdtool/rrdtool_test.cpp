// SPDX-License-Identifier: MIT
#include <cppunit/extensions/HelperMacros.h>
#include <sys/stat.h>

#include "base/strings.h"
#include "rrd_support.h"
#include "support/no_allocation.h"

namespace vital::test {

constexpr std::int64_t kBegin = FakeClock::kBegin;

/// What files look like, and that values arrive in them.
class RrdtoolTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(RrdtoolTest);
  CPPUNIT_TEST(makes_the_files_that_collectd_makes);
  CPPUNIT_TEST(lays_files_out_by_their_interval);
  CPPUNIT_TEST(lays_files_out_as_the_options_say);
  CPPUNIT_TEST(makes_averages_only);
  CPPUNIT_TEST(begins_a_file_just_before_its_first_value);
  CPPUNIT_TEST(writes_every_kind_of_value);
  CPPUNIT_TEST(writes_what_is_unknown_or_endless);
  CPPUNIT_TEST(keeps_names_as_they_are);
  CPPUNIT_TEST(refuses_hidden_directories);
  CPPUNIT_TEST(goes_on_with_files_that_exist);
  CPPUNIT_TEST(a_file_that_is_removed_is_made_anew);
  CPPUNIT_TEST(makes_files_with_the_permissions_of_the_umask);
  CPPUNIT_TEST(two_values_in_a_second_lose_the_second_one_alone);
  CPPUNIT_TEST(an_old_value_costs_itself_alone);
  CPPUNIT_TEST(goes_on_at_once_when_the_clock_was_set_back);
  CPPUNIT_TEST(leaves_a_file_that_is_more_than_a_day_ahead);
  CPPUNIT_TEST(refuses_intervals_below_half_a_second_once_aloud);
  CPPUNIT_TEST(new_files_do_not_delay_other_values);
  CPPUNIT_TEST(files_made_apart_lose_no_value);
  CPPUNIT_TEST(allocates_nothing_when_values_come);
  CPPUNIT_TEST(allocates_nothing_when_they_are_written);
  CPPUNIT_TEST(checks_its_options);
  CPPUNIT_TEST_SUITE_END();

  static std::string many(int count, double time) {
    std::string lines;
    for (int i = 0; i < count; ++i)
      lines += "h/p" + std::to_string(i) + "/gauge " +
               std::to_string(kBegin + static_cast<std::int64_t>(time)) + ":" + std::to_string(i) +
               "\n";
    return lines;
  }
  static std::string complaint(const std::string& options) {
    try {
      const RrdPlugin test{options};
    } catch (const std::exception& error) {
      return error.what();
    }
    return {};
  }

 public:
  void makes_the_files_that_collectd_makes() {
    RrdPlugin test;
    test.put("h/if-eth0/if_octets", 0, "1:2");
    test.settle();
    const std::string structure = rrd_structure(test.path("h/if-eth0/if_octets"));
    const std::string begin =
        "rrd_version 0003\n"
        "step 10\n"
        "header_size 4928\n"
        "ds[rx].index 0\n"
        "ds[rx].type DERIVE\n"
        "ds[rx].minimal_heartbeat 20\n"
        "ds[rx].min 0\n"
        "ds[rx].max nan\n"
        "ds[tx].index 1\n"
        "ds[tx].type DERIVE\n"
        "ds[tx].minimal_heartbeat 20\n"
        "ds[tx].min 0\n"
        "ds[tx].max nan\n"
        "rra[0].cf AVERAGE\n"
        "rra[0].rows 1200\n"
        "rra[0].pdp_per_row 1\n"
        "rra[0].xff 0.1\n";
    CPPUNIT_ASSERT_EQUAL(begin, structure.substr(0, begin.size()));
    std::string expected;
    for (const std::string_view archive : {"1200x1", "1235x7", "1210x50", "1202x223", "1201x2635"})
      for (const std::string_view kind : {"AVERAGE", "MIN", "MAX"})
        expected.append(kind).append(" ").append(archive).append(" 0.1\n");
    CPPUNIT_ASSERT_EQUAL(expected, rrd_archives(test.path("h/if-eth0/if_octets")));
  }

  void lays_files_out_by_their_interval() {
    RrdPlugin test;
    test.put("h/p/gauge-60", 0, "1", "interval=60");
    test.put("h/p/gauge-2.5", 0, "1", "interval=2.5");
    test.settle();
    CPPUNIT_ASSERT(rrd_archives(test.path("h/p/gauge-60"))
                       .starts_with("AVERAGE 1200x1 0.1\nMIN 1200x1 0.1\nMAX 1200x1 0.1\n"
                                    "AVERAGE 1440x1 0.1\n"));
    const std::string structure = rrd_structure(test.path("h/p/gauge-2.5"));
    CPPUNIT_ASSERT(structure.find("step 3\n") != std::string::npos);
    CPPUNIT_ASSERT(structure.find("minimal_heartbeat 5\n") != std::string::npos);
  }

  void lays_files_out_as_the_options_say() {
    RrdPlugin test{
        "StepSize 20\nHeartBeat 77\nRRARows 100\nXFF 0.5\n"
        "RRATimespan \"86400, 7200\"\nRRATimespan 600\nRRATimespan 3600"};
    test.put("h/p/gauge", 0, "1");
    test.settle();
    std::string expected;
    for (const std::string_view archive : {"100x1", "180x1", "120x3", "101x43"})
      for (const std::string_view kind : {"AVERAGE", "MIN", "MAX"})
        expected.append(kind).append(" ").append(archive).append(" 0.5\n");
    CPPUNIT_ASSERT_EQUAL(expected, rrd_archives(test.path("h/p/gauge")));
    const std::string structure = rrd_structure(test.path("h/p/gauge"));
    CPPUNIT_ASSERT(structure.find("step 20\n") != std::string::npos);
    CPPUNIT_ASSERT(structure.find("minimal_heartbeat 77\n") != std::string::npos);
  }

  void makes_averages_only() {
    RrdPlugin test{"RRASingle true"};
    test.put("h/p/gauge", 0, "1");
    test.settle();
    CPPUNIT_ASSERT_EQUAL(std::string{"AVERAGE 1200x1 0.1\nAVERAGE 1235x7 0.1\nAVERAGE 1210x50 0.1\n"
                                     "AVERAGE 1202x223 0.1\nAVERAGE 1201x2635 0.1\n"},
                         rrd_archives(test.path("h/p/gauge")));
  }

  void begins_a_file_just_before_its_first_value() {
    RrdPlugin test{"CacheTimeout 100"};
    test.put("h/p/gauge", 0.6, "1");
    test.settle();
    CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, test.last("h/p/gauge"));
    CPPUNIT_ASSERT(test.plugin.flush());
    CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, test.last("h/p/gauge"));
  }

  void writes_every_kind_of_value() {
    RrdPlugin test;
    const auto put = [&](double time, std::string_view value) {
      for (const std::string_view type : {"gauge", "derive", "counter", "absolute"})
        test.put("h/p/" + std::string{type}, time, value);
      test.settle();
    };
    put(0, "1000");
    put(10, "4000");
    put(20, "9000");
    const auto values = [&](std::string_view name) {
      return rrd_values(test.path(name), kBegin, kBegin + 20);
    };
    CPPUNIT_ASSERT_EQUAL(std::string{"4000 9000"}, values("h/p/gauge"));
    CPPUNIT_ASSERT_EQUAL(std::string{"300 500"}, values("h/p/derive"));
    CPPUNIT_ASSERT_EQUAL(std::string{"300 500"}, values("h/p/counter"));
    CPPUNIT_ASSERT_EQUAL(std::string{"400 900"}, values("h/p/absolute"));
    CPPUNIT_ASSERT_EQUAL(std::string{"delivered 12"}, test.ledger());
  }

  void writes_what_is_unknown_or_endless() {
    RrdPlugin test;
    double time = 0;
    for (const std::string_view value : {"1", "nan", "2", "-1.5e300", "inf", "3"}) {
      test.put("h/p/gauge", time, value);
      time += 10;
    }
    test.settle();
    CPPUNIT_ASSERT_EQUAL(std::string{"nan 2 -1.5e+300 inf 3"},
                         rrd_values(test.path("h/p/gauge"), kBegin, kBegin + 50));
    CPPUNIT_ASSERT_EQUAL(std::string{"delivered 6"}, test.ledger());
  }

  void keeps_names_as_they_are() {
    RrdPlugin test;
    test.put("\"a host/p-x y/gauge-..dot: 'ü\"", 0, "1");
    test.settle();
    CPPUNIT_ASSERT(test.directory.exists("a host/p-x y/gauge-..dot: 'ü.rrd"));
  }

  void refuses_hidden_directories() {
    RrdPlugin test;
    test.put(".h/p/gauge", 0, "1");
    test.put("../p/gauge", 0, "1");
    test.put(".h/p/gauge", 10, "1");
    test.settle();
    CPPUNIT_ASSERT(!test.directory.exists(".h"));
    CPPUNIT_ASSERT_EQUAL(std::string{"refused 3"}, test.ledger());
    CPPUNIT_ASSERT_EQUAL(std::string{"notice: rrdtool: there is no file for .h/p/gauge: no "
                                     "directory may begin with a dot\n"},
                         test.plugin.logged());
  }

  void goes_on_with_files_that_exist() {
    const TemporaryDirectory shared;
    const std::string options = "DataDir \"" + shared.path() + "\"";
    const std::string path = shared.path() + "/h/p/gauge.rrd";
    for (int round = 0; round < 3; ++round) {
      RrdPlugin test{options};
      test.put("h/p/gauge", 10 * round, std::to_string(round + 1));
      test.settle();
      CPPUNIT_ASSERT_EQUAL(kBegin + 10 * round, rrd_last_update(path));
    }
    CPPUNIT_ASSERT_EQUAL(std::string{"2 3"}, rrd_values(path, kBegin, kBegin + 20));
  }

  void a_file_that_is_removed_is_made_anew() {
    RrdPlugin test;
    test.put("h/p/gauge", 0, "1");
    test.settle();
    test.directory.remove("h");
    test.put("h/p/gauge", 10, "1");
    test.settle();
    CPPUNIT_ASSERT_EQUAL(std::int64_t{10}, test.last("h/p/gauge"));
    CPPUNIT_ASSERT_EQUAL(std::string{"delivered 2"}, test.ledger());
    CPPUNIT_ASSERT_EQUAL(std::string{}, test.plugin.logged());
  }

  void makes_files_with_the_permissions_of_the_umask() {
    RrdPlugin test;
    const mode_t before = ::umask(027);
    test.put("h/p/gauge", 0, "1");
    test.settle();
    ::umask(before);
    struct stat status {};
    CPPUNIT_ASSERT_EQUAL(0, ::stat(test.path("h/p/gauge").c_str(), &status));
    CPPUNIT_ASSERT_EQUAL(mode_t{0640}, status.st_mode & mode_t{0777});
  }

  void two_values_in_a_second_lose_the_second_one_alone() {
    RrdPlugin test{"CacheTimeout 100"};
    for (const double time : {0.0, 10.6, 11.2, 11.6, 12.6}) test.put("h/p/gauge", time, "1");
    CPPUNIT_ASSERT(test.plugin.flush());
    CPPUNIT_ASSERT_EQUAL(std::string{"delivered 4 too_old 1"}, test.ledger());
    CPPUNIT_ASSERT_EQUAL(std::int64_t{13}, test.last("h/p/gauge"));
  }

  void an_old_value_costs_itself_alone() {
    const TemporaryDirectory shared;
    const std::string options = "DataDir \"" + shared.path() + "\"\nCacheTimeout 100";
    {
      RrdPlugin test{options};
      test.put("h/p/gauge", 20, "1");
      CPPUNIT_ASSERT(test.plugin.flush());
    }
    RrdPlugin test{options};
    for (const double time : {0.0, 10.0, 20.0, 30.0, 15.0, 40.0}) test.put("h/p/gauge", time, "1");
    CPPUNIT_ASSERT(test.plugin.flush());
    CPPUNIT_ASSERT_EQUAL(std::string{"delivered 2 too_old 4"}, test.ledger());
    CPPUNIT_ASSERT_EQUAL(kBegin + 40, rrd_last_update(shared.path() + "/h/p/gauge.rrd"));
  }

  void goes_on_at_once_when_the_clock_was_set_back() {
    RrdPlugin test;
    for (const double time : {0.0, 10.0, 20.0, 3600.0, 3610.0}) test.put("h/p/gauge", time, "1");
    test.settle();
    test.plugin.fake_clock().reset_wall(span_of_seconds(-3580));
    for (const double time : {30.0, 40.0, 35.0}) test.put("h/p/gauge", time, "2");
    test.settle();
    CPPUNIT_ASSERT_EQUAL(std::string{"delivered 7 too_old 1"}, test.ledger());
    CPPUNIT_ASSERT_EQUAL(std::int64_t{40}, test.last("h/p/gauge"));
    CPPUNIT_ASSERT_EQUAL(std::string{"1 1 2 2 nan"},
                         rrd_values(test.path("h/p/gauge"), kBegin, kBegin + 50));
  }

  void leaves_a_file_that_is_more_than_a_day_ahead() {
    RrdPlugin test;
    for (const double time : {0.0, 90000.0}) test.put("h/p/gauge", time, "1");
    test.settle();
    test.plugin.fake_clock().reset_wall(span_of_seconds(-89980));
    for (const double time : {30.0, 40.0}) test.put("h/p/gauge", time, "2");
    test.settle();
    CPPUNIT_ASSERT_EQUAL(std::string{"delivered 2 too_old 2"}, test.ledger());
    CPPUNIT_ASSERT_EQUAL(std::int64_t{90000}, test.last("h/p/gauge"));
    CPPUNIT_ASSERT_EQUAL("notice: rrdtool: " + test.path("h/p/gauge") +
                             " has a value of 89980 s from now and takes none until then: the "
                             "clock was set back by more than a day; if it is right now, move the "
                             "file away\n",
                         test.plugin.logged());
  }

  void refuses_intervals_below_half_a_second_once_aloud() {
    RrdPlugin test;
    test.put("h/p/gauge-a", 0, "1", "interval=0.4");
    test.put("h/p/gauge-b", 0, "1", "interval=0.4");
    test.settle();
    test.put("h/p/gauge-b", 1, "1", "interval=0.4");
    test.settle();
    CPPUNIT_ASSERT_EQUAL(std::string{"refused 3"}, test.ledger());
    CPPUNIT_ASSERT_EQUAL("warning: rrdtool: cannot write " + test.path("h/p/gauge-a") +
                             ": not supported here: an interval of 0.400 s needs StepSize, for "
                             "files count in whole seconds\n",
                         test.plugin.logged());
  }

  void new_files_do_not_delay_other_values() {
    RrdPlugin test;
    test.put("h/old/gauge", 0, "1");
    test.settle();
    CPPUNIT_ASSERT(
        test.plugin.write(many(200, 10) + "h/old/gauge " + std::to_string(kBegin + 10) + ":2\n"));
    CPPUNIT_ASSERT(test.plugin.wake());
    CPPUNIT_ASSERT_EQUAL(std::int64_t{10}, test.last("h/old/gauge"));
    const std::uint64_t made = test.plugin.ledger().snapshot().delivered - 2;
    CPPUNIT_ASSERT(made > 0 && made < 100);
    CPPUNIT_ASSERT_EQUAL(200 - made, test.plugin.ledger().snapshot().queued);
    test.settle();
    CPPUNIT_ASSERT_EQUAL(std::string{"delivered 202"}, test.ledger());
    CPPUNIT_ASSERT_EQUAL(std::int64_t{10}, test.last("h/p199/gauge"));
    CPPUNIT_ASSERT(!test.directory.exists("h/p0/gauge.rrd.new"));
  }

  void files_made_apart_lose_no_value() {
    RrdPlugin test{"CreateFilesAsync true"};
    for (int round = 0; round < 3; ++round) {
      CPPUNIT_ASSERT(test.plugin.write(many(50, 10 * round)));
      test.pass(0.05);
    }
    CPPUNIT_ASSERT(test.plugin.flush({.older_than = {}, .identifier = "h/p49/gauge"}));
    CPPUNIT_ASSERT_EQUAL(std::int64_t{20}, test.last("h/p49/gauge"));
    CPPUNIT_ASSERT(test.plugin.flush());
    CPPUNIT_ASSERT_EQUAL(std::string{"delivered 150"}, test.ledger());
    for (int i = 0; i < 50; ++i)
      CPPUNIT_ASSERT_EQUAL(std::int64_t{20}, test.last("h/p" + std::to_string(i) + "/gauge"));
  }

  void allocates_nothing_when_values_come() {
    RrdPlugin test{"CacheTimeout 30"};
    int time = 0;
    for (int i = 0; i < 10; ++i, time += 10) {
      CPPUNIT_ASSERT(test.plugin.write(many(20, time)));
      test.settle();
    }
    for (int i = 0; i < 10; ++i, time += 10) {
      CPPUNIT_ASSERT(test.plugin.write(many(20, time)));
      CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, test.plugin.allocations());
      test.settle();
    }
  }

  // Long enough for rows of the coarser archives, too.
  void allocates_nothing_when_they_are_written() {
    RrdPlugin test;
    int time = 0;
    for (int i = 0; i < 10; ++i, time += 10) {
      CPPUNIT_ASSERT(test.plugin.write(many(20, time)));
      test.settle();
    }
    for (int i = 0; i < 90; ++i, time += 10) {
      CPPUNIT_ASSERT(test.plugin.write(many(20, time)));
      const NoAllocation guard;
      test.settle();
      const std::uint64_t allocated = guard.count();  // before the assertion allocates
      CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, allocated);
    }
    CPPUNIT_ASSERT_EQUAL(std::string{"delivered 2000"}, test.ledger());
  }

  void checks_its_options() {
    CPPUNIT_ASSERT_EQUAL(std::string{}, complaint("XFF 0\nRRARows 1\nStepSize -5\nHeartBeat -1"));
    for (const char* const wrong :
         {"XFF 1", "XFF -0.1", "RRARows 0", "RRARows 1e9", "StepSize 1e18", "HeartBeat 1e18",
          "CacheTimeout -1", "CacheFlush -1", "WritesPerSecond -1", "RRATimespan 0",
          "RRATimespan \"1h\"", "DataDir \"//\""})
      CPPUNIT_ASSERT_MESSAGE(wrong, !complaint(wrong).empty());
    RrdPlugin test{"CacheTimeout 60\nCacheFlush 10\nRandomTimeout 100"};
    CPPUNIT_ASSERT_EQUAL(
        std::string{"notice: rrdtool: RandomTimeout is longer than CacheTimeout: 60 s are used\n"
                    "notice: rrdtool: CacheFlush is shorter than CacheTimeout: 600 s are used\n"},
        test.plugin.logged());
    RrdPlugin negative{"CacheTimeout 60\nRandomTimeout -1"};
    CPPUNIT_ASSERT_EQUAL(
        std::string{"warning: rrdtool: RandomTimeout is below 0 and has no effect\n"},
        negative.plugin.logged());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RrdtoolTest);

}  // namespace vital::test

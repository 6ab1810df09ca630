// SPDX-License-Identifier: MIT
#include "scheduler/scheduler.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <thread>

#include "base/disciplined_clock.h"
#include "model/types.h"
#include "pipeline/pipeline.h"
#include "support/fake_clock.h"
#include "support/fixture.h"
#include "support/recording_writer.h"

namespace vital::test {
using namespace std::chrono_literals;
namespace {

/// Notes the stamps of its reads; can fail or hang.
class ProbeReader final : public Reader {
 public:
  Status read(Batch& batch) noexcept override {
    std::unique_lock lock{mutex_};
    stamps_.push_back(seconds(batch.time()) - static_cast<double>(FakeClock::kBegin));
    changed_.notify_all();
    changed_.wait(lock, [this] { return !hanging_; });
    if (failing_) return Error{Errc::temporary, "test"};
    return {};
  }
  bool wait_for_reads(std::size_t count) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, 10s, [&] { return stamps_.size() >= count; });
  }
  std::string stamps() {
    const std::lock_guard lock{mutex_};
    Text<1024> text;
    for (const double stamp : stamps_) text.add_fixed(stamp, 1).add(' ');
    return std::string{text.view()};
  }
  std::size_t reads() {
    const std::lock_guard lock{mutex_};
    return stamps_.size();
  }
  void fail(bool on) {
    const std::lock_guard lock{mutex_};
    failing_ = on;
  }
  void hang(bool on) {
    const std::lock_guard lock{mutex_};
    hanging_ = on;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<double> stamps_;
  bool failing_ = false, hanging_ = false;
};

}  // namespace

class SchedulerTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(SchedulerTest);
  CPPUNIT_TEST(reads_at_once_and_then_on_the_grid);
  CPPUNIT_TEST(a_first_read_near_the_grid_waits_for_it);
  CPPUNIT_TEST(each_reader_has_its_interval);
  CPPUNIT_TEST(missed_ticks_are_counted_and_not_made_up_for);
  CPPUNIT_TEST(a_step_forward_leaves_a_gap);
  CPPUNIT_TEST(a_suspend_doubles_no_stamp_and_its_ticks_are_counted);
  CPPUNIT_TEST(the_first_setting_from_1970_makes_no_burst);
  CPPUNIT_TEST(a_small_step_back_doubles_no_stamp);
  CPPUNIT_TEST(a_leap_second_doubles_no_stamp);
  CPPUNIT_TEST(a_large_step_back_goes_on_at_once);
  CPPUNIT_TEST(a_failing_reader_rests_for_longer_each_time);
  CPPUNIT_TEST(a_reader_rests_no_longer_than_its_source);
  CPPUNIT_TEST(a_hanging_read_leaves_the_others_alone);
  CPPUNIT_TEST(a_reader_that_is_always_too_slow_is_named_once);
  CPPUNIT_TEST(a_hanging_read_is_given_up_at_the_stop);
  CPPUNIT_TEST(a_reader_can_be_exchanged_between_two_ticks);
  CPPUNIT_TEST(a_hanging_reader_that_is_taken_out_stays_busy_until_it_comes_back);
  CPPUNIT_TEST(reads_everything_once);
  CPPUNIT_TEST_SUITE_END();

  FakeClock host_;
  DisciplinedClock clock_{host_};
  SystemClock real_;
  LogHub hub_;
  RecordingSink sink_;
  SeriesTable table_;
  Pipeline pipeline_{table_, clock_, Log{hub_}, 2};
  TemporaryDirectory directory_;
  Root root_{directory_.path()};

  ReadContext context(Clock& clock) {
    return {clock, pipeline_, table_, root_, span_of_seconds(60)};
  }
  void add(Scheduler& scheduler, Reader& reader, double interval, std::string name = "r",
           bool blocking = false) {
    scheduler.add(reader,
                  {.name = std::move(name),
                   .interval = span_of(interval),
                   .deadline = nanoseconds(span_of(interval)),
                   .blocking = blocking},
                  nullptr, Log{hub_, "r"});
  }
  /// Moves the clock on in small steps until the reader has been read that often.
  void until(ProbeReader& reader, std::size_t count, Nanoseconds step = 100ms) {
    for (host_.await_sleeper(); reader.reads() < count; host_.await_sleeper()) host_.advance(step);
  }

 public:
  void setUp() override { hub_.add(sink_); }

  void reads_at_once_and_then_on_the_grid() {
    host_.advance(1s);
    ProbeReader reader;
    Scheduler scheduler{context(clock_), 1, Log{hub_}};
    add(scheduler, reader, 10);
    CPPUNIT_ASSERT(scheduler.start());
    until(reader, 4);
    CPPUNIT_ASSERT(scheduler.stop(5s).empty());
    CPPUNIT_ASSERT_EQUAL(std::string{"1.0 10.0 20.0 30.0 "}, reader.stamps());
  }

  void a_first_read_near_the_grid_waits_for_it() {
    host_.advance(7s);
    ProbeReader reader;
    Scheduler scheduler{context(clock_), 1, Log{hub_}};
    add(scheduler, reader, 10);
    CPPUNIT_ASSERT(scheduler.start());
    until(reader, 2);
    CPPUNIT_ASSERT(scheduler.stop(5s).empty());
    CPPUNIT_ASSERT_EQUAL(std::string{"10.0 20.0 "}, reader.stamps());
  }

  void each_reader_has_its_interval() {
    ProbeReader fast, slow;
    Scheduler scheduler{context(clock_), 1, Log{hub_}};
    add(scheduler, fast, 2, "fast");
    add(scheduler, slow, 5, "slow");
    CPPUNIT_ASSERT(scheduler.start());
    until(slow, 3);
    until(fast, 6);
    CPPUNIT_ASSERT(scheduler.stop(5s).empty());
    CPPUNIT_ASSERT_EQUAL(std::string{"0.0 5.0 10.0 "}, slow.stamps().substr(0, 13));
    CPPUNIT_ASSERT_EQUAL(std::string{"0.0 2.0 4.0 6.0 8.0 10.0 "}, fast.stamps().substr(0, 25));
  }

  void missed_ticks_are_counted_and_not_made_up_for() {
    ProbeReader reader;
    Scheduler scheduler{context(clock_), 1, Log{hub_}};
    add(scheduler, reader, 10);
    CPPUNIT_ASSERT(scheduler.start());
    until(reader, 2);
    host_.advance(53s);  // the host was too busy to let us run
    host_.await_sleeper();
    until(reader, 4);
    CPPUNIT_ASSERT(scheduler.stop(5s).empty());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{4}, scheduler.status().at(0).missed);
    CPPUNIT_ASSERT(reader.stamps().ends_with(" 70.0 "));
    CPPUNIT_ASSERT_EQUAL(std::size_t{4}, reader.reads());
  }

  void a_step_forward_leaves_a_gap() {
    ProbeReader reader;
    Scheduler scheduler{context(clock_), 1, Log{hub_}};
    add(scheduler, reader, 10);
    CPPUNIT_ASSERT(scheduler.start());
    until(reader, 2);
    host_.step_wall(span_of_seconds(3600));
    until(reader, 4);
    CPPUNIT_ASSERT(scheduler.stop(5s).empty());
    const std::string stamps = reader.stamps();
    CPPUNIT_ASSERT_MESSAGE(stamps, stamps.ends_with("3620.0 3630.0 "));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{360}, scheduler.status().at(0).missed);
  }

  /// The steady clock stands still meanwhile, as CLOCK_MONOTONIC does.
  void a_suspend_doubles_no_stamp_and_its_ticks_are_counted() {
    ProbeReader reader;
    Scheduler scheduler{context(clock_), 1, Log{hub_}};
    add(scheduler, reader, 10);
    CPPUNIT_ASSERT(scheduler.start());
    until(reader, 3);
    host_.step_wall(span_of_seconds(3605));
    until(reader, 6);
    CPPUNIT_ASSERT(scheduler.stop(5s).empty());
    // It wakes behind the point of 3630 s by what it still had to sleep.
    CPPUNIT_ASSERT_EQUAL(std::string{"0.0 10.0 20.0 3635.0 3640.0 3650.0 "}, reader.stamps());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{360}, scheduler.status().at(0).missed);
  }

  void the_first_setting_from_1970_makes_no_burst() {
    host_.step_wall(span_of_seconds(-FakeClock::kBegin));
    ProbeReader reader;
    DisciplinedClock clock{host_};
    Scheduler scheduler{context(clock), 1, Log{hub_}};
    add(scheduler, reader, 10);
    CPPUNIT_ASSERT(scheduler.start());
    until(reader, 3);
    host_.step_wall(span_of_seconds(FakeClock::kBegin));
    until(reader, 6);
    CPPUNIT_ASSERT(scheduler.stop(5s).empty());
    CPPUNIT_ASSERT_MESSAGE(reader.stamps(), reader.stamps().ends_with(" 30.0 40.0 50.0 "));
  }

  void a_leap_second_doubles_no_stamp() {
    ProbeReader reader;
    Scheduler scheduler{context(clock_), 1, Log{hub_}};
    add(scheduler, reader, 1);
    CPPUNIT_ASSERT(scheduler.start());
    until(reader, 3);
    host_.step_wall(span_of_seconds(-1));
    until(reader, 40);
    CPPUNIT_ASSERT(scheduler.stop(5s).empty());
    Text<1024> expected;
    for (int second = 0; second < 40; ++second) expected.add(second).add(".0 ");
    CPPUNIT_ASSERT_EQUAL(std::string{expected.view()}, reader.stamps());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, scheduler.status().at(0).missed);
  }

  void a_small_step_back_doubles_no_stamp() {
    ProbeReader reader;
    Scheduler scheduler{context(clock_), 1, Log{hub_}};
    add(scheduler, reader, 10);
    CPPUNIT_ASSERT(scheduler.start());
    until(reader, 2);
    host_.step_wall(span_of_seconds(-25));
    until(reader, 6);
    CPPUNIT_ASSERT(scheduler.stop(5s).empty());
    CPPUNIT_ASSERT_EQUAL(std::string{"0.0 10.0 20.0 30.0 40.0 50.0 "}, reader.stamps());
  }

  void a_large_step_back_goes_on_at_once() {
    ProbeReader reader;
    Scheduler scheduler{context(clock_), 1, Log{hub_}};
    add(scheduler, reader, 10);
    CPPUNIT_ASSERT(scheduler.start());
    until(reader, 2);
    host_.step_wall(span_of_seconds(-3600));
    until(reader, 4);
    CPPUNIT_ASSERT(scheduler.stop(5s).empty());
    const std::string stamps = reader.stamps();
    CPPUNIT_ASSERT_MESSAGE(stamps, stamps.ends_with("-3580.0 -3570.0 "));
  }

  void a_failing_reader_rests_for_longer_each_time() {
    ProbeReader reader;
    reader.fail(true);
    Scheduler scheduler{context(clock_), 1, Log{hub_}};
    add(scheduler, reader, 1);
    CPPUNIT_ASSERT(scheduler.start());
    until(reader, 5);
    CPPUNIT_ASSERT_EQUAL(std::string{"0.0 2.0 6.0 14.0 30.0 "}, reader.stamps());
    CPPUNIT_ASSERT(scheduler.status().at(0).resting);
    reader.fail(false);
    until(reader, 8);
    CPPUNIT_ASSERT(scheduler.stop(5s).empty());
    CPPUNIT_ASSERT_EQUAL(std::string{"0.0 2.0 6.0 14.0 30.0 62.0 63.0 64.0 "}, reader.stamps());
    CPPUNIT_ASSERT_EQUAL(std::string{"warning: r: reading fails: test\n"
                                     "notice: r: reading works again after 5 failures\n"},
                         sink_.text());
  }

  void a_reader_rests_no_longer_than_its_source() {
    auto sources = std::make_shared<Sources>();
    class FileReader final : public Reader {
     public:
      explicit FileReader(KernelFile file) : file_{std::move(file)} {}
      Status read(Batch&) noexcept override {
        ++reads;
        return file_.read([](std::string_view) { return Status{}; });
      }
      std::atomic<int> reads{0};

     private:
      KernelFile file_;
    } reader{root_.noting(sources).open("proc/x")};
    ProbeReader pace;
    Scheduler scheduler{context(clock_), 1, Log{hub_}};
    scheduler.add(reader, {.name = "file", .interval = span_of_seconds(1), .deadline = 1s}, sources,
                  Log{hub_, "file"});
    add(scheduler, pace, 1, "pace");
    CPPUNIT_ASSERT(scheduler.start());
    until(pace, 20);
    const int before = reader.reads;
    CPPUNIT_ASSERT(before <= 6);
    directory_.write("proc/x", "back\n");
    until(pace, 24);
    CPPUNIT_ASSERT(scheduler.stop(5s).empty());
    CPPUNIT_ASSERT(reader.reads >= before + 2);
    CPPUNIT_ASSERT(!scheduler.status().at(0).resting);
  }

  void a_hanging_read_leaves_the_others_alone() {
    ProbeReader before, stuck, after;
    Scheduler scheduler{context(real_), 1, Log{hub_}};
    add(scheduler, before, 0.2, "before");
    add(scheduler, stuck, 0.2, "stuck");
    add(scheduler, after, 0.2, "after");
    stuck.hang(true);
    CPPUNIT_ASSERT(scheduler.start());
    CPPUNIT_ASSERT(stuck.wait_for_reads(1));
    for (int i = 0; i < 200 && after.reads() < 4; ++i) {
      std::this_thread::sleep_for(10ms);
      scheduler.supervise();  // as the main loop does when its descriptor says so
    }
    CPPUNIT_ASSERT(after.reads() >= 4 && before.reads() >= 4);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, stuck.reads());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, scheduler.status().at(1).overruns);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, scheduler.status().at(2).missed);
    stuck.hang(false);
    CPPUNIT_ASSERT(stuck.wait_for_reads(3));
    CPPUNIT_ASSERT(scheduler.stop(5s).empty());
  }

  void a_reader_that_is_always_too_slow_is_named_once() {
    struct Slow final : Reader {
      Status read(Batch&) noexcept override {
        if (slow) std::this_thread::sleep_for(150ms);
        ++reads;
        return {};
      }
      std::atomic<bool> slow = true;
      std::atomic<int> reads = 0;
    } reader;
    Scheduler scheduler{context(real_), 1, Log{hub_}};
    add(scheduler, reader, 0.1, "slow", true);
    CPPUNIT_ASSERT(scheduler.start());
    const auto supervise_until = [&](const auto& done) {
      for (int i = 0; i < 1000 && !done(); ++i) {
        std::this_thread::sleep_for(10ms);
        scheduler.supervise();
      }
      CPPUNIT_ASSERT(done());
    };
    supervise_until([&] {
      const auto status = scheduler.status().at(0);
      return status.overruns >= 3 && status.missed >= 2;
    });
    reader.slow = false;
    supervise_until([&] { return sink_.text().find("again") != std::string::npos; });
    CPPUNIT_ASSERT(scheduler.stop(5s).empty());
    const std::string said = sink_.text();
    CPPUNIT_ASSERT_MESSAGE(said,
                           said.starts_with("warning: r: the read has not come back after 0."));
    CPPUNIT_ASSERT_MESSAGE(said,
                           said.ends_with("\nnotice: r: the read is within its deadline again\n"));
    CPPUNIT_ASSERT_EQUAL_MESSAGE(said, std::ptrdiff_t{2},
                                 std::count(said.begin(), said.end(), '\n'));
  }

  void a_hanging_read_is_given_up_at_the_stop() {
    auto stuck = std::make_shared<ProbeReader>();
    Scheduler scheduler{context(real_), 1, Log{hub_}};
    add(scheduler, *stuck, 0.1, "stuck");
    stuck->hang(true);
    CPPUNIT_ASSERT(scheduler.start());
    CPPUNIT_ASSERT(stuck->wait_for_reads(1));
    CPPUNIT_ASSERT(scheduler.stop(50ms) == std::vector<std::string>{"stuck"});
    stuck->hang(false);
    std::this_thread::sleep_for(50ms);  // the thread that was given up ends
  }

  void a_reader_can_be_exchanged_between_two_ticks() {
    ProbeReader before, after, other;
    Scheduler scheduler{context(clock_), 1, Log{hub_}};
    const auto read =
        scheduler.add(before, {.name = "r", .interval = span_of_seconds(10), .deadline = 10s},
                      nullptr, Log{hub_, "r"});
    add(scheduler, other, 10, "other");
    CPPUNIT_ASSERT(scheduler.start());
    until(other, 3);
    scheduler.remove(read);
    scheduler.add(after, {.name = "r", .interval = span_of_seconds(10), .deadline = 10s}, nullptr,
                  Log{hub_, "r"}, read->due());
    until(other, 6);
    CPPUNIT_ASSERT(!scheduler.busy(*read));
    CPPUNIT_ASSERT(scheduler.stop(5s).empty());
    CPPUNIT_ASSERT_EQUAL(std::string{"0.0 10.0 20.0 "}, before.stamps());
    CPPUNIT_ASSERT_EQUAL(std::string{"30.0 40.0 50.0 "}, after.stamps());
    CPPUNIT_ASSERT_EQUAL(other.stamps(), before.stamps() + after.stamps());
    for (const ReadStatus& status : scheduler.status())
      CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, status.missed);
  }

  void a_hanging_reader_that_is_taken_out_stays_busy_until_it_comes_back() {
    ProbeReader stuck, after;
    Scheduler scheduler{context(real_), 1, Log{hub_}};
    const ReaderSpec spec{
        .name = "r", .interval = span_of(0.1), .deadline = 100ms, .blocking = true};
    const auto read = scheduler.add(stuck, spec, nullptr, Log{hub_, "r"});
    stuck.hang(true);
    CPPUNIT_ASSERT(scheduler.start());
    CPPUNIT_ASSERT(stuck.wait_for_reads(1));
    scheduler.remove(read);
    CPPUNIT_ASSERT(scheduler.busy(*read));
    scheduler.add(after, spec, nullptr, Log{hub_, "r"});
    for (int i = 0; i < 200 && after.reads() < 3; ++i) {
      std::this_thread::sleep_for(10ms);
      scheduler.supervise();
    }
    CPPUNIT_ASSERT(after.reads() >= 3);
    stuck.hang(false);
    for (int i = 0; i < 500 && scheduler.busy(*read); ++i) {
      std::this_thread::sleep_for(10ms);
      scheduler.supervise();
    }
    CPPUNIT_ASSERT(!scheduler.busy(*read));
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, stuck.reads());
    CPPUNIT_ASSERT(scheduler.stop(5s).empty());
  }

  void reads_everything_once() {
    ProbeReader good, bad;
    bad.fail(true);
    Scheduler scheduler{context(clock_), 1, Log{hub_}};
    add(scheduler, good, 10);
    CPPUNIT_ASSERT(scheduler.read_once());
    add(scheduler, bad, 10, "bad", true);
    CPPUNIT_ASSERT(!scheduler.read_once());
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, good.reads());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SchedulerTest);

}  // namespace vital::test

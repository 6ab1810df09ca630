// SPDX-License-Identifier: MIT
#include "pipeline/outlet.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <functional>
#include <future>
#include <mutex>
#include <thread>

#include "model/types.h"
#include "support/recording_writer.h"

namespace vital::test {
using namespace std::chrono_literals;

class OutletTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(OutletTest);
  CPPUNIT_TEST(delivers_in_order_once_published);
  CPPUNIT_TEST(a_writer_hears_when_nothing_more_waits);
  CPPUNIT_TEST(what_is_queued_is_delivered_before_the_stop);
  CPPUNIT_TEST(a_hanging_writer_delays_nobody_and_loses_its_oldest_values);
  CPPUNIT_TEST(a_failing_writer_is_tried_again);
  CPPUNIT_TEST(a_refused_batch_is_counted_and_the_next_goes_on);
  CPPUNIT_TEST(some_values_are_shed_between_the_water_marks);
  CPPUNIT_TEST(flushes_come_behind_what_was_queued);
  CPPUNIT_TEST(flushes_by_itself);
  CPPUNIT_TEST(batches_that_wait_come_before_a_wake);
  CPPUNIT_TEST(but_not_for_long);
  CPPUNIT_TEST(notifications_reach_their_notifier);
  CPPUNIT_TEST(a_poisoned_sample_is_found_and_the_others_are_delivered);
  CPPUNIT_TEST(where_nothing_is_accepted_nothing_is_looked_for);
  CPPUNIT_TEST(what_has_not_arrived_is_not_delivered_yet);
  CPPUNIT_TEST(what_is_lost_on_the_way_is_written_again_in_order);
  CPPUNIT_TEST(what_is_on_its_way_at_the_end_is_waited_for);
  CPPUNIT_TEST(of_batches_refused_together_the_poisoned_sample_is_found);
  CPPUNIT_TEST(a_far_end_that_asks_for_a_pause_gets_it);
  CPPUNIT_TEST(the_breaker_is_seen_open_and_closed);
  CPPUNIT_TEST(a_notification_that_cannot_be_delivered_is_tried_again);
  CPPUNIT_TEST(a_failure_that_nobody_wants_to_hear_of_is_not_logged);
  CPPUNIT_TEST(a_writer_that_waits_is_hurried_at_the_end);
  CPPUNIT_TEST_SUITE_END();

  SystemClock clock_;
  RecordingSink sink_;
  LogHub hub_;
  SeriesTable table_;
  DataSet gauge_ = *parse_data_set("gauge value:GAUGE:U:U");
  Series series_ = std::move(*table_.intern({"h", "p", "", "gauge", ""}, gauge_));
  RecordingWriter writer_;
  std::shared_ptr<Ledger> ledger_ = std::make_shared<Ledger>();
  QueueOptions limits_{.retry_first = span_of(0.001), .retry_longest = span_of(0.005)};

  std::unique_ptr<Outlet> outlet(Notifier* notifier = nullptr) {
    return std::make_unique<Outlet>("test", notifier ? nullptr : &writer_, notifier, ledger_,
                                    limits_, clock_, Log{hub_, "test"});
  }
  std::shared_ptr<const Batch> batch(double value, int count = 1) {
    auto batch = std::make_shared<Batch>();
    batch->begin(Time{}, span_of_seconds(10), table_.era());
    for (int i = 0; i < count; ++i) CPPUNIT_ASSERT(batch->add(series_, value));
    return batch;
  }
  /// Notes the order in which it is called; wants to be woken once.
  struct Sleeper final : Writer {
    explicit Sleeper(Steady wake_at) : next{wake_at} {}
    Status write(const Batch&) noexcept override {
      calls += 'b';
      return {};
    }
    Status flush(const FlushRequest&) noexcept override {
      calls += 'f';
      return {};
    }
    Steady next_wake() const noexcept override { return next; }
    void wake() noexcept override {
      calls += 'w';
      next = Steady::max();
    }
    Steady next;
    std::string calls;
  };
  std::string calls_of(Sleeper& sleeper) {
    Outlet test{"test", &sleeper, nullptr, ledger_, limits_, clock_, Log{hub_, "test"}};
    for (int i = 0; i < 3; ++i) test.submit(batch(i));
    CPPUNIT_ASSERT(test.start());
    CPPUNIT_ASSERT(test.stop(5s));
    return sleeper.calls;
  }
  /// Refuses batches with a negative value.
  struct Picky final : Writer {
    Status write(const Batch& batch) noexcept override {
      ++writes;
      for (const Sample& sample : batch)
        if (all || sample.values[0].gauge < 0) return Error{Errc::refused, "400"};
      for (const Sample& sample : batch)
        text += std::to_string(static_cast<int>(sample.values[0].gauge)) + ' ';
      return {};
    }
    std::string text;
    int writes = 0;
    bool all = false;
  };
  /// Learns later what has arrived; the test says when, and what is lost.
  struct Slow final : Writer {
    Status write(const Batch& batch) noexcept override {
      const std::lock_guard lock{mutex};
      text += std::to_string(static_cast<int>(batch[0].values[0].gauge)) + ' ';
      return {};
    }
    bool settles_later() const noexcept override { return true; }
    Status settle(std::uint64_t& count) noexcept override {
      const std::lock_guard lock{mutex};
      count = std::exchange(arrived, 0);
      return std::exchange(broken, false) ? Status{Error{Errc::temporary, "reset"}} : Status{};
    }
    std::string written() {
      const std::lock_guard lock{mutex};
      return text;
    }
    std::mutex mutex;
    std::string text;
    std::uint64_t arrived = 0;
    bool broken = false;
  };
  /// Sends what it was given together, and only when nothing more waits; refuses negative values.
  struct Packing final : Writer {
    Status write(const Batch& batch) noexcept override {
      for (const Sample& sample : batch) values.push_back(static_cast<int>(sample.values[0].gauge));
      ++batches;
      return {};
    }
    bool settles_later() const noexcept override { return true; }
    void idle() noexcept override {
      if (values.empty()) return;
      ++sent;
      const bool bad =
          std::any_of(values.begin(), values.end(), [](int value) { return value < 0; });
      if (!bad)
        for (const int value : values) text += std::to_string(value) + ' ';
      arrived += bad ? 0 : batches;
      refused = refused || bad;
      values.clear();
      batches = 0;
    }
    Status settle(std::uint64_t& count) noexcept override {
      count = std::exchange(arrived, 0);
      return std::exchange(refused, false) ? Status{Error{Errc::refused, "400"}} : Status{};
    }
    std::vector<int> values;
    std::uint64_t batches = 0, arrived = 0;
    bool refused = false;
    int sent = 0;
    std::string text;
  };
  static void wait_for(const std::function<bool()>& done) {
    for (int i = 0; i < 2000 && !done(); ++i) std::this_thread::sleep_for(5ms);
    CPPUNIT_ASSERT(done());
  }
  void conserved() const {
    const auto now = ledger_->snapshot();
    CPPUNIT_ASSERT_EQUAL(now.submitted, now.delivered + now.queued + now.all_dropped());
  }

 public:
  void setUp() override { hub_.add(sink_); }

  void delivers_in_order_once_published() {
    auto test = outlet();
    CPPUNIT_ASSERT(test->start());
    for (const double value : {1.0, 2.0, 3.0}) test->submit(batch(value));
    test->publish();
    CPPUNIT_ASSERT(writer_.wait_for_text("=3"));
    CPPUNIT_ASSERT_EQUAL(std::string{"h/p/gauge=1 h/p/gauge=2 h/p/gauge=3 "}, writer_.text());
    CPPUNIT_ASSERT(test->stop(5s));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{3}, ledger_->snapshot().delivered);
    conserved();
  }

  void a_writer_hears_when_nothing_more_waits() {
    class Waiter final : public Writer {
     public:
      Status write(const Batch&) noexcept override {
        ++written_;
        return {};
      }
      void idle() noexcept override { idle_.set_value(written_); }
      std::future<int> idle_after() { return idle_.get_future(); }

     private:
      int written_ = 0;
      std::promise<int> idle_;
    } waiter;
    auto idle = waiter.idle_after();
    Outlet test{"test", &waiter, nullptr, ledger_, limits_, clock_, Log{hub_, "test"}};
    for (const double value : {1.0, 2.0, 3.0}) test.submit(batch(value));
    CPPUNIT_ASSERT(test.start());
    CPPUNIT_ASSERT(idle.wait_for(10s) == std::future_status::ready);
    CPPUNIT_ASSERT_EQUAL(3, idle.get());
    CPPUNIT_ASSERT(test.stop(5s));
  }

  void what_is_queued_is_delivered_before_the_stop() {
    auto test = outlet();
    CPPUNIT_ASSERT(test->start());
    test->submit(batch(1));
    CPPUNIT_ASSERT(test->stop(5s));
    CPPUNIT_ASSERT_EQUAL(std::string{"h/p/gauge=1 flush() "}, writer_.text());
  }

  void a_hanging_writer_delays_nobody_and_loses_its_oldest_values() {
    limits_.high_values = 3;
    auto test = outlet();
    writer_.hang(true);
    CPPUNIT_ASSERT(test->start());
    test->submit(batch(0));
    test->publish();
    CPPUNIT_ASSERT(writer_.wait_for_writes(1));
    for (const double value : {1.0, 2.0, 3.0, 4.0, 5.0}) test->submit(batch(value));
    const auto now = ledger_->snapshot();
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, now.dropped[static_cast<std::size_t>(Loss::queue_full)]);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{4}, now.queued);
    conserved();
    writer_.hang(false);
    CPPUNIT_ASSERT(test->stop(5s));
    CPPUNIT_ASSERT_EQUAL(std::string{"h/p/gauge=0 h/p/gauge=3 h/p/gauge=4 h/p/gauge=5 flush() "},
                         writer_.text());
    conserved();
  }

  void a_failing_writer_is_tried_again() {
    auto test = outlet();
    writer_.fail(3, Errc::temporary);
    CPPUNIT_ASSERT(test->start());
    test->submit(batch(1));
    test->publish();
    CPPUNIT_ASSERT(writer_.wait_for_text("=1"));
    CPPUNIT_ASSERT(test->stop(5s));
    CPPUNIT_ASSERT_EQUAL(4, writer_.writes());
    CPPUNIT_ASSERT_EQUAL(std::string{"warning: test: writing fails: test\n"
                                     "notice: test: writing works again after 3 failures\n"},
                         sink_.text());
    conserved();
  }

  void a_refused_batch_is_counted_and_the_next_goes_on() {
    auto test = outlet();
    writer_.fail(1, Errc::refused);
    CPPUNIT_ASSERT(test->start());
    test->submit(batch(1));
    test->submit(batch(2));
    test->publish();
    CPPUNIT_ASSERT(writer_.wait_for_text("=2"));
    CPPUNIT_ASSERT(test->stop(5s));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1},
                         ledger_->snapshot().dropped[static_cast<std::size_t>(Loss::refused)]);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, ledger_->snapshot().delivered);
    conserved();
  }

  void some_values_are_shed_between_the_water_marks() {
    limits_.low_values = 100;
    limits_.high_values = 1000;
    auto test = outlet();
    writer_.hang(true);
    CPPUNIT_ASSERT(test->start());
    for (int i = 0; i < 100; ++i) test->submit(batch(i));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, ledger_->snapshot().all_dropped());
    for (int i = 0; i < 800; ++i) test->submit(batch(i));
    const std::uint64_t shed = ledger_->snapshot().dropped[static_cast<std::size_t>(Loss::shed)];
    CPPUNIT_ASSERT_MESSAGE(std::to_string(shed), shed > 50 && shed < 500);
    writer_.hang(false);
    CPPUNIT_ASSERT(test->stop(5s));
    conserved();
  }

  void flushes_come_behind_what_was_queued() {
    auto test = outlet();
    CPPUNIT_ASSERT(test->start());
    std::atomic<bool> done{false};
    test->submit(batch(1));
    test->flush({.older_than = {}, .identifier = "h/p/gauge"}, [&] { done = true; });
    CPPUNIT_ASSERT(writer_.wait_for_text("flush"));
    CPPUNIT_ASSERT(test->stop(5s));
    CPPUNIT_ASSERT(done);
    CPPUNIT_ASSERT_EQUAL(std::string{"h/p/gauge=1 flush(h/p/gauge) flush() "}, writer_.text());
  }

  void flushes_by_itself() {
    auto test = outlet();
    CPPUNIT_ASSERT(test->start());
    test->flush_every(span_of(0.01), {});
    CPPUNIT_ASSERT(writer_.wait_for_text("flush() flush() flush()"));
    CPPUNIT_ASSERT(test->stop(5s));
  }

  void batches_that_wait_come_before_a_wake() {
    Sleeper sleeper{clock_.now()};
    CPPUNIT_ASSERT_EQUAL(std::string{"bbbwf"}, calls_of(sleeper));
  }

  void but_not_for_long() {
    Sleeper sleeper{clock_.now() - 1s};
    CPPUNIT_ASSERT_EQUAL(std::string{"bwbbf"}, calls_of(sleeper));
  }

  void notifications_reach_their_notifier() {
    struct Keeper final : Notifier {
      Status notify(const Notification& notification) noexcept override {
        message = notification.message;
        return {};
      }
      std::string message;
    } keeper;
    auto test = outlet(&keeper);
    CPPUNIT_ASSERT(test->start());
    auto notification = std::make_shared<Notification>();
    notification->message = "hello";
    test->submit(std::shared_ptr<const Notification>{notification});
    test->submit(batch(1));  // it takes no values
    CPPUNIT_ASSERT(test->stop(5s));
    CPPUNIT_ASSERT_EQUAL(std::string{"hello"}, keeper.message);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, ledger_->snapshot().submitted);
  }

  void a_poisoned_sample_is_found_and_the_others_are_delivered() {
    Picky picky;
    Outlet test{"test", &picky, nullptr, ledger_, limits_, clock_, Log{hub_, "test"}};
    auto mixed = std::make_shared<Batch>();
    mixed->begin(Time{}, span_of_seconds(10), table_.era());
    for (int i = 0; i < 100; ++i)
      CPPUNIT_ASSERT(mixed->add(series_, i == 0 || i == 57 ? -1.0 : static_cast<double>(i)));
    test.submit(mixed);
    test.submit(batch(200));
    CPPUNIT_ASSERT(test.start());
    CPPUNIT_ASSERT(test.stop(5s));
    std::string expected;
    for (int i = 1; i < 100; ++i)
      if (i != 57) expected += std::to_string(i) + ' ';
    CPPUNIT_ASSERT_EQUAL(expected + "200 ", picky.text);
    const auto now = ledger_->snapshot();
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, now.dropped[static_cast<std::size_t>(Loss::refused)]);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{99}, now.delivered);
    CPPUNIT_ASSERT(picky.writes < 40);
    conserved();
  }

  void where_nothing_is_accepted_nothing_is_looked_for() {
    Picky picky;
    picky.all = true;
    Outlet test{"test", &picky, nullptr, ledger_, limits_, clock_, Log{hub_, "test"}};
    for (int i = 0; i < 20; ++i) test.submit(batch(i, 1000));
    CPPUNIT_ASSERT(test.start());
    CPPUNIT_ASSERT(test.stop(5s));
    CPPUNIT_ASSERT(picky.writes < 100);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{20'000},
                         ledger_->snapshot().dropped[static_cast<std::size_t>(Loss::refused)]);
    conserved();
  }

  void what_has_not_arrived_is_not_delivered_yet() {
    Slow slow;
    Outlet test{"test", &slow, nullptr, ledger_, limits_, clock_, Log{hub_, "test"}};
    CPPUNIT_ASSERT(test.start());
    for (int i = 0; i < 3; ++i) test.submit(batch(i));
    test.publish();
    wait_for([&] { return slow.written() == "0 1 2 "; });
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, ledger_->snapshot().delivered);
    {
      const std::lock_guard lock{slow.mutex};
      slow.arrived = 2;
    }
    wait_for([&] { return ledger_->snapshot().delivered == 2; });
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, ledger_->snapshot().queued);
    CPPUNIT_ASSERT(test.stop(50ms));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1},
                         ledger_->snapshot().dropped[static_cast<std::size_t>(Loss::stopped)]);
    conserved();
  }

  void what_is_lost_on_the_way_is_written_again_in_order() {
    Slow slow;
    Outlet test{"test", &slow, nullptr, ledger_, limits_, clock_, Log{hub_, "test"}};
    CPPUNIT_ASSERT(test.start());
    for (int i = 0; i < 4; ++i) test.submit(batch(i));
    test.publish();
    wait_for([&] { return slow.written() == "0 1 2 3 "; });
    {
      const std::lock_guard lock{slow.mutex};
      slow.arrived = 1;
      slow.broken = true;
    }
    wait_for([&] { return slow.written() == "0 1 2 3 1 2 3 "; });
    {
      const std::lock_guard lock{slow.mutex};
      slow.arrived = 3;
    }
    wait_for([&] { return ledger_->snapshot().delivered == 4; });
    CPPUNIT_ASSERT(test.stop(5s));
    conserved();
  }

  void what_is_on_its_way_at_the_end_is_waited_for() {
    Slow slow;
    Outlet test{"test", &slow, nullptr, ledger_, limits_, clock_, Log{hub_, "test"}};
    CPPUNIT_ASSERT(test.start());
    test.submit(batch(7));
    auto stopping = std::async(std::launch::async, [&] { return test.stop(5s); });
    wait_for([&] { return slow.written() == "7 "; });
    {
      const std::lock_guard lock{slow.mutex};
      slow.arrived = 1;
    }
    CPPUNIT_ASSERT(stopping.get());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, ledger_->snapshot().delivered);
    conserved();
  }

  void of_batches_refused_together_the_poisoned_sample_is_found() {
    Packing packing;
    Outlet test{"test", &packing, nullptr, ledger_, limits_, clock_, Log{hub_, "test"}};
    auto mixed = std::make_shared<Batch>();
    mixed->begin(Time{}, span_of_seconds(10), table_.era());
    for (int i = 20; i < 30; ++i)
      CPPUNIT_ASSERT(mixed->add(series_, i == 27 ? -1.0 : static_cast<double>(i)));
    test.submit(batch(1));
    test.submit(mixed);
    test.submit(batch(2));
    CPPUNIT_ASSERT(test.start());
    wait_for([&] { return ledger_->snapshot().queued == 0; });
    CPPUNIT_ASSERT(test.stop(5s));
    CPPUNIT_ASSERT_EQUAL(std::string{"1 20 21 22 23 24 25 26 28 29 2 "}, packing.text);
    const auto now = ledger_->snapshot();
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, now.dropped[static_cast<std::size_t>(Loss::refused)]);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{11}, now.delivered);
    CPPUNIT_ASSERT(packing.sent < 15);
    conserved();
  }

  void a_far_end_that_asks_for_a_pause_gets_it() {
    struct Busy final : Writer {
      Status write(const Batch&) noexcept override {
        return ++writes == 1 ? Status{Error{Errc::temporary, "503"}} : Status{};
      }
      Nanoseconds asked_pause() const noexcept override { return 300ms; }
      std::atomic<int> writes{0};
    } busy;
    Outlet test{"test", &busy, nullptr, ledger_, limits_, clock_, Log{hub_, "test"}};
    test.submit(batch(1));
    const Steady begin = clock_.now();
    CPPUNIT_ASSERT(test.start());
    wait_for([&] { return busy.writes == 2; });
    CPPUNIT_ASSERT(clock_.now() - begin >= 300ms);
    CPPUNIT_ASSERT(test.stop(5s));
  }

  void the_breaker_is_seen_open_and_closed() {
    limits_.retry_first = limits_.retry_longest = span_of(0.1);
    auto test = outlet();
    writer_.fail(-1, Errc::temporary);
    CPPUNIT_ASSERT(test->start());
    test->submit(batch(1));
    test->publish();
    wait_for([&] {
      const OutletStatus now = test->status();
      return now.breaker == Breaker::State::open && now.next_probe <= 100ms;
    });
    CPPUNIT_ASSERT_EQUAL(std::string{"test"}, test->status().last_error);
    writer_.fail(0, Errc::temporary);
    CPPUNIT_ASSERT(writer_.wait_for_text("=1"));
    wait_for([&] { return test->status().breaker == Breaker::State::closed; });
    CPPUNIT_ASSERT(test->stop(5s));
  }

  void a_notification_that_cannot_be_delivered_is_tried_again() {
    struct Failing final : Notifier {
      Status notify(const Notification& notification) noexcept override {
        if (++calls < 4) return Error{Errc::temporary, "503"};
        message += notification.message;
        return {};
      }
      std::atomic<int> calls{0};
      std::string message;
    } failing;
    auto test = outlet(&failing);
    for (const char* const text : {"one ", "two "}) {
      auto notification = std::make_shared<Notification>();
      notification->message = text;
      test->submit(std::shared_ptr<const Notification>{notification});
    }
    CPPUNIT_ASSERT(test->start());
    wait_for([&] { return failing.calls == 5; });
    CPPUNIT_ASSERT(test->stop(5s));
    CPPUNIT_ASSERT_EQUAL(std::string{"one two "}, failing.message);
  }

  void a_failure_that_nobody_wants_to_hear_of_is_not_logged() {
    limits_.log_failures = false;
    auto test = outlet();
    writer_.fail(3, Errc::temporary);
    test->submit(batch(1));
    CPPUNIT_ASSERT(test->start());
    CPPUNIT_ASSERT(writer_.wait_for_text("=1"));
    CPPUNIT_ASSERT(test->stop(5s));
    CPPUNIT_ASSERT(sink_.text().find("warning") == std::string::npos);
    CPPUNIT_ASSERT_EQUAL(std::string{"test"}, test->status().last_error);
  }

  void a_writer_that_waits_is_hurried_at_the_end() {
    struct Waiting final : Writer {
      Status write(const Batch&) noexcept override {
        std::unique_lock lock{mutex};
        changed.wait(lock, [this] { return hurried; });
        return Error{Errc::temporary, "hurried"};
      }
      void hurry() noexcept override {
        const std::lock_guard lock{mutex};
        hurried = true;
        changed.notify_all();
      }
      std::mutex mutex;
      std::condition_variable changed;
      bool hurried = false;
    } waiting;
    Outlet test{"test", &waiting, nullptr, ledger_, limits_, clock_, Log{hub_, "test"}};
    test.submit(batch(1));
    CPPUNIT_ASSERT(test.start());
    CPPUNIT_ASSERT(test.stop(50ms));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1},
                         ledger_->snapshot().dropped[static_cast<std::size_t>(Loss::stopped)]);
    conserved();
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OutletTest);

}  // namespace vital::test

// SPDX-License-Identifier: MIT
#include <cppunit/extensions/HelperMacros.h>

#include <functional>
#include <mutex>
#include <thread>

#include "model/types.h"
#include "pipeline/outlet.h"
#include "support/fixture.h"
#include "support/recording_writer.h"

namespace vital::test {
using namespace std::chrono_literals;

/// Outlets of notifiers.
class OutletNotificationsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(OutletNotificationsTest);
  CPPUNIT_TEST(each_counts_as_one);
  CPPUNIT_TEST(what_cannot_be_delivered_is_tried_again_in_order);
  CPPUNIT_TEST(what_is_refused_is_left_out_and_counted);
  CPPUNIT_TEST(the_oldest_go_when_too_many_wait);
  CPPUNIT_TEST(none_is_shed_before_that);
  CPPUNIT_TEST(what_is_left_at_the_end_is_counted);
  CPPUNIT_TEST(a_journal_keeps_them_over_a_restart_and_in_order);
  CPPUNIT_TEST(those_that_come_during_a_reload_stay_behind_those_that_wait);
  CPPUNIT_TEST_SUITE_END();

  struct Peer final : Notifier {
    Status notify(const Notification& notification) noexcept override {
      const std::lock_guard lock{mutex};
      if (down) return Error{Errc::temporary, "down"};
      if (notification.message == "bad") return Error{Errc::refused, "550"};
      text += notification.message + " ";
      return {};
    }
    void set_down(bool on) {
      const std::lock_guard lock{mutex};
      down = on;
    }
    std::string got() {
      const std::lock_guard lock{mutex};
      return text;
    }
    std::mutex mutex;
    bool down = false;
    std::string text;
  };

  TemporaryDirectory directory_;
  SystemClock clock_;
  RecordingSink sink_;
  LogHub hub_;
  Types types_;
  PastTypes past_{types_};
  SeriesTable table_;
  Peer peer_;
  std::shared_ptr<Ledger> ledger_ = std::make_shared<Ledger>();
  QueueOptions limits_{.retry_first = span_of(0.001), .retry_longest = span_of(0.005)};

  std::unique_ptr<Outlet> outlet(bool journaled = false, bool started = true) {
    auto journal = journaled ? std::make_unique<Journal>(directory_.path() + "/journal",
                                                         JournalLimits{.sync_interval = 20ms},
                                                         table_, past_, clock_)
                             : nullptr;
    auto made = std::make_unique<Outlet>("test", nullptr, &peer_, ledger_, limits_, clock_,
                                         Log{hub_, "test"}, std::move(journal));
    if (started) CPPUNIT_ASSERT(made->start());
    return made;
  }
  static void put(Outlet& outlet, std::initializer_list<const char*> messages) {
    for (const char* const message : messages) {
      auto notification = std::make_shared<Notification>();
      notification->message = message;
      outlet.submit(std::shared_ptr<const Notification>{notification});
    }
  }
  void wait_for(const std::function<bool()>& done) {
    for (int i = 0; i < 4000 && !done(); ++i) std::this_thread::sleep_for(5ms);
    if (!done()) CPPUNIT_FAIL("not in time: " + peer_.got() + "; the log says:\n" + sink_.text());
  }
  std::uint64_t dropped(Loss loss) const {
    return ledger_->snapshot().dropped[static_cast<std::size_t>(loss)];
  }
  void conserved() const {
    const auto now = ledger_->snapshot();
    CPPUNIT_ASSERT_EQUAL(now.submitted, now.delivered + now.queued + now.all_dropped());
  }

 public:
  OutletNotificationsTest() { hub_.add(sink_); }

  void each_counts_as_one() {
    const auto test = outlet();
    put(*test, {"one", "two"});
    CPPUNIT_ASSERT(test->stop(5s));
    CPPUNIT_ASSERT_EQUAL(std::string{"one two "}, peer_.got());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, ledger_->snapshot().delivered);
    CPPUNIT_ASSERT(!test->status().takes_values);
    conserved();
  }

  void what_cannot_be_delivered_is_tried_again_in_order() {
    peer_.down = true;
    const auto test = outlet();
    put(*test, {"one", "two", "three"});
    wait_for([&] { return test->status().failures > 3; });
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{3}, ledger_->snapshot().queued);
    peer_.set_down(false);
    wait_for([&] { return ledger_->snapshot().delivered == 3; });
    CPPUNIT_ASSERT_EQUAL(std::string{"one two three "}, peer_.got());
    CPPUNIT_ASSERT(sink_.text().starts_with("warning: test: notifying fails: down\n"));
    CPPUNIT_ASSERT(sink_.text().find("notifying works again") != std::string::npos);
    conserved();
  }

  void what_is_refused_is_left_out_and_counted() {
    const auto test = outlet();
    put(*test, {"one", "bad", "two"});
    CPPUNIT_ASSERT(test->stop(5s));
    CPPUNIT_ASSERT_EQUAL(std::string{"one two "}, peer_.got());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, dropped(Loss::refused));
    CPPUNIT_ASSERT(sink_.text().find("is refused for good and left out (bad)") !=
                   std::string::npos);
    conserved();
  }

  void the_oldest_go_when_too_many_wait() {
    limits_.high_values = 2;
    limits_.retry_first = limits_.retry_longest = span_of(0.05);
    peer_.down = true;
    const auto test = outlet();
    put(*test, {"one"});
    wait_for([&] { return test->status().failures != 0; });
    put(*test, {"two", "three", "four"});
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, dropped(Loss::queue_full));
    peer_.set_down(false);
    wait_for([&] { return ledger_->snapshot().delivered == 3; });
    CPPUNIT_ASSERT_EQUAL(std::string{"one three four "}, peer_.got());
    conserved();
  }

  void none_is_shed_before_that() {
    limits_.low_values = 1;
    limits_.high_values = 1000;
    peer_.down = true;
    const auto test = outlet();
    for (int i = 0; i < 900; ++i) put(*test, {"x"});
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, ledger_->snapshot().all_dropped());
    peer_.set_down(false);
    wait_for([&] { return ledger_->snapshot().delivered == 900; });
  }

  void what_is_left_at_the_end_is_counted() {
    peer_.down = true;
    const auto test = outlet();
    put(*test, {"one", "two"});
    CPPUNIT_ASSERT(test->stop(50ms));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, dropped(Loss::stopped));
    conserved();
  }

  void a_journal_keeps_them_over_a_restart_and_in_order() {
    peer_.down = true;
    auto test = outlet(true);
    for (int i = 0; i < 200; ++i) put(*test, {"old"});
    wait_for([&] { return test->status().away; });
    CPPUNIT_ASSERT(test->stop(100ms));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{200}, ledger_->snapshot().queued);
    test.reset();
    ledger_ = std::make_shared<Ledger>();
    test = outlet(true);
    put(*test, {"new"});
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{201}, ledger_->snapshot().submitted);
    peer_.set_down(false);
    wait_for([&] { return ledger_->snapshot().delivered == 201; });
    std::string expected;
    for (int i = 0; i < 200; ++i) expected += "old ";
    CPPUNIT_ASSERT_EQUAL(expected + "new ", peer_.got());
    put(*test, {"more"});
    wait_for([&] { return ledger_->snapshot().delivered == 202; });
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, test->status().journal->values_waiting);
    CPPUNIT_ASSERT(test->stop(5s));
    conserved();
  }

  void those_that_come_during_a_reload_stay_behind_those_that_wait() {
    peer_.down = true;
    const auto before = outlet(true);
    put(*before, {"one", "two"});
    wait_for([&] { return before->status().away; });
    const auto after = outlet(true, false);
    put(*after, {"three"});
    before->retire(5s);
    wait_for([&] { return before->ended(); });
    after->take_over(*before);
    CPPUNIT_ASSERT(after->start());
    put(*after, {"four"});
    peer_.set_down(false);
    wait_for([&] { return ledger_->snapshot().delivered == 4; });
    CPPUNIT_ASSERT_EQUAL(std::string{"one two three four "}, peer_.got());
    CPPUNIT_ASSERT(after->stop(5s));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{4}, ledger_->snapshot().submitted);
    conserved();
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OutletNotificationsTest);

}  // namespace vital::test

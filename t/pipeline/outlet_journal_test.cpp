// SPDX-License-Identifier: MIT
#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>

#include "model/types.h"
#include "pipeline/outlet.h"
#include "support/fixture.h"
#include "support/recording_writer.h"

namespace vital::test {
using namespace std::chrono_literals;

/// Outlets that keep their queue on disk.
class OutletJournalTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(OutletJournalTest);
  CPPUNIT_TEST(nothing_is_lost_while_the_far_end_is_away);
  CPPUNIT_TEST(what_waits_at_the_end_is_delivered_after_the_next_start);
  CPPUNIT_TEST(new_values_do_not_wait_for_old_ones);
  CPPUNIT_TEST(a_poisoned_sample_does_not_come_back);
  CPPUNIT_TEST(what_is_lost_on_the_way_is_read_again);
  CPPUNIT_TEST(a_directory_that_cannot_be_made_costs_nothing_but_the_journal);
  CPPUNIT_TEST_SUITE_END();

  /// Delivers numbers, or fails as it is told to.
  struct Peer final : Writer {
    Status write(const Batch& batch) noexcept override {
      const std::lock_guard lock{mutex};
      if (down) return Error{Errc::temporary, "down"};
      for (const Sample& sample : batch)
        if (sample.values[0].gauge < 0) return Error{Errc::refused, "400"};
      for (const Sample& sample : batch) {
        CPPUNIT_ASSERT_EQUAL(seconds(sample.time), sample.values[0].gauge);
        got.push_back(static_cast<int>(sample.values[0].gauge));
      }
      ++taken;
      return {};
    }
    bool settles_later() const noexcept override { return later; }
    Status settle(std::uint64_t& arrived) noexcept override {
      const std::lock_guard lock{mutex};
      if (std::exchange(broken, false)) {
        taken = 0;
        return Error{Errc::temporary, "reset"};
      }
      if (!holding) arrived = std::exchange(taken, 0);
      return {};
    }
    void set(bool Peer::*flag, bool on) {
      const std::lock_guard lock{mutex};
      this->*flag = on;
    }
    std::vector<int> all() {
      const std::lock_guard lock{mutex};
      return got;
    }
    std::mutex mutex;
    bool down = false, later = false, holding = false, broken = false;
    std::uint64_t taken = 0;
    std::vector<int> got;
  };

  TemporaryDirectory directory_;
  SystemClock clock_;
  RecordingSink sink_;
  LogHub hub_;
  Types types_;
  PastTypes past_{types_};
  SeriesTable table_;
  DataSet gauge_ = *parse_data_set("gauge value:GAUGE:U:U");
  Series series_ = std::move(*table_.intern({"h", "p", "", "gauge", ""}, gauge_));
  Peer peer_;
  std::shared_ptr<Ledger> ledger_ = std::make_shared<Ledger>();
  QueueOptions limits_{
      .high_values = 10, .retry_first = span_of(0.001), .retry_longest = span_of(0.005)};

  std::unique_ptr<Outlet> outlet(const std::string& directory = {}) {
    auto journal =
        std::make_unique<Journal>(directory.empty() ? directory_.path() + "/journal" : directory,
                                  JournalLimits{.sync_interval = 20ms}, table_, past_, clock_);
    auto made = std::make_unique<Outlet>("test", &peer_, nullptr, ledger_, limits_, clock_,
                                         Log{hub_, "test"}, std::move(journal));
    CPPUNIT_ASSERT(made->start());
    return made;
  }
  std::shared_ptr<const Batch> batch(int value, int second = 0) {
    auto batch = std::make_shared<Batch>();
    batch->begin(time_of(static_cast<double>(value)), span_of_seconds(10), table_.era());
    CPPUNIT_ASSERT(batch->add(series_, static_cast<double>(value)));
    if (second != 0) CPPUNIT_ASSERT(batch->add(series_, static_cast<double>(second)));
    return batch;
  }
  void put(Outlet& outlet, int first, int last) {
    for (int i = first; i <= last; ++i) {
      outlet.submit(batch(i));
      outlet.publish();
    }
  }
  static std::vector<int> numbers(int first, int last) {
    std::vector<int> result;
    for (int i = first; i <= last; ++i) result.push_back(i);
    return result;
  }
  static std::vector<int> sorted(std::vector<int> values) {
    std::sort(values.begin(), values.end());
    return values;
  }
  void wait_for(const std::function<bool()>& done) {
    for (int i = 0; i < 4000 && !done(); ++i) std::this_thread::sleep_for(5ms);
    if (!done()) CPPUNIT_FAIL("not in time; the log says:\n" + sink_.text());
  }
  void conserved() const {
    const auto now = ledger_->snapshot();
    CPPUNIT_ASSERT_EQUAL(now.submitted, now.delivered + now.queued + now.all_dropped());
  }

 public:
  OutletJournalTest() { hub_.add(sink_); }

  void nothing_is_lost_while_the_far_end_is_away() {
    const auto test = outlet();
    peer_.set(&Peer::down, true);
    put(*test, 1, 500);
    wait_for([&] { return test->status().away; });
    put(*test, 501, 1000);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1000}, ledger_->snapshot().queued);
    peer_.set(&Peer::down, false);
    wait_for([&] { return ledger_->snapshot().delivered == 1000; });
    CPPUNIT_ASSERT(numbers(1, 1000) == peer_.all());
    put(*test, 1001, 1005);
    wait_for([&] { return ledger_->snapshot().delivered == 1005; });
    CPPUNIT_ASSERT(!test->status().away);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, test->status().journal->values_waiting);
    CPPUNIT_ASSERT(test->stop(5s));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, ledger_->snapshot().all_dropped());
    conserved();
  }

  void what_waits_at_the_end_is_delivered_after_the_next_start() {
    auto test = outlet();
    peer_.set(&Peer::down, true);
    put(*test, 1, 300);
    wait_for([&] { return test->status().away; });
    CPPUNIT_ASSERT(test->stop(100ms));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{300}, ledger_->snapshot().queued);
    conserved();
    test.reset();
    ledger_ = std::make_shared<Ledger>();
    test = outlet();
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{300}, ledger_->snapshot().submitted);
    peer_.set(&Peer::down, false);
    wait_for([&] { return ledger_->snapshot().delivered == 300; });
    CPPUNIT_ASSERT(numbers(1, 300) == peer_.all());
    CPPUNIT_ASSERT(test->stop(5s));
    test.reset();
    ledger_ = std::make_shared<Ledger>();
    test = outlet();  // and not once more
    CPPUNIT_ASSERT(test->stop(5s));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, ledger_->snapshot().submitted);
  }

  void new_values_do_not_wait_for_old_ones() {
    const auto test = outlet();
    peer_.set(&Peer::down, true);
    put(*test, 1, 1);
    wait_for([&] { return test->status().away; });
    put(*test, 2, 20'000);
    peer_.set(&Peer::down, false);
    wait_for([&] { return !peer_.all().empty(); });
    put(*test, 30'000, 30'000);
    wait_for([&] { return ledger_->snapshot().delivered == 20'001; });
    const auto got = peer_.all();
    CPPUNIT_ASSERT(sorted(got).back() == 30'000);
    const auto live = std::find(got.begin(), got.end(), 30'000);
    CPPUNIT_ASSERT(live - got.begin() < 19'000);
    auto old = got;
    old.erase(std::find(old.begin(), old.end(), 30'000));
    CPPUNIT_ASSERT(numbers(1, 20'000) == old);
    CPPUNIT_ASSERT(test->stop(5s));
    conserved();
  }

  void a_poisoned_sample_does_not_come_back() {
    auto test = outlet();
    test->submit(batch(-1, -2));
    put(*test, 1, 3);
    wait_for([&] { return ledger_->snapshot().queued == 0; });
    CPPUNIT_ASSERT(numbers(1, 3) == peer_.all());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{2},
                         ledger_->snapshot().dropped[static_cast<std::size_t>(Loss::refused)]);
    CPPUNIT_ASSERT(test->stop(5s));
    test.reset();
    ledger_ = std::make_shared<Ledger>();
    test = outlet();
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, ledger_->snapshot().submitted);
    CPPUNIT_ASSERT(test->stop(5s));
  }

  void what_is_lost_on_the_way_is_read_again() {
    peer_.later = peer_.holding = true;
    const auto test = outlet();
    put(*test, 1, 5);
    wait_for([&] { return peer_.all().size() == 5; });
    peer_.set(&Peer::broken, true);
    wait_for([&] { return peer_.all().size() == 10; });
    peer_.set(&Peer::holding, false);
    wait_for([&] { return ledger_->snapshot().delivered == 5; });
    CPPUNIT_ASSERT((std::vector<int>{1, 2, 3, 4, 5, 1, 2, 3, 4, 5} == peer_.all()));
    CPPUNIT_ASSERT(test->stop(5s));
    conserved();
  }

  void a_directory_that_cannot_be_made_costs_nothing_but_the_journal() {
    const auto test = outlet("/proc/no-such-thing/journal");
    put(*test, 1, 5);
    wait_for([&] { return ledger_->snapshot().delivered == 5; });
    CPPUNIT_ASSERT(test->stop(5s));
    CPPUNIT_ASSERT(sink_.text().find("the journal") != std::string::npos);
    conserved();
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OutletJournalTest);

}  // namespace vital::test

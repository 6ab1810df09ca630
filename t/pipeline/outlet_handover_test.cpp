// SPDX-License-Identifier: MIT
#include <cppunit/extensions/HelperMacros.h>

#include <thread>

#include "model/types.h"
#include "pipeline/outlet.h"
#include "support/fixture.h"
#include "support/recording_writer.h"

namespace vital::test {
using namespace std::chrono_literals;

/// One outlet takes another's place: no value is lost, none comes twice, and the counts go on.
class OutletHandoverTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(OutletHandoverTest);
  CPPUNIT_TEST(what_waits_goes_to_the_next_in_order);
  CPPUNIT_TEST(a_failing_write_is_handed_on_at_once);
  CPPUNIT_TEST(a_hanging_writer_keeps_only_what_it_has);
  CPPUNIT_TEST(the_journal_goes_with_the_queue);
  CPPUNIT_TEST(a_journal_that_is_no_longer_wanted_is_emptied);
  CPPUNIT_TEST(one_that_waits_can_be_replaced_as_well);
  CPPUNIT_TEST(an_outlet_nobody_follows_delivers_what_waits);
  CPPUNIT_TEST_SUITE_END();

  TemporaryDirectory directory_;
  SystemClock clock_;
  RecordingSink sink_;
  LogHub hub_;
  Types types_;
  PastTypes past_{types_};
  SeriesTable table_;
  DataSet gauge_ = *parse_data_set("gauge value:GAUGE:U:U");
  Series series_ = std::move(*table_.intern({"h", "p", "", "gauge", ""}, gauge_));
  RecordingWriter before_, after_;
  QueueOptions limits_{.retry_first = span_of(60.0), .retry_longest = span_of(60.0)};

 public:
  void setUp() override { hub_.add(sink_); }
  void tearDown() override { hub_.remove(sink_); }

 private:
  std::unique_ptr<Outlet> outlet(Writer& writer, const Outlet* predecessor = nullptr,
                                 std::unique_ptr<Journal> journal = nullptr) {
    auto ledger = std::make_shared<Ledger>();
    if (predecessor != nullptr) ledger->continues(*predecessor->ledger());
    return std::make_unique<Outlet>("test", &writer, nullptr, ledger, limits_, clock_,
                                    Log{hub_, "test"}, std::move(journal));
  }
  std::unique_ptr<Journal> journal() {
    return std::make_unique<Journal>(directory_.path() + "/journal",
                                     JournalLimits{.sync_interval = 20ms}, table_, past_, clock_);
  }
  void put(Outlet& outlet, double value) {
    auto batch = std::make_shared<Batch>();
    batch->begin(time_of(value), span_of_seconds(10), table_.era());
    CPPUNIT_ASSERT(batch->add(series_, value));
    outlet.submit(std::move(batch));
    outlet.publish();
  }
  static void await_end(Outlet& outlet) {
    for (int i = 0; i < 1000 && !outlet.ended(); ++i) std::this_thread::sleep_for(10ms);
    CPPUNIT_ASSERT(outlet.ended());
  }
  static std::string counts(const Outlet& outlet) {
    const Ledger::Snapshot now = outlet.ledger()->snapshot();
    Text<128> text;
    text.add(now.submitted).add(" = ").add(now.delivered).add(" + ").add(now.queued);
    text.add(" + ").add(now.all_dropped());
    return std::string{text.view()};
  }
  static std::string values(std::string text) {
    for (std::string::size_type at; (at = text.find("h/p/gauge=")) != std::string::npos;)
      text.erase(at, 10);
    return text;
  }

 public:
  void what_waits_goes_to_the_next_in_order() {
    const auto first = outlet(before_);
    CPPUNIT_ASSERT(first->start());
    before_.hang(true);
    for (const double value : {1, 2, 3}) put(*first, value);
    CPPUNIT_ASSERT(before_.wait_for_writes(1));
    const auto second = outlet(after_, first.get());
    for (const double value : {4, 5}) put(*second, value);
    first->retire(5s);
    before_.hang(false);
    await_end(*first);
    second->take_over(*first);
    CPPUNIT_ASSERT(second->start());
    CPPUNIT_ASSERT(after_.wait_for_writes(4));
    CPPUNIT_ASSERT(second->stop(5s));
    CPPUNIT_ASSERT_EQUAL(std::string{"1 flush() "}, values(before_.text()));
    CPPUNIT_ASSERT_EQUAL(std::string{"2 3 4 5 flush() "}, values(after_.text()));
    CPPUNIT_ASSERT_EQUAL(std::string{"5 = 5 + 0 + 0"}, counts(*second));
  }

  void a_failing_write_is_handed_on_at_once() {
    const auto first = outlet(before_);
    CPPUNIT_ASSERT(first->start());
    before_.fail(-1, Errc::temporary);
    for (const double value : {1, 2}) put(*first, value);
    CPPUNIT_ASSERT(before_.wait_for_writes(1));
    first->retire(60s);
    await_end(*first);  // though its pause may last a minute
    const auto second = outlet(after_, first.get());
    second->take_over(*first);
    CPPUNIT_ASSERT(second->start());
    CPPUNIT_ASSERT(after_.wait_for_writes(2));
    CPPUNIT_ASSERT(second->stop(5s));
    CPPUNIT_ASSERT_EQUAL(std::string{"1 2 flush() "}, values(after_.text()));
    CPPUNIT_ASSERT_EQUAL(std::string{"2 = 2 + 0 + 0"}, counts(*second));
  }

  void a_hanging_writer_keeps_only_what_it_has() {
    const auto first = outlet(before_);
    CPPUNIT_ASSERT(first->start());
    before_.hang(true);
    before_.fail(-1, Errc::temporary);
    for (const double value : {1, 2, 3}) put(*first, value);
    CPPUNIT_ASSERT(before_.wait_for_writes(1));
    first->retire(Nanoseconds::zero());
    const auto second = outlet(after_, first.get());
    CPPUNIT_ASSERT(!first->ended());
    second->take_over(*first);
    CPPUNIT_ASSERT(second->start());
    CPPUNIT_ASSERT(after_.wait_for_text("gauge=3"));
    before_.hang(false);  // at last it comes back, and has failed
    await_end(*first);
    second->take_over(*first);
    CPPUNIT_ASSERT(after_.wait_for_text("gauge=1"));
    CPPUNIT_ASSERT(second->stop(5s));
    CPPUNIT_ASSERT_EQUAL(std::string{"2 3 1 flush() "}, values(after_.text()));
    CPPUNIT_ASSERT_EQUAL(std::string{"3 = 3 + 0 + 0"}, counts(*second));
  }

  void the_journal_goes_with_the_queue() {
    const auto first = outlet(before_, nullptr, journal());
    CPPUNIT_ASSERT(first->start());
    before_.fail(-1, Errc::temporary);
    for (const double value : {1, 2, 3}) put(*first, value);
    CPPUNIT_ASSERT(before_.wait_for_writes(1));
    const auto second = outlet(after_, first.get(), journal());
    put(*second, 4);
    first->retire(5s);
    await_end(*first);
    second->take_over(*first);
    CPPUNIT_ASSERT(second->start());
    put(*second, 5);
    for (const char* value : {"=1 ", "=2 ", "=3 ", "=4 ", "=5 "})
      CPPUNIT_ASSERT(after_.wait_for_text(value));
    CPPUNIT_ASSERT(second->stop(5s));
    CPPUNIT_ASSERT_EQUAL(5, after_.writes());
    CPPUNIT_ASSERT_EQUAL(std::string{"5 = 5 + 0 + 0"}, counts(*second));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, second->status().journal->values_waiting);
  }

  void a_journal_that_is_no_longer_wanted_is_emptied() {
    const auto first = outlet(before_, nullptr, journal());
    CPPUNIT_ASSERT(first->start());
    before_.fail(-1, Errc::temporary);
    for (const double value : {1, 2}) put(*first, value);
    CPPUNIT_ASSERT(before_.wait_for_writes(1));
    first->retire(5s);
    await_end(*first);
    const auto second = outlet(after_, first.get());
    second->take_over(*first);
    CPPUNIT_ASSERT(second->start());
    for (const char* value : {"=1 ", "=2 "}) CPPUNIT_ASSERT(after_.wait_for_text(value));
    after_.hang(true);
    put(*second, 3);
    CPPUNIT_ASSERT(after_.wait_for_writes(3));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, second->status().journal->values_waiting);
    after_.hang(false);
    CPPUNIT_ASSERT(second->stop(5s));
    CPPUNIT_ASSERT_EQUAL(std::string{"3 = 3 + 0 + 0"}, counts(*second));
  }

  void one_that_waits_can_be_replaced_as_well() {
    RecordingWriter between;
    const auto first = outlet(before_);
    put(*first, 1);
    const auto second = outlet(between, first.get());
    put(*second, 2);
    const auto third = outlet(after_, second.get());
    put(*third, 3);
    first->retire(5s);
    second->retire(5s);
    second->take_over(*first);
    third->take_over(*second);
    CPPUNIT_ASSERT(third->start());
    CPPUNIT_ASSERT(after_.wait_for_writes(3));
    CPPUNIT_ASSERT(third->stop(5s));
    CPPUNIT_ASSERT_EQUAL(std::string{"1 2 3 flush() "}, values(after_.text()));
    CPPUNIT_ASSERT_EQUAL(std::string{"3 = 3 + 0 + 0"}, counts(*third));
  }

  void an_outlet_nobody_follows_delivers_what_waits() {
    const auto only = outlet(before_);
    for (const double value : {1, 2, 3}) put(*only, value);
    CPPUNIT_ASSERT(only->start());
    only->finish(5s);
    await_end(*only);
    CPPUNIT_ASSERT_EQUAL(std::string{"1 2 3 flush() "}, values(before_.text()));
    CPPUNIT_ASSERT_EQUAL(std::string{"3 = 3 + 0 + 0"}, counts(*only));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OutletHandoverTest);

}  // namespace vital::test

// SPDX-License-Identifier: MIT
#include "pipeline/pipeline.h"

#include <cppunit/extensions/HelperMacros.h>

#include "model/types.h"
#include "support/fake_clock.h"
#include "support/no_allocation.h"
#include "support/recording_writer.h"

namespace vital::test {
using namespace std::chrono_literals;

class PipelineTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(PipelineTest);
  CPPUNIT_TEST(values_reach_every_outlet);
  CPPUNIT_TEST(values_that_are_too_old_reach_nobody);
  CPPUNIT_TEST(batches_wait_for_the_hosts_name);
  CPPUNIT_TEST(series_that_are_gone_are_named_anew);
  CPPUNIT_TEST(missing_series_leave_cache_and_table);
  CPPUNIT_TEST(a_flush_tells_when_all_are_done);
  CPPUNIT_TEST(clients_see_the_cache);
  CPPUNIT_TEST(a_steady_batch_allocates_nothing);
  CPPUNIT_TEST_SUITE_END();

  FakeClock clock_;
  SystemClock outlet_clock_;
  LogHub hub_;
  RecordingSink sink_;
  SeriesTable table_;
  DataSet gauge_ = *parse_data_set("gauge value:GAUGE:U:U");
  Pipeline pipeline_{table_, clock_, Log{hub_}, 2};
  RecordingWriter writer_;
  Outlet outlet_{"w", &writer_, nullptr, std::make_shared<Ledger>(), {}, outlet_clock_, Log{hub_}};

  std::shared_ptr<Batch> batch(const Series& series, double value) {
    auto batch = std::make_shared<Batch>();
    batch->begin(clock_.wall(), span_of_seconds(10), table_.era());
    CPPUNIT_ASSERT(batch->add(series, value));
    return batch;
  }
  Series named(const char* instance, const char* host = "h") {
    return std::move(*table_.intern({host, "p", "", "gauge", instance}, gauge_));
  }
  void put(const Series& series, double value) {
    pipeline_.submit(batch(series, value));
    pipeline_.publish();
  }

 public:
  void setUp() override {
    hub_.add(sink_);
    CPPUNIT_ASSERT(outlet_.start());
    pipeline_.add(outlet_);
  }
  void tearDown() override { CPPUNIT_ASSERT(outlet_.stop(5s)); }

  void values_reach_every_outlet() {
    RecordingWriter second;
    Outlet other{"x", &second, nullptr, std::make_shared<Ledger>(), {}, outlet_clock_, Log{hub_}};
    CPPUNIT_ASSERT(other.start());
    pipeline_.add(other);
    put(named("a"), 1);
    CPPUNIT_ASSERT(writer_.wait_for_text("h/p/gauge-a=1 "));
    CPPUNIT_ASSERT(second.wait_for_text("h/p/gauge-a=1 "));
    pipeline_.remove(other);
  }

  void values_that_are_too_old_reach_nobody() {
    const Series series = named("a");
    put(series, 1);
    put(series, 2);
    clock_.advance(10s);
    put(series, 3);
    CPPUNIT_ASSERT(writer_.wait_for_text("=3"));
    CPPUNIT_ASSERT_EQUAL(std::string{"h/p/gauge-a=1 h/p/gauge-a=3 "}, writer_.text());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, pipeline_.counts().too_old);
    CPPUNIT_ASSERT_EQUAL(
        std::string{
            "notice: a value of h/p/gauge-a is not newer than the last one and is dropped\n"},
        sink_.text());
  }

  void batches_wait_for_the_hosts_name() {
    pipeline_.hold();
    const Series local = named("a", "");
    put(local, 1);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, pipeline_.counts().values);
    table_.set_local_host("full.name");
    pipeline_.release();
    CPPUNIT_ASSERT(writer_.wait_for_text("full.name/p/gauge-a=1 "));
  }

  void series_that_are_gone_are_named_anew() {
    auto late = batch(named("a"), 1);
    table_.retire({&late->series(0)});
    pipeline_.submit(late);
    CPPUNIT_ASSERT(table_.find("h/p/gauge-a"));
    CPPUNIT_ASSERT(!late->series(0).retired());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, pipeline_.counts().cached);
  }

  void missing_series_leave_cache_and_table() {
    put(named("a"), 1);
    const Series held = named("b");
    put(held, 1);
    CPPUNIT_ASSERT(writer_.wait_for_text("-b=1"));
    clock_.advance(19s);
    pipeline_.expire();
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, pipeline_.counts().cached);
    clock_.advance(1s);
    pipeline_.expire();
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, pipeline_.counts().cached);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, pipeline_.counts().expired);
    CPPUNIT_ASSERT(!table_.find("h/p/gauge-a"));
    CPPUNIT_ASSERT(table_.find("h/p/gauge-b"));
    put(held, 2);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, pipeline_.counts().cached);
  }

  void a_flush_tells_when_all_are_done() {
    std::atomic<int> done{0};
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, pipeline_.flush({}, {}, [&] { ++done; }));
    CPPUNIT_ASSERT(writer_.wait_for_text("flush"));
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, pipeline_.flush("nobody", {}, [&] { ++done; }));
    CPPUNIT_ASSERT(outlet_.stop(5s));
    CPPUNIT_ASSERT_EQUAL(2, done.load());
  }

  void clients_see_the_cache() {
    put(named("b"), 1.5);
    put(named("a"), 2.5);
    double seen = 0;
    CPPUNIT_ASSERT(pipeline_.visit("h/p/gauge-b",
                                   [&](const ValueCache::Entry& entry) { seen = entry.rates[0]; }));
    CPPUNIT_ASSERT_EQUAL(1.5, seen);
    CPPUNIT_ASSERT(!pipeline_.visit("h/p/gauge-c", [](const ValueCache::Entry&) {}));
    std::string list;
    pipeline_.list([&](std::size_t count) { list += std::to_string(count); },
                   [&](std::string_view name, Time) { list += " " + std::string{name}; });
    CPPUNIT_ASSERT_EQUAL(std::string{"2 h/p/gauge-a h/p/gauge-b"}, list);
  }

  void a_steady_batch_allocates_nothing() {
    const Series series = named("a");
    auto reused = batch(series, 1);
    pipeline_.submit(reused);
    pipeline_.publish();
    for (int i = 0; i < 50; ++i) {  // the queue's ring finds its size
      CPPUNIT_ASSERT(writer_.wait_for_writes(i + 1));
      while (!is_free(reused)) std::this_thread::yield();
      clock_.advance(10s);
      reused->begin(clock_.wall(), span_of_seconds(10), table_.era());
      CPPUNIT_ASSERT(reused->add(series, i));
      const NoAllocation guard;
      pipeline_.submit(reused);
      pipeline_.publish();
      const std::uint64_t allocations = guard.count();
      if (i > 20) CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, allocations);
    }
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PipelineTest);

}  // namespace vital::test

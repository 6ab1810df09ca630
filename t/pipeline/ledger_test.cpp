// SPDX-License-Identifier: MIT
#include "pipeline/ledger.h"

#include <cppunit/extensions/HelperMacros.h>

#include "model/types.h"
#include "pipeline/outlet.h"
#include "support/recording_writer.h"

namespace vital::test {
using namespace std::chrono_literals;

class LedgerTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(LedgerTest);
  CPPUNIT_TEST(every_loss_has_a_name);
  CPPUNIT_TEST(what_is_held_is_queued_until_it_is_settled);
  CPPUNIT_TEST(a_writer_that_holds_values_back_counts_them_exactly);
  CPPUNIT_TEST_SUITE_END();

  static std::string text(const Ledger& ledger) {
    const Ledger::Snapshot now = ledger.snapshot();
    CPPUNIT_ASSERT_EQUAL(now.submitted, now.delivered + now.queued + now.all_dropped());
    return std::to_string(now.delivered) + " " + std::to_string(now.queued) + " " +
           std::to_string(now.all_dropped());
  }

  /// Holds the values of two batches back, refuses one of each batch, and then delivers.
  struct Holder final : Writer {
    explicit Holder(Ledger& counts) : ledger{counts} {}
    Status write(const Batch& batch) noexcept override {
      if (batches == 2) deliver();
      ledger.dropped(Loss::too_old);
      ledger.held(batch.size() - 1);
      held += batch.size() - 1;
      ++batches;
      return {};
    }
    Status flush(const FlushRequest&) noexcept override {
      deliver();
      return {};
    }
    void deliver() {
      ledger.released(held);
      ledger.delivered(held);
      held = 0;
      batches = 0;
    }
    Ledger& ledger;
    std::uint64_t held = 0;
    int batches = 0;
  };

 public:
  void every_loss_has_a_name() {
    for (std::size_t i = 0; i < kLosses; ++i)
      CPPUNIT_ASSERT(!name_of(static_cast<Loss>(i)).empty());
    CPPUNIT_ASSERT_EQUAL(std::string_view{"stopped"}, name_of(Loss::stopped));
  }

  void what_is_held_is_queued_until_it_is_settled() {
    Ledger ledger;
    ledger.submitted(5);
    CPPUNIT_ASSERT_EQUAL(std::string{"0 5 0"}, text(ledger));
    ledger.held(4);
    ledger.dropped(Loss::refused);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{5}, ledger.settled());
    CPPUNIT_ASSERT_EQUAL(std::string{"0 4 1"}, text(ledger));
    ledger.released(3);
    ledger.delivered(2);
    ledger.dropped(Loss::failed);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{5}, ledger.settled());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, ledger.held_now());
    CPPUNIT_ASSERT_EQUAL(std::string{"2 1 2"}, text(ledger));
  }

  void a_writer_that_holds_values_back_counts_them_exactly() {
    const SystemClock clock;
    RecordingSink sink;
    LogHub hub;
    hub.add(sink);
    SeriesTable table;
    const DataSet gauge = *parse_data_set("gauge value:GAUGE:U:U");
    const Series series = std::move(*table.intern({"h", "p", "", "gauge", ""}, gauge));
    const auto ledger = std::make_shared<Ledger>();
    Holder holder{*ledger};
    Outlet outlet{"test", &holder, nullptr, ledger, {}, clock, Log{hub, "test"}};
    for (int i = 0; i < 5; ++i) {
      auto batch = std::make_shared<Batch>();
      batch->begin(Time{}, span_of_seconds(10), table.era());
      for (int j = 0; j < 10; ++j) CPPUNIT_ASSERT(batch->add(series, j));
      outlet.submit(std::move(batch));
    }
    CPPUNIT_ASSERT_EQUAL(std::string{"0 50 0"}, text(*ledger));
    CPPUNIT_ASSERT(outlet.start());
    CPPUNIT_ASSERT(outlet.stop(5s));
    CPPUNIT_ASSERT_EQUAL(std::string{"45 0 5"}, text(*ledger));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, ledger->held_now());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LedgerTest);

}  // namespace vital::test

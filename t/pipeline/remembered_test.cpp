// SPDX-License-Identifier: MIT
#include "pipeline/remembered.h"

#include <cppunit/extensions/HelperMacros.h>

#include <array>

#include "model/types.h"
#include "pipeline/value_cache.h"

namespace vital::test {

class RememberedTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(RememberedTest);
  CPPUNIT_TEST(the_first_rate_after_a_restart_is_known);
  CPPUNIT_TEST(a_series_takes_its_own_once);
  CPPUNIT_TEST(a_gap_longer_than_the_timeout_begins_anew);
  CPPUNIT_TEST(what_was_saved_for_the_future_begins_anew);
  CPPUNIT_TEST(nothing_is_remembered_over_a_reboot);
  CPPUNIT_TEST(a_type_of_other_kinds_begins_anew);
  CPPUNIT_TEST(gauges_need_not_be_remembered);
  CPPUNIT_TEST(every_truncation_is_refused_or_knows_less);
  CPPUNIT_TEST(another_version_is_refused);
  CPPUNIT_TEST_SUITE_END();

  static constexpr Span kTen = span_of_seconds(10);

  SeriesTable table_;
  const DataSet octets_ = *parse_data_set("if_octets rx:DERIVE:0:U, tx:COUNTER:0:U");
  const DataSet gauge_ = *parse_data_set("gauge value:GAUGE:U:U");
  Series series_ = std::move(*table_.intern({"h", "p", "", "if_octets", ""}, octets_));
  Series other_ = std::move(*table_.intern({"h", "q", "", "if_octets", ""}, octets_));

  static Time at(std::int64_t second) { return Time{span_of_seconds(1'700'000'000 + second)}; }

  std::string rate_of_next(ValueCache& cache, std::int64_t second, std::uint64_t rx,
                           const Series& series) {
    Batch batch;
    batch.begin(at(second), kTen, table_.era());
    CPPUNIT_ASSERT(batch.add(series, {rx, rx}));
    CPPUNIT_ASSERT(cache.update(*series.get(), batch[0], batch.rates(0), Steady{}, at(second)) ==
                   ValueCache::Update::stored);
    Text<128> text;
    for (const double rate : batch[0].rates) text.add(rate).add(' ');
    return std::string{text.view()};
  }
  std::string saved(std::string_view boot = "boot") {
    ValueCache before;
    (void)rate_of_next(before, 0, 1000, series_);
    (void)rate_of_next(before, 10, 2000, series_);
    ByteWriter out;
    RememberedValues::write_head(boot, out);
    CPPUNIT_ASSERT(!before.save(0, 1000, out));
    return std::string{out.view()};
  }
  static void load(ValueCache& cache, std::string bytes) {
    CPPUNIT_ASSERT(cache.remembered().load(std::move(bytes), "boot", {2, span_of_seconds(60)}));
  }

 public:
  void the_first_rate_after_a_restart_is_known() {
    ValueCache after;
    load(after, saved());
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, after.size());  // nobody sees what is only remembered
    CPPUNIT_ASSERT_EQUAL(std::string{"100 100 "}, rate_of_next(after, 30, 4000, series_));
    CPPUNIT_ASSERT_EQUAL(std::string{"nan nan "}, rate_of_next(after, 30, 4000, other_));
  }

  void a_series_takes_its_own_once() {
    ValueCache after;
    load(after, saved());
    (void)rate_of_next(after, 30, 4000, series_);
    CPPUNIT_ASSERT(after.remembered().empty());
  }

  void a_gap_longer_than_the_timeout_begins_anew() {
    for (const std::int64_t second : {90, 91}) {
      ValueCache after;
      load(after, saved());
      CPPUNIT_ASSERT_EQUAL(std::string{second == 90 ? "25 25 " : "nan nan "},
                           rate_of_next(after, second, 4000, series_));
    }
  }

  void what_was_saved_for_the_future_begins_anew() {
    ValueCache after;
    load(after, saved());
    CPPUNIT_ASSERT_EQUAL(std::string{"nan nan "}, rate_of_next(after, 10, 4000, series_));
    CPPUNIT_ASSERT_EQUAL(std::string{"10 10 "}, rate_of_next(after, 20, 4100, series_));
  }

  void nothing_is_remembered_over_a_reboot() {
    ValueCache after;
    load(after, saved("another boot"));
    CPPUNIT_ASSERT(after.remembered().empty());
    CPPUNIT_ASSERT_EQUAL(std::string{"nan nan "}, rate_of_next(after, 30, 5, series_));
  }

  void a_type_of_other_kinds_begins_anew() {
    const std::string bytes = saved();
    const DataSet changed = *parse_data_set("if_octets rx:DERIVE:0:U, tx:DERIVE:0:U");
    const Series again = std::move(*table_.intern({"h", "p", "", "if_octets", ""}, changed));
    ValueCache after;
    load(after, bytes);
    CPPUNIT_ASSERT_EQUAL(std::string{"nan nan "}, rate_of_next(after, 30, 4000, again));
  }

  void gauges_need_not_be_remembered() {
    const Series gauge = std::move(*table_.intern({"h", "p", "", "gauge", ""}, gauge_));
    const std::array<Value, 1> value{Value{.gauge = 1}};
    ByteWriter out;
    RememberedValues::write(*gauge, {at(0), kTen, value}, out);
    CPPUNIT_ASSERT(out.empty());
  }

  void every_truncation_is_refused_or_knows_less() {
    const std::string whole = saved();
    for (std::size_t length = 0; length < whole.size(); ++length) {
      RememberedValues values;
      (void)values.load(whole.substr(0, length), "boot", {});
      CPPUNIT_ASSERT(values.empty());
    }
  }

  void another_version_is_refused() {
    std::string bytes = saved();
    bytes[0] = 2;
    RememberedValues values;
    CPPUNIT_ASSERT(!values.load(bytes, "boot", {}));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RememberedTest);

}  // namespace vital::test

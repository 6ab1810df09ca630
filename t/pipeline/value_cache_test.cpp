// SPDX-License-Identifier: MIT
#include "pipeline/value_cache.h"

#include <cppunit/extensions/HelperMacros.h>

#include <cmath>
#include <string>

#include "model/types.h"

namespace vital::test {

class ValueCacheTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ValueCacheTest);
  CPPUNIT_TEST(the_first_value_of_a_total_has_no_rate);
  CPPUNIT_TEST(rates_are_changes_per_second);
  CPPUNIT_TEST(a_rate_out_of_bounds_is_unknown_but_the_value_is_kept);
  CPPUNIT_TEST(a_value_that_is_not_newer_is_refused);
  CPPUNIT_TEST(a_time_in_the_far_future_does_not_block_the_series);
  CPPUNIT_TEST(when_the_clock_goes_back_entries_begin_anew);
  CPPUNIT_TEST(entries_expire_after_some_intervals);
  CPPUNIT_TEST(lists_series_by_name);
  CPPUNIT_TEST_SUITE_END();

  static constexpr Span kTen = span_of_seconds(10);
  static constexpr Steady kStart = Steady{std::chrono::hours{1}};

  SeriesTable table_;
  DataSet gauge_ = *parse_data_set("gauge value:GAUGE:U:U");
  DataSet octets_ = *parse_data_set("if_octets rx:DERIVE:0:U, tx:DERIVE:0:U");
  Series one_ = std::move(*table_.intern({"h", "p", "", "gauge", "b"}, gauge_));
  Series two_ = std::move(*table_.intern({"h", "p", "", "if_octets", ""}, octets_));
  ValueCache cache_;
  Batch batch_;

  /// Updates with values at a second; the rates as text, or "too old".
  std::string put(const Series& series, std::int64_t second, std::initializer_list<Number> values,
                  std::int64_t wall = 5000) {
    batch_.begin(Time{span_of_seconds(second)}, kTen, table_.era());
    CPPUNIT_ASSERT(batch_.add(series, values));
    const auto update =
        cache_.update(*series.get(), batch_[0], batch_.rates(0),
                      kStart + std::chrono::seconds{second}, Time{span_of_seconds(wall)});
    if (update == ValueCache::Update::too_old) return "too old";
    Text<256> text;
    for (const double rate : batch_[0].rates) text.add(rate).add(' ');
    return std::string{text.view()};
  }

 public:
  void the_first_value_of_a_total_has_no_rate() {
    CPPUNIT_ASSERT_EQUAL(std::string{"4.5 "}, put(one_, 1000, {4.5}));
    CPPUNIT_ASSERT_EQUAL(std::string{"nan nan "}, put(two_, 1000, {100, 200}));
  }

  void rates_are_changes_per_second() {
    (void)put(two_, 1000, {100, 200});
    CPPUNIT_ASSERT_EQUAL(std::string{"10 20 "}, put(two_, 1010, {200, 400}));
    CPPUNIT_ASSERT_EQUAL(std::string{"5 0 "}, put(two_, 1030, {300, 400}));
  }

  void a_rate_out_of_bounds_is_unknown_but_the_value_is_kept() {
    (void)put(two_, 1000, {100, 0});
    CPPUNIT_ASSERT_EQUAL(std::string{"nan 0 "}, put(two_, 1010, {50, 0}));
    CPPUNIT_ASSERT_EQUAL(std::string{"2 0 "}, put(two_, 1020, {70, 0}));
  }

  void a_value_that_is_not_newer_is_refused() {
    (void)put(one_, 1000, {1});
    CPPUNIT_ASSERT_EQUAL(std::string{"too old"}, put(one_, 1000, {2}));
    CPPUNIT_ASSERT_EQUAL(std::string{"too old"}, put(one_, 990, {3}));
    CPPUNIT_ASSERT(cache_.visit(*one_, [](const ValueCache::Entry& entry) {
      CPPUNIT_ASSERT_EQUAL(1.0, entry.rates[0]);
      CPPUNIT_ASSERT(entry.time == Time{span_of_seconds(1000)});
    }));
  }

  void a_time_in_the_far_future_does_not_block_the_series() {
    (void)put(two_, 9'000'000, {1, 1}, 1000);
    CPPUNIT_ASSERT_EQUAL(std::string{"nan nan "}, put(two_, 1000, {500, 500}, 1000));
    CPPUNIT_ASSERT_EQUAL(std::string{"10 10 "}, put(two_, 1010, {600, 600}, 1010));
  }

  void when_the_clock_goes_back_entries_begin_anew() {
    (void)put(two_, 1000, {100, 100}, 1000);
    cache_.clock_went_back(Time{span_of_seconds(900)});
    CPPUNIT_ASSERT_EQUAL(std::string{"nan nan "}, put(two_, 900, {150, 150}, 900));
    CPPUNIT_ASSERT_EQUAL(std::string{"5 5 "}, put(two_, 910, {200, 200}, 910));
  }

  void entries_expire_after_some_intervals() {
    (void)put(one_, 1000, {1});
    (void)put(two_, 1005, {1, 1});
    std::string missing;
    const auto note = [&](const ValueCache::Entry& entry) {
      missing += std::string{entry.series.name()} + " ";
    };
    cache_.expire(kStart + std::chrono::seconds{1019}, 2, note);
    CPPUNIT_ASSERT_EQUAL(std::string{}, missing);
    cache_.expire(kStart + std::chrono::seconds{1020}, 2, note);
    CPPUNIT_ASSERT_EQUAL(std::string{"h/p/gauge-b "}, missing);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, cache_.size());
    CPPUNIT_ASSERT(cache_.take_expired() == std::vector<SeriesInfo*>{one_.get()});
    CPPUNIT_ASSERT(!cache_.contains(*one_) && cache_.contains(*two_));
    CPPUNIT_ASSERT_EQUAL(std::string{"7 "}, put(one_, 1000, {7}));  // a new entry
  }

  void lists_series_by_name() {
    const Series first = std::move(*table_.intern({"a", "p", "", "gauge", ""}, gauge_));
    (void)put(two_, 1000, {1, 1});
    (void)put(one_, 1001, {1});
    (void)put(first, 1002, {1});
    std::vector<ValueCache::Listed> all;
    cache_.list(all);
    std::string names;
    for (const auto& entry : all)
      names += std::string{entry.series->name()} + "@" +
               std::to_string(rounded_seconds(entry.time)) + " ";
    CPPUNIT_ASSERT_EQUAL(std::string{"a/p/gauge@1002 h/p/gauge-b@1001 h/p/if_octets@1000 "}, names);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ValueCacheTest);

}  // namespace vital::test

// SPDX-License-Identifier: MIT
#include "pipeline/thresholds.h"

#include <cppunit/extensions/HelperMacros.h>

#include "support/no_allocation.h"
#include "support/samples.h"

namespace vital::test {

class ThresholdsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ThresholdsTest);
  CPPUNIT_TEST(the_sequence_of_the_manual);
  CPPUNIT_TEST(hits_count_values_in_a_row);
  CPPUNIT_TEST(hysteresis_keeps_a_state);
  CPPUNIT_TEST(a_duration_must_pass);
  CPPUNIT_TEST(a_step_from_warning_to_failure_is_counted_by_itself);
  CPPUNIT_TEST(persist_says_it_with_each_value);
  CPPUNIT_TEST(repeat_says_it_now_and_then);
  CPPUNIT_TEST(inverted_bounds_enclose_what_is_wrong);
  CPPUNIT_TEST(an_unknown_value_changes_nothing);
  CPPUNIT_TEST(the_most_specific_threshold_counts);
  CPPUNIT_TEST(a_value_that_is_back_is_okay_once);
  CPPUNIT_TEST(a_value_that_is_back_and_wrong_is_wrong_first);
  CPPUNIT_TEST(what_was_said_survives);
  CPPUNIT_TEST(damaged_memory_is_survived);
  CPPUNIT_TEST(a_trend_tells_when_the_bound_is_reached);
  CPPUNIT_TEST(a_band_tells_what_is_unusual);
  CPPUNIT_TEST(messages_are_collectds);
  CPPUNIT_TEST(clients_see_the_threshold);
  CPPUNIT_TEST(a_steady_value_allocates_nothing);
  CPPUNIT_TEST_SUITE_END();

  static constexpr double kNow = 1'700'000'000.0;
  SeriesTable table_;
  DataSet gauge_ = *parse_data_set("gauge value:GAUGE:U:U");
  DataSet df_ = *parse_data_set("df used:GAUGE:0:U, free:GAUGE:0:U");
  double step_ = 10, now_ = kNow;
  Watcher::Raised raised_;

  static Threshold of(const char* type = "gauge") {
    Threshold threshold;
    threshold.type = type;
    return threshold;
  }
  static Threshold above(double warning, double failure = Threshold::kUnset) {
    Threshold threshold = of();
    threshold.warning.max = warning;
    threshold.failure.max = failure;
    return threshold;
  }
  Series series(const char* instance = "") {
    return std::move(*table_.intern({"h", "p", "", "gauge", instance}, gauge_));
  }

  /// One letter for each notification: o, w, f; and '-' for a value that raised none.
  std::string put(Thresholds& thresholds, const Series& series,
                  std::initializer_list<double> values) {
    std::string said;
    for (const double value : values) {
      now_ += step_;
      look(thresholds, series, {value});
      if (raised_.empty()) said += '-';
      said += letters();
    }
    return said;
  }
  void look(Thresholds& thresholds, const Series& series, std::initializer_list<double> values) {
    Batch batch;
    batch.begin(time_of(now_), span_of_seconds(10), table_.era());
    const std::vector<Number> numbers(values.begin(), values.end());
    CPPUNIT_ASSERT(batch.add(series, numbers));
    std::copy(values.begin(), values.end(), batch.rates(0).begin());
    thresholds.look(batch, raised_);
  }
  std::string letters() {
    std::string said;
    for (const Notification& notification : raised_)
      said += notification.level == Level::okay      ? 'o'
              : notification.level == Level::warning ? 'w'
                                                     : 'f';
    last_ = raised_.empty() ? "" : raised_.back().message;
    raised_.clear();
    return said;
  }
  std::string last_;
  std::size_t firing(Thresholds& thresholds) {
    std::size_t count = 0;
    thresholds.alerts([&](const ActiveAlert&) { ++count; });
    return count;
  }
  void gone(Thresholds& thresholds, const Series& series) {
    now_ += 20;
    thresholds.missing(*series, time_of(now_ - 20), time_of(now_), raised_);
  }

 public:
  void the_sequence_of_the_manual() {
    Threshold threshold = of();
    threshold.warning = {10, 20};
    threshold.failure = {5, 30};
    Thresholds thresholds{{threshold}, {}};
    CPPUNIT_ASSERT_EQUAL(
        std::string{"--w-f-owfo--w-"},
        put(thresholds, series(), {15, 15, 21, 25, 31, 31, 15, 9, 4, 15, 10, 20, 5, 30}));
  }

  void hits_count_values_in_a_row() {
    Threshold threshold = above(10);
    threshold.hits = 2;
    Thresholds thresholds{{threshold}, {}};
    CPPUNIT_ASSERT_EQUAL(std::string{"-w--o---w-o-"},
                         put(thresholds, series(), {15, 15, 15, 15, 5, 15, 5, 15, 15, 15, 5, 5}));
  }

  void hysteresis_keeps_a_state() {
    Threshold threshold = above(10, 20);
    threshold.hysteresis = 3;
    Thresholds thresholds{{threshold}, {}};
    CPPUNIT_ASSERT_EQUAL(
        std::string{"-w---o-f--w-o"},
        put(thresholds, series(), {5, 11, 9, 8, 7.5, 7, 6.9, 21, 18, 17.5, 16, 8, 6}));
  }

  void a_duration_must_pass() {
    Threshold threshold = above(10);
    threshold.duration = span_of_seconds(30);
    Thresholds thresholds{{threshold}, {}};
    const Series one = series();
    CPPUNIT_ASSERT_EQUAL(std::string{"-------w-o"},
                         put(thresholds, one, {5, 15, 15, 5, 15, 15, 15, 15, 15, 5}));
  }

  void a_step_from_warning_to_failure_is_counted_by_itself() {
    Threshold threshold = above(10, 20);
    threshold.hits = 2;
    Thresholds thresholds{{threshold}, {}};
    CPPUNIT_ASSERT_EQUAL(std::string{"-w-f--wo"},
                         put(thresholds, series(), {11, 12, 21, 22, 23, 11, 11, 5}));
  }

  void persist_says_it_with_each_value() {
    Threshold threshold = above(10);
    threshold.persist = true;
    Thresholds some{{threshold}, {}};
    CPPUNIT_ASSERT_EQUAL(std::string{"-wwo-"}, put(some, series("a"), {5, 15, 15, 5, 5}));
    threshold.persist_ok = true;
    Thresholds all{{threshold}, {}};
    CPPUNIT_ASSERT_EQUAL(std::string{"owwoo"}, put(all, series("b"), {5, 15, 15, 5, 5}));
  }

  void repeat_says_it_now_and_then() {
    Threshold threshold = above(10);
    threshold.repeat = span_of_seconds(30);
    Thresholds thresholds{{threshold}, {}};
    const Series one = series();
    CPPUNIT_ASSERT_EQUAL(std::string{"w--w--wo"},
                         put(thresholds, one, {15, 15, 15, 15, 15, 15, 15, 5}));
    gone(thresholds, one);
    CPPUNIT_ASSERT_EQUAL(std::string{"f"}, letters());
    thresholds.tick(time_of(now_ + 29), raised_);
    CPPUNIT_ASSERT_EQUAL(std::string{}, letters());
    thresholds.tick(time_of(now_ + 30), raised_);
    CPPUNIT_ASSERT_EQUAL(std::string{"f"}, letters());
    CPPUNIT_ASSERT_EQUAL(std::string{"h/p/gauge has not been updated for 50.000 seconds."}, last_);
  }

  void inverted_bounds_enclose_what_is_wrong() {
    Threshold threshold = of();
    threshold.warning = {10, 20};
    threshold.invert = true;
    Thresholds warning{{threshold}, {}};
    CPPUNIT_ASSERT_EQUAL(std::string{"-w-o-"}, put(warning, series("a"), {5, 15, 15, 25, 25}));
    threshold.failure = threshold.warning;
    threshold.warning = {};
    Thresholds failure{{threshold}, {}};
    CPPUNIT_ASSERT_EQUAL(std::string{"-fo"}, put(failure, series("b"), {5, 15, 25}));
  }

  void an_unknown_value_changes_nothing() {
    Thresholds thresholds{{above(10)}, {}};
    const double unknown = Threshold::kUnset;
    CPPUNIT_ASSERT_EQUAL(std::string{"-w--o-"},
                         put(thresholds, series(), {unknown, 15, unknown, 15, 5, unknown}));
  }

  void the_most_specific_threshold_counts() {
    Threshold any = above(10), instance = above(100), host = above(1000);
    instance.type_instance = "i";
    host.host = "h";
    Thresholds thresholds{{any, instance}, {}};
    CPPUNIT_ASSERT_EQUAL(std::string{"w"}, put(thresholds, series("x"), {50}));
    CPPUNIT_ASSERT_EQUAL(std::string{"-w"}, put(thresholds, series("i"), {50, 101}));
    Thresholds by_host{{any, instance, host}, {}};
    CPPUNIT_ASSERT_EQUAL(std::string{"-"}, put(by_host, series("i"), {500}));
  }

  void a_value_that_is_back_is_okay_once() {
    Thresholds thresholds{{above(10)}, {}};
    const Series one = series();
    put(thresholds, one, {5});
    gone(thresholds, one);
    CPPUNIT_ASSERT_EQUAL(std::string{"f"}, letters());
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, firing(thresholds));
    CPPUNIT_ASSERT_EQUAL(std::string{"o"}, put(thresholds, one, {5}));
    CPPUNIT_ASSERT_EQUAL(std::string{"Host h, plugin p type gauge: Value is no longer missing."},
                         last_);
    CPPUNIT_ASSERT_EQUAL(std::string{"--"}, put(thresholds, one, {5, 5}));
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, firing(thresholds));
  }

  void a_value_that_is_back_and_wrong_is_wrong_first() {
    Threshold quiet = above(10);
    quiet.type_instance = "quiet";
    quiet.interesting = false;
    Thresholds thresholds{{above(10), quiet}, {}};
    const Series one = series(), other = series("quiet");
    put(thresholds, one, {5});
    gone(thresholds, one);
    letters();
    CPPUNIT_ASSERT_EQUAL(std::string{"w-o"}, put(thresholds, one, {15, 15, 5}));
    put(thresholds, other, {15});
    gone(thresholds, other);
    CPPUNIT_ASSERT_EQUAL(std::string{}, letters());
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, firing(thresholds));
    CPPUNIT_ASSERT_EQUAL(std::string{"-o-"}, put(thresholds, other, {15, 5, 5}));
  }

  void what_was_said_survives() {
    Thresholds before{{above(10)}, {}};
    const Series a = series("a"), b = series("b"), c = series("c");
    CPPUNIT_ASSERT_EQUAL(std::string{"w"}, put(before, a, {15}));
    CPPUNIT_ASSERT_EQUAL(std::string{"w"}, put(before, b, {15}));
    put(before, c, {5});
    gone(before, c);
    letters();
    Thresholds after{{above(10)}, span_of_seconds(3600)};
    after.restore(before.save());
    after.tick(time_of(now_), raised_);
    CPPUNIT_ASSERT_EQUAL(std::size_t{3}, firing(after));
    CPPUNIT_ASSERT_EQUAL(std::string{"-"}, put(after, a, {15}));
    CPPUNIT_ASSERT_EQUAL(std::string{"o-"}, put(after, b, {5, 5}));
    CPPUNIT_ASSERT_EQUAL(std::string{"o"}, put(after, c, {5}));
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, firing(after));
    gone(after, a);
    letters();
    after.tick(time_of(now_ + 3600), raised_);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, firing(after));
    after.tick(time_of(now_ + 3601), raised_);
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, firing(after));
    Thresholds none{{of("other")}, {}};
    none.restore(before.save());
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, firing(none));
  }

  void damaged_memory_is_survived() {
    Thresholds before{{above(10)}, {}};
    put(before, series("a"), {15});
    const std::string bytes = before.save();
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      Thresholds after{{above(10)}, {}};
      after.restore(std::string_view{bytes}.substr(0, length));
      CPPUNIT_ASSERT_EQUAL(std::size_t{0}, firing(after));
    }
  }

  void a_trend_tells_when_the_bound_is_reached() {
    Threshold threshold = of();
    threshold.trend.window = span_of_seconds(3600);
    threshold.trend.bounds.min = 0;
    threshold.trend.warning = span_of_seconds(36000);
    threshold.trend.failure = span_of_seconds(3600);
    Thresholds thresholds{{threshold}, {}};
    const Series one = series();
    step_ = 60;
    std::string said;
    for (int i = 0; i < 240; ++i) said += put(thresholds, one, {1000.0 - i});
    CPPUNIT_ASSERT_EQUAL(std::string::npos, said.find_first_not_of('-'));  // 12 hours are left
    said.clear();
    for (int i = 240; i < 1000; ++i) {
      const std::string letter = put(thresholds, one, {1000.0 - i});
      if (letter == "w")
        CPPUNIT_ASSERT_EQUAL(
            std::string{"Host h, plugin p type gauge: Data source \"value\" is currently "
                        "600.000000. At its trend it will reach 0.000000 in 10.0 hours. That is "
                        "within the warning threshold of 10.0 hours."},
            last_);
      if (letter != "-") said += letter + std::to_string(i) + " ";
    }
    CPPUNIT_ASSERT_EQUAL(std::string{"w400 f940 "}, said);
    Thresholds restarted{{threshold}, {}};
    restarted.restore(thresholds.save());
    said.clear();
    for (int i = 0; i < 20; ++i) said += put(restarted, one, {900});
    CPPUNIT_ASSERT_EQUAL(std::string(20, '-'), said);  // the trend is not known yet
    for (int i = 0; i < 20; ++i) said += put(restarted, one, {900});
    CPPUNIT_ASSERT(said.find('o') != std::string::npos);
    said.clear();
    for (int i = 0; i < 200; ++i) said += put(thresholds, one, {900});
    CPPUNIT_ASSERT(said.find('o') != std::string::npos);
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, firing(thresholds));
  }

  void a_band_tells_what_is_unusual() {
    Threshold threshold = of();
    threshold.band.days = 3;
    threshold.band.warning = 3;
    threshold.band.failure = 200;
    threshold.band.slack = 5;
    Thresholds thresholds{{threshold}, {}};
    const Series one = series();
    step_ = 600;
    now_ = 1'699'920'000.0 - step_;  // so that the first value is that of a midnight
    std::string said;
    for (int i = 0; i < 4 * 144; ++i)
      said += put(thresholds, one, {(i / 72 % 2 == 0 ? 1000.0 : 100.0) + i % 2});
    CPPUNIT_ASSERT_EQUAL(std::string::npos, said.find_first_not_of('-'));
    CPPUNIT_ASSERT_EQUAL(std::string{"-"}, put(thresholds, one, {1040}));
    CPPUNIT_ASSERT_EQUAL(std::string{"w"}, put(thresholds, one, {1053}));
    CPPUNIT_ASSERT_EQUAL(std::string{"f"}, put(thresholds, one, {100}));
    CPPUNIT_ASSERT(last_.find("below the failure band") != std::string::npos);
    CPPUNIT_ASSERT_EQUAL(std::string{"o"}, put(thresholds, one, {1000}));
  }

  void messages_are_collectds() {
    Threshold threshold = of("df");
    threshold.data_source = "free";
    threshold.percentage = true;
    threshold.warning.min = 20;
    Thresholds thresholds{{threshold}, {}};
    look(thresholds, *table_.intern({"h", "pct", "", "df", ""}, df_), {85, 15});
    CPPUNIT_ASSERT_EQUAL(std::string{"w"}, letters());
    CPPUNIT_ASSERT_EQUAL(std::string{"Host h, plugin pct type df: Data source \"free\" is "
                                     "currently 15 (15.00%). That is below the warning threshold "
                                     "of 20.00%."},
                         last_);
  }

  void clients_see_the_threshold() {
    Threshold threshold = above(50, 100);
    threshold.host = "h";
    threshold.hysteresis = 2.5;
    threshold.hits = 3;
    Thresholds thresholds{{threshold}, {}};
    std::string text;
    for (const std::string& line : thresholds.threshold({"h", "p", "", "gauge", ""}))
      text += line + "\n";
    CPPUNIT_ASSERT_EQUAL(std::string{"Host: h\nType: gauge\nWarning Max: 50\nFailure Max: "
                                     "100\nHysteresis: 2.5\nHits: 3\n"},
                         text);
    CPPUNIT_ASSERT(thresholds.threshold({"other", "p", "", "gauge", ""}).empty());
  }

  void a_steady_value_allocates_nothing() {
    Thresholds thresholds{{above(10)}, {}};
    const Series one = series();
    Batch batch;
    batch.begin(time_of(now_), span_of_seconds(10), table_.era());
    CPPUNIT_ASSERT(batch.add(one, 5));
    batch.rates(0)[0] = 5;
    thresholds.look(batch, raised_);
    const NoAllocation guard;
    thresholds.look(batch, raised_);
    const std::uint64_t allocations = guard.count();
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, allocations);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ThresholdsTest);

}  // namespace vital::test

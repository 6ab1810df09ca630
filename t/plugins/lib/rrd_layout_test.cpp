// SPDX-License-Identifier: MIT
#include "lib/rrd_layout.h"

#include <cppunit/extensions/HelperMacros.h>

#include "base/strings.h"
#include "model/types.h"

namespace vital::test {

using rrdtool::Layout;
using rrdtool::layout_for;
using rrdtool::LayoutOptions;

class LayoutTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(LayoutTest);
  CPPUNIT_TEST(reaches_back_an_hour_to_a_year_by_default);
  CPPUNIT_TEST(follows_the_interval);
  CPPUNIT_TEST(follows_the_options);
  CPPUNIT_TEST(makes_averages_only);
  CPPUNIT_TEST(rounds_the_interval);
  CPPUNIT_TEST(refuses_intervals_below_half_a_second);
  CPPUNIT_TEST(describes_every_kind_of_data_source);
  CPPUNIT_TEST(reads_timespans);
  CPPUNIT_TEST_SUITE_END();

  const DataSet gauge_ = *parse_data_set("gauge value:GAUGE:U:U");

  Layout layout(const LayoutOptions& options, double interval) const {
    auto result = layout_for(options, gauge_, span_of(interval));
    CPPUNIT_ASSERT(result);
    return *result;
  }
  /// "1200x1 ...": rows and steps of the archives of averages.
  static std::string averages(const Layout& layout) {
    std::string text;
    for (const Layout::Archive& archive : layout.archives) {
      if (archive.consolidation != rrdtool::Consolidation::average) continue;
      text += (text.empty() ? "" : " ") + std::to_string(archive.rows) + "x" +
              std::to_string(archive.steps);
    }
    return text;
  }
  static std::vector<std::string> columns(const Layout& layout) {
    auto words = layout.words();
    words.resize(layout.columns.size());
    return words;
  }
  static std::vector<std::string> archives(const Layout& layout) {
    const auto words = layout.words();
    return {words.begin() + static_cast<std::ptrdiff_t>(layout.columns.size()), words.end()};
  }

 public:
  void reaches_back_an_hour_to_a_year_by_default() {
    const Layout made = layout({}, 10);
    CPPUNIT_ASSERT_EQUAL(std::int64_t{10}, made.step);
    CPPUNIT_ASSERT_EQUAL(std::string{"DS:value:GAUGE:20:U:U"}, join(columns(made), "\n"));
    CPPUNIT_ASSERT_EQUAL(std::string{"RRA:AVERAGE:0.1000000000:1:1200\n"
                                     "RRA:MIN:0.1000000000:1:1200\n"
                                     "RRA:MAX:0.1000000000:1:1200\n"
                                     "RRA:AVERAGE:0.1000000000:7:1235\n"
                                     "RRA:MIN:0.1000000000:7:1235\n"
                                     "RRA:MAX:0.1000000000:7:1235\n"
                                     "RRA:AVERAGE:0.1000000000:50:1210\n"
                                     "RRA:MIN:0.1000000000:50:1210\n"
                                     "RRA:MAX:0.1000000000:50:1210\n"
                                     "RRA:AVERAGE:0.1000000000:223:1202\n"
                                     "RRA:MIN:0.1000000000:223:1202\n"
                                     "RRA:MAX:0.1000000000:223:1202\n"
                                     "RRA:AVERAGE:0.1000000000:2635:1201\n"
                                     "RRA:MIN:0.1000000000:2635:1201\n"
                                     "RRA:MAX:0.1000000000:2635:1201"},
                         join(archives(made), "\n"));
  }

  void follows_the_interval() {
    CPPUNIT_ASSERT_EQUAL(std::string{"3600x1 1200x72 1200x504 1200x2232 1200x26352"},
                         averages(layout({}, 1)));
    CPPUNIT_ASSERT_EQUAL(std::string{"1200x1 1440x1 1260x8 1207x37 1201x439"},
                         averages(layout({}, 60)));
    CPPUNIT_ASSERT_EQUAL(std::string{"1200x1 1200x1 2016x1 1276x7 1212x87"},
                         averages(layout({}, 300)));
    CPPUNIT_ASSERT_EQUAL(std::string{"DS:value:GAUGE:600:U:U"}, columns(layout({}, 300))[0]);
  }

  void follows_the_options() {
    LayoutOptions options{.step = 20,
                          .heartbeat = 77,
                          .rows = 100,
                          .timespans = {600, 3600, 7200, 86400},
                          .xff = 0.5};
    const Layout made = layout(options, 10);
    CPPUNIT_ASSERT_EQUAL(std::int64_t{20}, made.step);
    CPPUNIT_ASSERT_EQUAL(std::string{"DS:value:GAUGE:77:U:U"}, columns(made)[0]);
    CPPUNIT_ASSERT_EQUAL(std::string{"100x1 180x1 120x3 101x43"}, averages(made));
    CPPUNIT_ASSERT_EQUAL(std::string{"RRA:AVERAGE:0.5000000000:1:100"}, archives(made)[0]);
    options.heartbeat = 0;
    CPPUNIT_ASSERT_EQUAL(std::string{"DS:value:GAUGE:40:U:U"}, columns(layout(options, 10))[0]);
  }

  void makes_averages_only() {
    const Layout made = layout({.averages_only = true}, 10);
    CPPUNIT_ASSERT_EQUAL(std::size_t{5}, made.archives.size());
    CPPUNIT_ASSERT_EQUAL(std::string{"1200x1 1235x7 1210x50 1202x223 1201x2635"}, averages(made));
  }

  void rounds_the_interval() {
    CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, layout({}, 2.5).step);
    CPPUNIT_ASSERT_EQUAL(std::string{"DS:value:GAUGE:5:U:U"}, columns(layout({}, 2.5))[0]);
    CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, layout({}, 0.5).step);
  }

  void refuses_intervals_below_half_a_second() {
    const auto made = layout_for({}, gauge_, span_of(0.4));
    CPPUNIT_ASSERT(!made);
    CPPUNIT_ASSERT_EQUAL(std::string{"not supported here: an interval of 0.400 s needs StepSize, "
                                     "for files count in whole seconds"},
                         std::string{made.error().message().view()});
    CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, layout({.step = 1}, 0.4).step);
  }

  void describes_every_kind_of_data_source() {
    const auto type = *parse_data_set(
        "all a:COUNTER:0:4294967295, b:DERIVE:0:U, c:ABSOLUTE:U:10, d:GAUGE:-1.5:1e20");
    const auto made = layout_for({}, type, span_of_seconds(10));
    CPPUNIT_ASSERT(made);
    CPPUNIT_ASSERT_EQUAL(std::string{"DS:a:COUNTER:20:0.000000:4294967295.000000\n"
                                     "DS:b:DERIVE:20:0.000000:U\n"
                                     "DS:c:ABSOLUTE:20:U:10.000000\n"
                                     "DS:d:GAUGE:20:-1.500000:100000000000000000000.000000"},
                         join(columns(*made), "\n"));
  }

  void reads_timespans() {
    std::vector<std::int64_t> timespans;
    CPPUNIT_ASSERT(rrdtool::parse_timespans("3600 86400,7\t8, 9.0", timespans));
    CPPUNIT_ASSERT((std::vector<std::int64_t>{3600, 86400, 7, 8, 9}) == timespans);
    for (const char* const wrong : {"1h", "0", "-5", "x", "1e300", "nan", "3600 x"})
      CPPUNIT_ASSERT_MESSAGE(wrong, !rrdtool::parse_timespans(wrong, timespans));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LayoutTest);

}  // namespace vital::test

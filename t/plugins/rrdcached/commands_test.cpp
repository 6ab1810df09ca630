// SPDX-License-Identifier: MIT
#include "rrdcached/commands.h"

#include <cppunit/extensions/HelperMacros.h>

#include "model/types.h"

namespace vital::test {

class RrdcachedCommandsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(RrdcachedCommandsTest);
  CPPUNIT_TEST(an_update_has_the_time_to_the_microsecond_and_all_values);
  CPPUNIT_TEST(blanks_and_backslashes_in_names_are_marked);
  CPPUNIT_TEST(a_file_is_made_as_its_layout_says);
  CPPUNIT_TEST_SUITE_END();

  SeriesTable table_;

  std::string update(const char* type, std::initializer_list<Value> values) {
    const DataSet set = *parse_data_set(type);
    const Series series = std::move(*table_.intern({"h", "p", {}, set.type, {}}, set));
    const std::vector<Value> all{values};
    const std::vector<double> rates(all.size(), 0.0);
    std::string text;
    rrdcached::add_update(text, "/data/h/p/x.rrd",
                          {*series, time_of(1700000001.25), span_of_seconds(10), all, rates, {}});
    return text;
  }

 public:
  void an_update_has_the_time_to_the_microsecond_and_all_values() {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CPPUNIT_ASSERT_EQUAL(
        std::string{"update /data/h/p/x.rrd 1700000001.250000:-5:7:1e-07:18446744073709551615\n"},
        update("many a:DERIVE:U:U, b:ABSOLUTE:U:U, c:GAUGE:U:U, d:COUNTER:U:U",
               {{.derive = -5}, {.absolute = 7}, {.gauge = 1e-7}, {.counter = ~std::uint64_t{0}}}));
    CPPUNIT_ASSERT_EQUAL(std::string{"update /data/h/p/x.rrd 1700000001.250000:nan\n"},
                         update("gauge value:GAUGE:U:U", {{.gauge = nan}}));
  }
  void blanks_and_backslashes_in_names_are_marked() {
    std::string text;
    rrdcached::add_word(text, "/data/h/p/gauge-a b\\c.rrd");
    CPPUNIT_ASSERT_EQUAL(std::string{"/data/h/p/gauge-a\\ b\\\\c.rrd"}, text);
  }
  void a_file_is_made_as_its_layout_says() {
    const rrdtool::LayoutOptions options{.rows = 100, .timespans = {1000}};
    const auto layout =
        rrdtool::layout_for(options, *parse_data_set("gauge value:GAUGE:U:U"), span_of_seconds(10));
    CPPUNIT_ASSERT(layout);
    std::string text;
    rrdcached::add_create(text, "a b", *layout, 1700000000);
    CPPUNIT_ASSERT_EQUAL(std::string{"create a\\ b -O -s 10 -b 1700000000 DS:value:GAUGE:20:U:U "
                                     "RRA:AVERAGE:0.1000000000:1:100 RRA:MIN:0.1000000000:1:100 "
                                     "RRA:MAX:0.1000000000:1:100\n"},
                         text);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RrdcachedCommandsTest);

}  // namespace vital::test

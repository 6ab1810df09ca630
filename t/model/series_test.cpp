// SPDX-License-Identifier: MIT
#include "model/series.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>

#include "model/types.h"

namespace vital::test {

class SeriesTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(SeriesTest);
  CPPUNIT_TEST(interns_each_name_once);
  CPPUNIT_TEST(gives_out_the_parts_of_a_name);
  CPPUNIT_TEST(normalises_names);
  CPPUNIT_TEST(renames_what_belongs_to_this_host);
  CPPUNIT_TEST(a_series_that_somebody_holds_is_not_retired);
  CPPUNIT_TEST(memory_goes_when_no_era_is_left_that_saw_it);
  CPPUNIT_TEST(an_index_is_used_again_with_another_generation);
  CPPUNIT_TEST(another_type_makes_another_series);
  CPPUNIT_TEST(holds_many_series);
  CPPUNIT_TEST(unused_names_are_swept);
  CPPUNIT_TEST_SUITE_END();

  SeriesTable table_;
  DataSet gauge_ = *parse_data_set("gauge value:GAUGE:U:U");
  DataSet load_ = *parse_data_set("load a:GAUGE:0:U, b:GAUGE:0:U");

  Series intern(const Identifier& id) { return std::move(*table_.intern(id, gauge_)); }
  static std::string text(std::string_view view) { return std::string{view}; }

 public:
  void interns_each_name_once() {
    const Series a = intern({"h", "p", "i", "gauge", "x"});
    const Series b = intern({"h", "p", "i", "gauge", "x"});
    CPPUNIT_ASSERT(a.get() == b.get());
    const Series c = intern({"h", "p-i", "", "gauge", "x"});  // the same text, so the same series
    CPPUNIT_ASSERT(a.get() == c.get());
    CPPUNIT_ASSERT(a.get() == table_.find("h/p-i/gauge-x").get());
    CPPUNIT_ASSERT(!table_.find("h/p-i/gauge-y"));
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, table_.size());
  }

  void gives_out_the_parts_of_a_name() {
    const Series s = intern({"h", "p", "a-b", "gauge", "x-y"});
    CPPUNIT_ASSERT_EQUAL(std::string{"h/p-a-b/gauge-x-y"}, text(s->name()));
    CPPUNIT_ASSERT_EQUAL(std::string{"h"}, text(s->host()));
    CPPUNIT_ASSERT_EQUAL(std::string{"p-a-b"}, text(s->plugin_part()));
    CPPUNIT_ASSERT_EQUAL(std::string{"p"}, text(s->plugin()));
    CPPUNIT_ASSERT_EQUAL(std::string{"a-b"}, text(s->plugin_instance()));
    CPPUNIT_ASSERT_EQUAL(std::string{"gauge"}, text(s->type_name()));
    CPPUNIT_ASSERT_EQUAL(std::string{"x-y"}, text(s->type_instance()));
    const Series plain = intern({"h", "p", "", "gauge", ""});
    CPPUNIT_ASSERT_EQUAL(std::string{}, text(plain->plugin_instance()));
    CPPUNIT_ASSERT_EQUAL(std::string{}, text(plain->type_instance()));
    CPPUNIT_ASSERT(plain->identifier() == (Identifier{"h", "p", "", "gauge", ""}));
  }

  void normalises_names() {
    CPPUNIT_ASSERT_EQUAL(std::string{"a_b/x_y-root/gauge-c_d"},
                         text(intern({"a/b", "/x/y", "/", "gauge", "c/d"})->name()));
    CPPUNIT_ASSERT(!table_.intern({std::string(128, 'h'), "p", "", "gauge", ""}, gauge_));
  }

  void renames_what_belongs_to_this_host() {
    const Series local = intern({"", "p", "", "gauge", ""});
    const Series foreign = intern({"other", "p", "", "gauge", ""});
    const Series clash = intern({"me.example", "p", "", "gauge", ""});
    table_.set_local_host("me.example");
    CPPUNIT_ASSERT_EQUAL(std::string{"me.example/p/gauge"}, text(local->name()));
    CPPUNIT_ASSERT_EQUAL(std::string{"me.example"}, text(local->host()));
    CPPUNIT_ASSERT_EQUAL(std::string{"other/p/gauge"}, text(foreign->name()));
    CPPUNIT_ASSERT(table_.find("me.example/p/gauge").get() == local.get());
    CPPUNIT_ASSERT(clash->retired());
    CPPUNIT_ASSERT(intern({"", "p", "", "gauge", ""}).get() == local.get());
  }

  void a_series_that_somebody_holds_is_not_retired() {
    Series held = intern({"h", "p", "", "gauge", "held"});
    SeriesInfo* const loose = intern({"h", "p", "", "gauge", "loose"}).get();
    table_.retire({held.get(), loose});
    CPPUNIT_ASSERT(!held->retired());
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, table_.size());
  }

  void memory_goes_when_no_era_is_left_that_saw_it() {
    auto era = table_.era();
    SeriesInfo* const loose = intern({"h", "p", "", "gauge", "x"}).get();
    table_.retire({loose});
    CPPUNIT_ASSERT(loose->retired());
    CPPUNIT_ASSERT_EQUAL(std::string{"h/p/gauge-x"}, text(loose->name()));  // still readable
    SeriesInfo* const again = intern({"h", "p", "", "gauge", "x"}).get();
    CPPUNIT_ASSERT(again != loose);
    era.reset();
    CPPUNIT_ASSERT_EQUAL(std::string{}, text(loose->name()));
  }

  void an_index_is_used_again_with_another_generation() {
    SeriesInfo* const first = intern({"h", "p", "", "gauge", "x"}).get();
    const std::uint32_t index = first->index(), generation = first->generation();
    PerSeries<int> remembered;
    remembered[*first] = 7;
    table_.retire({first});
    const Series second = intern({"h", "p", "", "gauge", "y"});
    CPPUNIT_ASSERT_EQUAL(index, second->index());
    CPPUNIT_ASSERT(second->generation() != generation);
    CPPUNIT_ASSERT_EQUAL(0, remembered[*second]);
  }

  void another_type_makes_another_series() {
    const Series before = intern({"h", "p", "", "load", ""});
    const Series after = std::move(*table_.intern({"h", "p", "", "load", ""}, load_));
    CPPUNIT_ASSERT(before.get() != after.get());
    CPPUNIT_ASSERT(before->retired());
    CPPUNIT_ASSERT(table_.find("h/p/load").get() == after.get());
    const DataSet same = load_;
    CPPUNIT_ASSERT(table_.intern({"h", "p", "", "load", ""}, same)->get() == after.get());
  }

  void holds_many_series() {
    std::vector<Series> all;
    all.reserve(20000);
    for (int i = 0; i < 20000; ++i)
      all.push_back(intern({"h", "p", std::to_string(i), "gauge", ""}));
    for (int i = 0; i < 20000; i += 2) {
      SeriesInfo* const info = all[static_cast<std::size_t>(i)].get();
      all[static_cast<std::size_t>(i)] = Series{};
      table_.retire({info});
    }
    CPPUNIT_ASSERT_EQUAL(std::size_t{10000}, table_.size());
    for (int i = 0; i < 20000; ++i) {
      const Series found = table_.find("h/p-" + std::to_string(i) + "/gauge");
      CPPUNIT_ASSERT(static_cast<bool>(found) == (i % 2 == 1));
    }
    for (int i = 0; i < 20000; i += 2) (void)intern({"h", "p", std::to_string(i), "gauge", ""});
    CPPUNIT_ASSERT_EQUAL(std::size_t{20000}, table_.size());
    CPPUNIT_ASSERT_EQUAL(std::size_t{20000}, table_.index_limit());
  }

  void unused_names_are_swept() {
    const Series held = intern({"h", "p", "", "gauge", "held"});
    (void)intern({"h", "p", "", "gauge", "loose"});
    table_.retire_unheld();
    table_.retire_unheld();
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, table_.size());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SeriesTest);

}  // namespace vital::test

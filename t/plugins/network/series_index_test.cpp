// SPDX-License-Identifier: MIT
#include "network/series_index.h"

#include <cppunit/extensions/HelperMacros.h>

#include <map>

#include "base/hash.h"
#include "model/types.h"

namespace vital::test {
using network::SeriesIndex;

class SeriesIndexTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(SeriesIndexTest);
  CPPUNIT_TEST(names_are_compared_part_by_part);
  CPPUNIT_TEST(finds_what_was_inserted);
  CPPUNIT_TEST(looks_behind_the_one_before_first);
  CPPUNIT_TEST(equal_hashes_do_not_matter);
  CPPUNIT_TEST(does_not_find_what_left_the_table);
  CPPUNIT_TEST(a_sweep_forgets_what_is_gone_and_only_that);
  CPPUNIT_TEST(a_place_that_another_series_has_now_is_forgotten);
  CPPUNIT_TEST_SUITE_END();

  SeriesTable table_;
  DataSet gauge_ = *parse_data_set("gauge value:GAUGE:U:U");
  SeriesIndex index_;
  SeriesIndex::Place expected_ = 0;

  SeriesInfo* find(std::uint64_t hash, const Identifier& identifier) {
    return index_.find(hash, identifier, expected_);
  }

  static Identifier id(std::string_view instance) { return {"h", "p", "", "gauge", instance}; }
  Series intern(const Identifier& identifier) {
    return std::move(*table_.intern(identifier, gauge_));
  }
  static std::uint64_t hash(std::string_view instance) { return hash_bytes(instance); }

 public:
  void names_are_compared_part_by_part() {
    const Series series = intern({"h", "p", "i", "gauge", "t"});
    CPPUNIT_ASSERT(network::is_named(*series, {"h", "p", "i", "gauge", "t"}));
    for (const Identifier& other :
         {Identifier{"h", "p", "i", "gauge", ""}, Identifier{"h", "p", "i", "gauge", "u"},
          Identifier{"h", "p", "", "gauge", "t"}, Identifier{"g", "p", "i", "gauge", "t"},
          Identifier{"h", "p", "i", "gauges", ""}, Identifier{"h", "q", "i", "gauge", "t"},
          Identifier{"", "hp", "i", "gauge", "t"}, Identifier{"h", "p", "i", "", "gauge-t"}})
      CPPUNIT_ASSERT(!network::is_named(*series, other));
    const Series bare = intern({"h", "p", "", "gauge", ""});
    CPPUNIT_ASSERT(network::is_named(*bare, {"h", "p", "", "gauge", ""}));
    CPPUNIT_ASSERT(!network::is_named(*bare, {"h", "p", "", "gaug", ""}));
  }

  void finds_what_was_inserted() {
    std::map<std::string, Series> all;
    CPPUNIT_ASSERT(find(1, id("0")) == nullptr);
    for (int i = 0; i < 5000; ++i) {
      const std::string name = std::to_string(i);
      all[name] = intern(id(name));
      index_.insert(hash(name), *all[name].get(), 7, expected_);
    }
    CPPUNIT_ASSERT_EQUAL(std::size_t{5000}, index_.size());
    for (const auto& [name, series] : all)
      CPPUNIT_ASSERT(find(hash(name), id(name)) == series.get());
    CPPUNIT_ASSERT(find(hash("5000"), id("5000")) == nullptr);
  }

  void looks_behind_the_one_before_first() {
    std::vector<Series> all;
    for (const char* name : {"a", "b", "c"}) {
      all.push_back(intern(id(name)));
      index_.insert(hash(name), *all.back().get(), 0, expected_);
    }
    SeriesIndex::Place expected = 0;
    for (const char* name : {"a", "b", "c"}) {
      const SeriesIndex::Place before = expected;
      CPPUNIT_ASSERT(index_.find(hash(name), id(name), expected) != nullptr);
      CPPUNIT_ASSERT_EQUAL(before + 1, expected);
    }
    for (const SeriesIndex::Place wrong : {0u, 2u, 3u, 1000u, ~0u}) {
      expected = wrong;
      CPPUNIT_ASSERT(index_.find(hash("b"), id("b"), expected) == all[1].get());
      CPPUNIT_ASSERT_EQUAL(SeriesIndex::Place{2}, expected);
    }
  }

  void equal_hashes_do_not_matter() {
    const Series one = intern(id("one")), two = intern(id("two"));
    index_.insert(42, *one.get(), 0, expected_);
    index_.insert(42, *two.get(), 0, expected_);
    CPPUNIT_ASSERT(find(42, id("one")) == one.get());
    CPPUNIT_ASSERT(find(42, id("two")) == two.get());
    CPPUNIT_ASSERT(find(42, id("three")) == nullptr);
  }

  void does_not_find_what_left_the_table() {
    SeriesInfo* const gone = intern(id("gone")).get();
    index_.insert(1, *gone, 0, expected_);
    const auto era = table_.era();
    CPPUNIT_ASSERT(find(1, id("gone")) == gone);
    table_.retire_unheld();
    CPPUNIT_ASSERT(find(1, id("gone")) == nullptr);
  }

  void a_sweep_forgets_what_is_gone_and_only_that() {
    std::map<std::string, Series> kept;
    for (int i = 0; i < 3000; ++i) {
      const std::string name = std::to_string(i);
      Series series = intern(id(name));
      index_.insert(hash(name), *series.get(), static_cast<SeriesIndex::PeerId>(i % 3), expected_);
      if (i % 3 == 0) kept[name] = std::move(series);
    }
    table_.retire_unheld();
    std::map<int, int> gone;
    for (std::size_t swept = 0; swept < 2 * index_.capacity(); swept += 100)
      index_.sweep(100, [&](SeriesIndex::PeerId peer) { ++gone[peer]; });
    CPPUNIT_ASSERT_EQUAL(std::size_t{1000}, index_.size());
    CPPUNIT_ASSERT(gone == (std::map<int, int>{{1, 1000}, {2, 1000}}));
    for (const auto& [name, series] : kept)
      CPPUNIT_ASSERT(find(hash(name), id(name)) == series.get());
  }

  void a_place_that_another_series_has_now_is_forgotten() {
    SeriesInfo* const before = intern(id("before")).get();
    index_.insert(1, *before, 0, expected_);
    table_.retire_unheld();  // nobody looks, so the place is free at once
    const Series after = intern(id("after"));
    CPPUNIT_ASSERT(after.get() == before);
    CPPUNIT_ASSERT(find(1, id("before")) == nullptr);
    index_.sweep(index_.capacity(), [](SeriesIndex::PeerId) {});
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, index_.size());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SeriesIndexTest);

}  // namespace vital::test

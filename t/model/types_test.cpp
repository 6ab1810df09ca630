// SPDX-License-Identifier: MIT
#include "model/types.h"

#include <cppunit/extensions/HelperMacros.h>

#include <cmath>

#include "base/fd.h"

namespace vital::test {

class TypesTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(TypesTest);
  CPPUNIT_TEST(parses_a_data_set);
  CPPUNIT_TEST(refuses_what_is_none);
  CPPUNIT_TEST(later_definitions_replace_earlier_ones);
  CPPUNIT_TEST(what_has_not_changed_keeps_its_data_set);
  CPPUNIT_TEST(reads_the_shipped_file_without_a_word);
  CPPUNIT_TEST_SUITE_END();

  std::string complaints_;
  Types::Complaint complain() {
    return [this](std::size_t line, std::string_view text) {
      complaints_ += std::to_string(line) + " " + std::string{text} + "\n";
    };
  }

 public:
  void parses_a_data_set() {
    const auto set = parse_data_set("if_octets\trx:DERIVE:0:U, tx:derive:-1.5:1e3");
    CPPUNIT_ASSERT(set);
    CPPUNIT_ASSERT_EQUAL(std::string{"if_octets"}, set->type);
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, set->size());
    CPPUNIT_ASSERT(set->sources[0].kind == Kind::derive);
    CPPUNIT_ASSERT_EQUAL(0.0, set->sources[0].min);
    CPPUNIT_ASSERT(std::isnan(set->sources[0].max));
    CPPUNIT_ASSERT_EQUAL(std::string{"tx"}, set->sources[1].name);
    CPPUNIT_ASSERT_EQUAL(-1.5, set->sources[1].min);
    CPPUNIT_ASSERT_EQUAL(1000.0, set->sources[1].max);
  }

  void refuses_what_is_none() {
    for (const char* line : {"x", "x value", "x value:GAUGE:0", "x value:GAUGE:0:U:1", "x v:G:0:1",
                             "x value:FOO:0:U", "x a:GAUGE:0:U,b:GAUGE:0:U", "x value::0:U"})
      CPPUNIT_ASSERT_MESSAGE(line, !parse_data_set(line));
    CPPUNIT_ASSERT(!parse_data_set("x " + std::string(5000, 'y')));
  }

  void later_definitions_replace_earlier_ones() {
    Types types;
    types.add(
        "# comment\n\nx value:GAUGE:0:U\nx value:GAUGE:0:U\r\nbroken line\nx value:DERIVE:0:U",
        complain());
    CPPUNIT_ASSERT(types.find("x")->sources[0].kind == Kind::derive);
    CPPUNIT_ASSERT(types.find("X") == nullptr);
    CPPUNIT_ASSERT_EQUAL(std::string{"5 malformed: line\n"
                                     "6 type x is defined again, differently; this one counts\n"},
                         complaints_);
  }

  void what_has_not_changed_keeps_its_data_set() {
    Types types, fresh;
    types.add("a value:GAUGE:0:U\nb value:GAUGE:0:U\nc value:GAUGE:0:U", complain());
    fresh.add("a value:GAUGE:0:U\nb value:DERIVE:0:U\nd value:GAUGE:0:U", complain());
    const TypesDifference found = difference(types, fresh);
    CPPUNIT_ASSERT(found.added == std::vector<std::string>{"d"});
    CPPUNIT_ASSERT(found.removed == std::vector<std::string>{"c"});
    CPPUNIT_ASSERT(found.changed == std::vector<std::string>{"b"});
    const Types before = types.copy();
    const DataSet* const a = types.find("a");
    const DataSet* const b = types.find("b");
    types.replace(std::move(fresh));
    CPPUNIT_ASSERT(types.find("a") == a && types.find("b") != b);
    CPPUNIT_ASSERT(b->sources[0].kind == Kind::gauge);  // it lives as long as its types
    CPPUNIT_ASSERT(types.find("c") == nullptr && types.find("d") != nullptr);
    types.replace(before.copy());
    CPPUNIT_ASSERT(types.find("b") == b);
    CPPUNIT_ASSERT(difference(types, before).empty());
  }

  void reads_the_shipped_file_without_a_word() {
    Types types;
    types.add(*read_file(TYPES_DB), complain());
    CPPUNIT_ASSERT_EQUAL(std::string{}, complaints_);
    CPPUNIT_ASSERT_EQUAL(std::size_t{366}, types.size());
    CPPUNIT_ASSERT_EQUAL(std::size_t{3}, types.find("load")->size());
    CPPUNIT_ASSERT_EQUAL(5000.0, types.find("load")->sources[0].max);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TypesTest);

}  // namespace vital::test

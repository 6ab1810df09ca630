// SPDX-License-Identifier: MIT
#include "base/fields.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>

namespace vital::test {

class FieldsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(FieldsTest);
  CPPUNIT_TEST(takes_words_and_numbers_in_turn);
  CPPUNIT_TEST(an_unfinished_line_has_no_fields);
  CPPUNIT_TEST(a_number_that_is_none_is_not_consumed);
  CPPUNIT_TEST(lines_end_with_their_line_feed);
  CPPUNIT_TEST_SUITE_END();

 public:
  void takes_words_and_numbers_in_turn() {
    Fields fields{"  cpu0 \t12 -3 1.5 rest of it\nnext line\n"};
    std::string_view word;
    std::uint64_t natural = 0;
    std::int64_t integer = 0;
    double real = 0;
    CPPUNIT_ASSERT(fields.next(word) && fields.next(natural) && fields.next(integer) &&
                   fields.next(real));
    CPPUNIT_ASSERT_EQUAL(std::string{"cpu0"}, std::string{word});
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{12}, natural);
    CPPUNIT_ASSERT_EQUAL(std::int64_t{-3}, integer);
    CPPUNIT_ASSERT_EQUAL(1.5, real);
    CPPUNIT_ASSERT_EQUAL(std::string{"rest of it"}, std::string{fields.rest()});
    CPPUNIT_ASSERT(fields.skip(3));
    CPPUNIT_ASSERT(fields.at_end());
    CPPUNIT_ASSERT(!fields.next(word));
  }

  void an_unfinished_line_has_no_fields() {
    Fields fields{"100"};
    int number = 0;
    CPPUNIT_ASSERT(!fields.next(number));
  }

  void a_number_that_is_none_is_not_consumed() {
    Fields fields{"12x 99999999999999999999\n"};
    int number = 0;
    std::string_view word;
    CPPUNIT_ASSERT(!fields.next(number));
    CPPUNIT_ASSERT(fields.next(word));
    CPPUNIT_ASSERT(!fields.next(number));
    CPPUNIT_ASSERT_EQUAL(std::string{"99999999999999999999"}, std::string{fields.rest()});
  }

  void lines_end_with_their_line_feed() {
    Lines lines{"a\n\nb\nunfinished"};
    std::string_view line;
    std::string seen;
    while (lines.next(line)) seen += "[" + std::string{line} + "]";
    CPPUNIT_ASSERT_EQUAL(std::string{"[a\n][\n][b\n]"}, seen);
    CPPUNIT_ASSERT(lines.truncated());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(FieldsTest);

}  // namespace vital::test

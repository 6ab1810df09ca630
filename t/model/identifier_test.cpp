// SPDX-License-Identifier: MIT
#include "model/identifier.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>

namespace vital::test {

class IdentifierTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(IdentifierTest);
  CPPUNIT_TEST(splits_at_two_slashes_and_the_first_dashes);
  CPPUNIT_TEST(goes_there_and_back);
  CPPUNIT_TEST(normalises_slashes);
  CPPUNIT_TEST(quotes_only_what_needs_it);
  CPPUNIT_TEST_SUITE_END();

  static std::string normal(std::string_view field) {
    const auto text = normalised(field);
    return text ? std::string{text->view()} : "error";
  }

 public:
  void splits_at_two_slashes_and_the_first_dashes() {
    const auto id = parse_identifier("web-1/df-var-lib/df_complex-free-x/y");
    CPPUNIT_ASSERT(id);
    CPPUNIT_ASSERT(*id == (Identifier{"web-1", "df", "var-lib", "df_complex", "free-x/y"}));
    CPPUNIT_ASSERT(*parse_identifier("//") == Identifier{});
    CPPUNIT_ASSERT(!parse_identifier("host/plugin"));
    CPPUNIT_ASSERT(!parse_identifier(""));
  }

  void goes_there_and_back() {
    for (const char* text : {"h/p/t", "h/p-i/t", "h/p/t-i", "h/p-a-b/t-c-d", "h h/p-\"/t-\\"})
      CPPUNIT_ASSERT_EQUAL(std::string{text}, std::string{format(*parse_identifier(text)).view()});
    CPPUNIT_ASSERT_EQUAL(std::string{"h/p/t"},
                         std::string{format(*parse_identifier("h/p-/t-")).view()});
  }

  void normalises_slashes() {
    CPPUNIT_ASSERT_EQUAL(std::string{"root"}, normal("/"));
    CPPUNIT_ASSERT_EQUAL(std::string{"x_y"}, normal("/x/y"));
    CPPUNIT_ASSERT_EQUAL(std::string{"a_b_"}, normal("a/b/"));
    CPPUNIT_ASSERT_EQUAL(std::string{"_"}, normal("//"));
    CPPUNIT_ASSERT_EQUAL(std::string{}, normal(""));
    CPPUNIT_ASSERT_EQUAL(std::string{"error"}, normal(std::string(128, 'x')));
    CPPUNIT_ASSERT_EQUAL(std::string(127, 'x'), normal(std::string(127, 'x')));
  }

  void quotes_only_what_needs_it() {
    CPPUNIT_ASSERT_EQUAL(std::string{"h/p/gauge"}, std::string{quoted("h/p/gauge").view()});
    CPPUNIT_ASSERT_EQUAL(std::string{"\"h/p/gauge-a b\\\"c\\\\d\""},
                         std::string{quoted("h/p/gauge-a b\"c\\d").view()});
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(IdentifierTest);

}  // namespace vital::test

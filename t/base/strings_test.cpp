// SPDX-License-Identifier: MIT
#include "base/strings.h"

#include <cppunit/extensions/HelperMacros.h>

namespace vital::test {

class StringsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(StringsTest);
  CPPUNIT_TEST(compares_without_regard_to_case);
  CPPUNIT_TEST(splits_and_trims);
  CPPUNIT_TEST(suggests_what_was_probably_meant);
  CPPUNIT_TEST(suggests_nothing_far_off);
  CPPUNIT_TEST_SUITE_END();

  static std::string suggestion(std::string_view word) {
    const std::vector<std::string_view> words{"Interval", "Hostname", "FQDNLookup", "ReadThreads",
                                              "cpu",      "df",       "Disk"};
    return std::string{suggest(word, words)};
  }

 public:
  void compares_without_regard_to_case() {
    CPPUNIT_ASSERT(iequals("LoadPlugin", "loadPLUGIN"));
    CPPUNIT_ASSERT(!iequals("Load", "LoadPlugin"));
    CPPUNIT_ASSERT(istarts_with("LoadPlugin", "load"));
    bool value = false;
    CPPUNIT_ASSERT(parse_bool("YES", value) && value);
    CPPUNIT_ASSERT(parse_bool("oFF", value) && !value);
    CPPUNIT_ASSERT(!parse_bool("1", value));
  }

  void splits_and_trims() {
    const auto words = split(",a,, b ,", ", ");
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, words.size());
    CPPUNIT_ASSERT_EQUAL(std::string{"b"}, std::string{words[1]});
    CPPUNIT_ASSERT_EQUAL(std::string{"x y"}, std::string{trim(" \t x y\r\n")});
  }

  void suggests_what_was_probably_meant() {
    CPPUNIT_ASSERT_EQUAL(std::string{"Interval"}, suggestion("Intervall"));
    CPPUNIT_ASSERT_EQUAL(std::string{"Interval"}, suggestion("Intevral"));
    CPPUNIT_ASSERT_EQUAL(std::string{"Hostname"}, suggestion("hostnme"));
    CPPUNIT_ASSERT_EQUAL(std::string{"FQDNLookup"}, suggestion("FQDNLokup"));
    CPPUNIT_ASSERT_EQUAL(std::string{"cpu"}, suggestion("cpuu"));
  }

  void suggests_nothing_far_off() {
    CPPUNIT_ASSERT_EQUAL(std::string{}, suggestion("Colour"));
    CPPUNIT_ASSERT_EQUAL(std::string{}, suggestion(""));
    CPPUNIT_ASSERT_EQUAL(std::string{}, suggestion(std::string(1000, 'I')));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(StringsTest);

}  // namespace vital::test

// SPDX-License-Identifier: MIT
#include "load/loadavg.h"

#include <cppunit/extensions/HelperMacros.h>

#include "support/fixture.h"

namespace vital::test {

class LoadavgTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(LoadavgTest);
  CPPUNIT_TEST(reads_the_three_averages);
  CPPUNIT_TEST(rejects_every_truncation);
  CPPUNIT_TEST_SUITE_END();

 public:
  void reads_the_three_averages() {
    const auto load = load::parse_loadavg("0.21 0.37 0.39 1/95 1234\n");
    CPPUNIT_ASSERT(load);
    CPPUNIT_ASSERT_EQUAL(0.21, load->shortterm);
    CPPUNIT_ASSERT_EQUAL(0.37, load->midterm);
    CPPUNIT_ASSERT_EQUAL(0.39, load->longterm);
  }

  void rejects_every_truncation() {
    for (const std::string& machine : Fixture::machines()) {
      const std::string whole = Fixture{machine}.text("proc/loadavg");
      for (std::size_t length = 0; length < whole.size(); ++length)
        CPPUNIT_ASSERT(!load::parse_loadavg(std::string_view{whole}.substr(0, length)));
    }
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LoadavgTest);

}  // namespace vital::test

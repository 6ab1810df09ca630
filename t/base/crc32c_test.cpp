// SPDX-License-Identifier: MIT
#include "base/crc32c.h"

#include <cppunit/extensions/HelperMacros.h>

#include <random>
#include <string>

namespace vital::test {

class Crc32cTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(Crc32cTest);
  CPPUNIT_TEST(agrees_with_the_standards_examples);
  CPPUNIT_TEST(is_the_same_in_pieces_and_without_the_instruction);
  CPPUNIT_TEST_SUITE_END();

 public:
  void agrees_with_the_standards_examples() {
    CPPUNIT_ASSERT_EQUAL(0x8a9136aau, crc32c(std::string(32, '\0')));
    CPPUNIT_ASSERT_EQUAL(0x62a8ab43u, crc32c(std::string(32, '\xff')));
    CPPUNIT_ASSERT_EQUAL(0xe3069283u, crc32c("123456789"));
    CPPUNIT_ASSERT_EQUAL(0xe3069283u, crc32c_portable("123456789"));
    CPPUNIT_ASSERT_EQUAL(0u, crc32c(""));
  }

  void is_the_same_in_pieces_and_without_the_instruction() {
    std::mt19937 random{1};
    std::string bytes;
    for (int i = 0; i < 300; ++i) bytes.push_back(static_cast<char>(random()));
    for (std::size_t size = 0; size <= bytes.size(); ++size) {
      const std::string_view some = std::string_view{bytes}.substr(0, size);
      const std::size_t cut = size == 0 ? 0 : random() % size;
      CPPUNIT_ASSERT_EQUAL(crc32c_portable(some), crc32c(some));
      CPPUNIT_ASSERT_EQUAL(crc32c(some), crc32c(some.substr(cut), crc32c(some.substr(0, cut))));
    }
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(Crc32cTest);

}  // namespace vital::test

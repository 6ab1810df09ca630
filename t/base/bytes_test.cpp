// SPDX-License-Identifier: MIT
#include "base/bytes.h"

#include <cppunit/extensions/HelperMacros.h>

#include <limits>
#include <string>

namespace vital::test {

class BytesTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(BytesTest);
  CPPUNIT_TEST(what_goes_in_comes_out);
  CPPUNIT_TEST(the_little_end_comes_first);
  CPPUNIT_TEST(every_truncation_is_noticed);
  CPPUNIT_TEST(a_number_of_too_many_bytes_is_none);
  CPPUNIT_TEST_SUITE_END();

  static constexpr std::uint64_t kNumbers[] = {
      0, 1, 127, 128, 300, std::uint64_t{1} << 63, std::numeric_limits<std::uint64_t>::max()};

  static ByteWriter written() {
    ByteWriter out;
    for (const std::uint64_t number : kNumbers) {
      out.small(number);
      out.small_signed(static_cast<std::int64_t>(number));
      out.fixed(number);
    }
    out.fixed(-0.5);
    out.text("text");
    return out;
  }
  static bool all_there(ByteReader in) {
    bool same = true;
    for (const std::uint64_t number : kNumbers) {
      same = in.small() == number && same;
      same = in.small_signed() == static_cast<std::int64_t>(number) && same;
      same = in.fixed<std::uint64_t>() == number && same;
    }
    same = in.fixed<double>() == -0.5 && same;
    same = in.text() == "text" && same;
    return same && in.done();
  }

 public:
  void what_goes_in_comes_out() { CPPUNIT_ASSERT(all_there(ByteReader{written().view()})); }

  void the_little_end_comes_first() {
    ByteWriter out;
    out.fixed(std::uint32_t{0x04030201});
    out.put(1, std::uint16_t{0x0909});
    CPPUNIT_ASSERT_EQUAL(std::string{"\1\11\11\4"}, std::string{out.view()});
  }

  void every_truncation_is_noticed() {
    const ByteWriter whole = written();
    for (std::size_t size = 0; size < whole.size(); ++size)
      CPPUNIT_ASSERT(!all_there(ByteReader{whole.view().substr(0, size)}));
  }

  void a_number_of_too_many_bytes_is_none() {
    for (const std::size_t ones : {9u, 10u, 20u}) {
      const std::string bytes = std::string(ones, '\xff') + '\2';
      ByteReader in{bytes};
      CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, in.small());
      CPPUNIT_ASSERT(!in.ok());
    }
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(BytesTest);

}  // namespace vital::test

// SPDX-License-Identifier: MIT
#include "exec/line_buffer.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <string>

namespace vital::test {
namespace {

using exec::LineBuffer;

/// The lines that come out, each in brackets, when the text goes in so many bytes at a time.
std::string cut(LineBuffer& buffer, std::string_view text, std::size_t step, bool end = true) {
  std::string lines;
  std::span<char> line;
  const auto add = [&] { lines.append("[").append(line.begin(), line.end()).append("]"); };
  while (!text.empty()) {
    const auto room = buffer.room();
    const std::size_t size = std::min({step, room.size(), text.size()});
    text.copy(room.data(), size);
    text.remove_prefix(size);
    buffer.filled(size);
    while (buffer.next(line)) add();
  }
  if (end && buffer.rest(line)) add();
  return lines;
}

}  // namespace

class LineBufferTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(LineBufferTest);
  CPPUNIT_TEST(cuts_lines_however_they_come);
  CPPUNIT_TEST(leaves_out_lines_that_are_too_long);
  CPPUNIT_TEST(takes_lines_as_long_as_they_may_be);
  CPPUNIT_TEST(begins_anew_when_cleared);
  CPPUNIT_TEST_SUITE_END();

 public:
  void cuts_lines_however_they_come() {
    for (const std::size_t step : {1u, 2u, 3u, 7u, 1000u}) {
      LineBuffer buffer;
      CPPUNIT_ASSERT_EQUAL(std::string{"[one][][two][\rthree][half]"},
                           cut(buffer, "one\n\ntwo\r\n\rthree\nhalf", step));
    }
  }

  void leaves_out_lines_that_are_too_long() {
    const std::string flood(300'000, 'x');
    for (const std::size_t step : {100u, 4096u, 1u << 20}) {
      LineBuffer buffer;
      CPPUNIT_ASSERT_EQUAL(std::string{"[a][b]"},
                           cut(buffer, "a\n" + flood + "\nb\n" + flood, step));
      CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, buffer.too_long());
    }
  }

  void takes_lines_as_long_as_they_may_be() {
    const std::string longest(LineBuffer::kLongest, 'x');
    for (const std::size_t step : {100u, 1u << 20}) {
      LineBuffer buffer;
      CPPUNIT_ASSERT_EQUAL("[" + longest + "]", cut(buffer, longest + "\n", step));
      CPPUNIT_ASSERT_EQUAL(std::string{}, cut(buffer, longest + "x\n", step));
    }
  }

  void begins_anew_when_cleared() {
    LineBuffer buffer;
    CPPUNIT_ASSERT_EQUAL(std::string{}, cut(buffer, "half", 10, false));
    buffer.clear();
    CPPUNIT_ASSERT_EQUAL(std::string{"[whole]"}, cut(buffer, "whole\n", 10));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LineBufferTest);

}  // namespace vital::test

// SPDX-License-Identifier: MIT
#include "base/thread_cost.h"

#include <cppunit/extensions/HelperMacros.h>
#include <fcntl.h>

#include <string>

#include "base/fd.h"

namespace vital::test {

class ThreadCostTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ThreadCostTest);
  CPPUNIT_TEST(adds_reads_and_writes);
  CPPUNIT_TEST(knows_nothing_when_one_of_them_is_missing);
  CPPUNIT_TEST(sees_each_read_of_this_thread);
  CPPUNIT_TEST(finds_faults_behind_any_name);
  CPPUNIT_TEST_SUITE_END();

  const std::string text_ =
      "rchar: 6976\nwchar: 12\nsyscr: 10\nsyscw: 3\nread_bytes: 0\nwrite_bytes: 0\n"
      "cancelled_write_bytes: 0\n";

 public:
  void adds_reads_and_writes() {
    CPPUNIT_ASSERT(parse_transfers(text_) == std::optional<std::uint64_t>{13});
  }

  void knows_nothing_when_one_of_them_is_missing() {
    const std::size_t needed = text_.find("read_bytes");
    for (std::size_t length = 0; length < needed; ++length)
      CPPUNIT_ASSERT(!parse_transfers(text_.substr(0, length)));
    CPPUNIT_ASSERT(!parse_transfers("syscr: x\nsyscw: 3\n"));
  }

  void sees_each_read_of_this_thread() {
    const auto null = open_file("/dev/null", O_RDWR);
    const auto before = thread_transfers();
    if (!before) return;  // this kernel does not count
    for (int i = 0; i < 5; ++i) CPPUNIT_ASSERT(write_all(null->get(), "x"));
    CPPUNIT_ASSERT(*thread_transfers() == *before + 1 + 5);
  }

  void finds_faults_behind_any_name() {
    const std::string stat = "71 (a) 1 (b) S 1 71 71 0 -1 4194624 352 7 0 0 0 3\n";
    CPPUNIT_ASSERT(parse_minor_faults(stat) == std::optional<std::uint64_t>{352});
    for (std::size_t length = 0; length < stat.size(); ++length)
      CPPUNIT_ASSERT(!parse_minor_faults(stat.substr(0, length)));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ThreadCostTest);

}  // namespace vital::test

// SPDX-License-Identifier: MIT
#include "df/shares.h"

#include <cppunit/extensions/HelperMacros.h>

#include <limits>
#include <string>

namespace vital::test {
namespace {

struct statvfs file_system(std::uint64_t all, std::uint64_t free, std::uint64_t available) {
  struct statvfs fs {};
  fs.f_bsize = fs.f_frsize = 4096;
  fs.f_blocks = fs.f_files = all;
  fs.f_bfree = fs.f_ffree = free;
  fs.f_bavail = fs.f_favail = available;
  return fs;
}

/// "free reserved used of all".
std::string text_of(const std::optional<df::Shares>& shares) {
  if (!shares) return "none";
  return std::to_string(shares->free) + " " + std::to_string(shares->reserved) + " " +
         std::to_string(shares->used) + " of " + std::to_string(shares->all);
}

}  // namespace

class SharesTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(SharesTest);
  CPPUNIT_TEST(shares_out_blocks_and_inodes);
  CPPUNIT_TEST(knows_file_systems_without_blocks_or_inodes);
  CPPUNIT_TEST(reports_inodes_that_have_run_out);
  CPPUNIT_TEST(leaves_out_the_inodes_of_what_was_made_full);
  CPPUNIT_TEST(makes_odd_numbers_fit_together);
  CPPUNIT_TEST(takes_the_fragment_for_the_size_of_a_block);
  CPPUNIT_TEST(computes_percentages_as_floats);
  CPPUNIT_TEST_SUITE_END();

 public:
  void shares_out_blocks_and_inodes() {
    CPPUNIT_ASSERT_EQUAL(std::string{"30 20 50 of 100"},
                         text_of(df::blocks_of(file_system(100, 50, 30))));
    CPPUNIT_ASSERT_EQUAL(std::string{"30 20 50 of 100"},
                         text_of(df::inodes_of(file_system(100, 50, 30))));
  }

  void knows_file_systems_without_blocks_or_inodes() {
    CPPUNIT_ASSERT_EQUAL(std::string{"none"}, text_of(df::blocks_of(file_system(0, 0, 0))));
    CPPUNIT_ASSERT_EQUAL(std::string{"none"}, text_of(df::inodes_of(file_system(0, 0, 0))));
  }

  void reports_inodes_that_have_run_out() {
    CPPUNIT_ASSERT_EQUAL(std::string{"0 0 100 of 100"},
                         text_of(df::inodes_of(file_system(100, 0, 0))));
  }

  void leaves_out_the_inodes_of_what_was_made_full() {
    struct statvfs image = file_system(100, 0, 0);
    image.f_flag = ST_RDONLY;
    CPPUNIT_ASSERT_EQUAL(std::string{"none"}, text_of(df::inodes_of(image)));
    CPPUNIT_ASSERT_EQUAL(std::string{"0 0 100 of 100"}, text_of(df::blocks_of(image)));
  }

  void makes_odd_numbers_fit_together() {
    const auto shares = [](std::uint64_t all, std::uint64_t free, std::uint64_t available) {
      return text_of(df::blocks_of(file_system(all, free, available)));
    };
    CPPUNIT_ASSERT_EQUAL(std::string{"60 0 40 of 100"}, shares(100, 50, 60));
    CPPUNIT_ASSERT_EQUAL(std::string{"30 90 0 of 120"}, shares(100, 120, 30));
    CPPUNIT_ASSERT_EQUAL(std::string{"0 50 50 of 100"},
                         shares(100, 50, std::numeric_limits<std::uint64_t>::max() - 5));
  }

  void takes_the_fragment_for_the_size_of_a_block() {
    struct statvfs fs = file_system(1, 1, 1);
    fs.f_bsize = 65536;
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{4096}, df::block_size(fs));
    fs.f_frsize = 0;
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{65536}, df::block_size(fs));
  }

  void computes_percentages_as_floats() {
    const auto inodes = df::inodes_of(file_system(3085511, 3085510, 3085510));
    CPPUNIT_ASSERT_EQUAL(99.99996948242188, inodes->percent(inodes->free));
    CPPUNIT_ASSERT_EQUAL(0.0, inodes->percent(inodes->reserved));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SharesTest);

}  // namespace vital::test

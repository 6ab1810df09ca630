// SPDX-License-Identifier: MIT
#include "lib/auth_file.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>

namespace vital::test {

class AuthFileTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(AuthFileTest);
  CPPUNIT_TEST(reads_users_as_collectd_does);
  CPPUNIT_TEST(passes_over_what_names_nobody);
  CPPUNIT_TEST(every_truncation_gives_a_beginning);
  CPPUNIT_TEST_SUITE_END();

  static std::string read(std::string_view text) {
    std::string result;
    for (const auto& [user, password] : parse_auth_file(text))
      result.append("[").append(user).append("|").append(password).append("]");
    return result;
  }

 public:
  void reads_users_as_collectd_does() {
    CPPUNIT_ASSERT_EQUAL(std::string{"[alice|s3cret][bob |x: y ][alice|other][carol|last]"},
                         read("alice: s3cret\n \tbob :\tx: y \r\nalice:other\ncarol:last"));
  }

  void passes_over_what_names_nobody() {
    CPPUNIT_ASSERT_EQUAL(std::string{"[a|b]"},
                         read("# x: y\n\n  # z: y\nno colon\n: nobody\nempty:\nblank:   \na:b\n"));
    CPPUNIT_ASSERT_EQUAL(std::string{}, read(""));
  }

  void every_truncation_gives_a_beginning() {
    const std::string whole = "alice: s3cret\nbob:password\n";
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const auto users = parse_auth_file(std::string_view{whole}.substr(0, size));
      CPPUNIT_ASSERT(users.size() <= 2);
      if (!users.empty()) CPPUNIT_ASSERT(std::string_view{"s3cret"}.starts_with(users[0].second));
    }
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(AuthFileTest);

}  // namespace vital::test

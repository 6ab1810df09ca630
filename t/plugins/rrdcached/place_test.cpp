// SPDX-License-Identifier: MIT
#include "rrdcached/place.h"

#include <cppunit/extensions/HelperMacros.h>

namespace vital::test {
using rrdcached::parse_place;

class RrdcachedPlaceTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(RrdcachedPlaceTest);
  CPPUNIT_TEST(knows_sockets);
  CPPUNIT_TEST(knows_hosts_and_ports);
  CPPUNIT_TEST(refuses_what_is_neither);
  CPPUNIT_TEST_SUITE_END();

  static std::string remote(std::string_view text) {
    const auto place = parse_place(text);
    CPPUNIT_ASSERT(place && !place->is_local());
    return place->host + " " + place->port;
  }

 public:
  void knows_sockets() {
    for (const char* text : {"unix:/run/rrdcached.sock", "/run/rrdcached.sock"})
      CPPUNIT_ASSERT_EQUAL(std::string{"/run/rrdcached.sock"}, parse_place(text)->path);
    CPPUNIT_ASSERT_EQUAL(std::string{"relative"}, parse_place("unix:relative")->path);
  }
  void knows_hosts_and_ports() {
    CPPUNIT_ASSERT_EQUAL(std::string{"rrd.example.org 42217"}, remote("rrd.example.org"));
    CPPUNIT_ASSERT_EQUAL(std::string{"rrd.example.org 99"}, remote("rrd.example.org:99"));
    CPPUNIT_ASSERT_EQUAL(std::string{"2001:db8::1 42217"}, remote("2001:db8::1"));
    CPPUNIT_ASSERT_EQUAL(std::string{"2001:db8::1 42217"}, remote("[2001:db8::1]"));
    CPPUNIT_ASSERT_EQUAL(std::string{"2001:db8::1 99"}, remote("[2001:db8::1]:99"));
  }
  void refuses_what_is_neither() {
    for (const char* text : {"", "unix:", ":99", "host:", "[", "[::1", "[::1]x", "[]:99", "[::1]:"})
      CPPUNIT_ASSERT_MESSAGE(text, !parse_place(text));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RrdcachedPlaceTest);

}  // namespace vital::test

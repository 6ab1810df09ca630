// SPDX-License-Identifier: MIT
#include "network/address.h"

#include <arpa/inet.h>
#include <cppunit/extensions/HelperMacros.h>

namespace vital::test {
using namespace network;

class NetworkAddressTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(NetworkAddressTest);
  CPPUNIT_TEST(addresses_have_text);
  CPPUNIT_TEST(knows_multicast_groups);
  CPPUNIT_TEST(networks_hold_their_addresses);
  CPPUNIT_TEST(refuses_what_is_no_network);
  CPPUNIT_TEST(looks_nothing_up_when_only_digits_are_wanted);
  CPPUNIT_TEST_SUITE_END();

  static Address address(const std::string& host) {
    return resolve(host, "25826", Names::digits_only)->front();
  }
  static bool holds(std::string_view network, const std::string& host) {
    Networks networks;
    CPPUNIT_ASSERT(networks.add(network));
    return networks.contains(address(host).host());
  }

 public:
  void addresses_have_text() {
    CPPUNIT_ASSERT_EQUAL(std::string{"192.0.2.1:25826"},
                         std::string{address("192.0.2.1").text().view()});
    CPPUNIT_ASSERT_EQUAL(std::string{"[2001:db8::1]:25826"},
                         std::string{address("2001:db8::1").text().view()});
    CPPUNIT_ASSERT_EQUAL(std::string{"192.0.2.1"},
                         std::string{address("192.0.2.1").host().text().view()});
    CPPUNIT_ASSERT(address("::ffff:192.0.2.1").host() == address("192.0.2.1").host());
  }

  void knows_multicast_groups() {
    CPPUNIT_ASSERT(address("239.192.74.66").is_multicast());
    CPPUNIT_ASSERT(address("ff18::efc0:4a42").is_multicast());
    CPPUNIT_ASSERT(!address("127.0.0.1").is_multicast());
    CPPUNIT_ASSERT(!address("::1").is_multicast());
  }

  void networks_hold_their_addresses() {
    CPPUNIT_ASSERT(holds("192.0.2.0/24", "192.0.2.255"));
    CPPUNIT_ASSERT(!holds("192.0.2.0/24", "192.0.3.0"));
    CPPUNIT_ASSERT(holds("10.0.0.0/9", "10.127.0.1"));
    CPPUNIT_ASSERT(!holds("10.0.0.0/9", "10.128.0.1"));
    CPPUNIT_ASSERT(holds("10.1.2.3", "10.1.2.3"));
    CPPUNIT_ASSERT(!holds("10.1.2.3", "10.1.2.2"));
    CPPUNIT_ASSERT(holds("0.0.0.0/0", "203.0.113.9"));
    CPPUNIT_ASSERT(!holds("0.0.0.0/0", "2001:db8::1"));
    CPPUNIT_ASSERT(holds("::/0", "2001:db8::1"));
    CPPUNIT_ASSERT(holds("2001:db8::/33", "2001:db8:7fff::1"));
    CPPUNIT_ASSERT(!holds("2001:db8::/33", "2001:db8:8000::1"));
    CPPUNIT_ASSERT(!Networks{}.contains(address("10.1.2.3").host()));
  }

  void refuses_what_is_no_network() {
    for (const char* text : {"", "host", "192.0.2.0/33", "192.0.2.0/", "192.0.2.0/x", "1.2.3",
                             "2001:db8::/129", "192.0.2.0/-1", "192.0.2.0/8/8"})
      CPPUNIT_ASSERT_MESSAGE(text, !Networks{}.add(text));
  }

  void looks_nothing_up_when_only_digits_are_wanted() {
    const auto none = resolve("localhost", "25826", Names::digits_only);
    CPPUNIT_ASSERT(!none);
    CPPUNIT_ASSERT(none.error().code() == Errc::malformed);
    CPPUNIT_ASSERT(!resolve("", "25826", Names::digits_only)->empty());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(NetworkAddressTest);

}  // namespace vital::test

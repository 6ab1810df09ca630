// SPDX-License-Identifier: MIT
#include "network/socket.h"

#include <cppunit/extensions/HelperMacros.h>
#include <net/if.h>

#include "support/recording_writer.h"
#include "support/udp_socket.h"

namespace vital::test {
using namespace network;

class NetworkSocketTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(NetworkSocketTest);
  CPPUNIT_TEST(packets_live_as_long_as_they_should);
  CPPUNIT_TEST(multicast_leaves_by_its_interface);
  CPPUNIT_TEST(an_interface_that_is_not_there_is_said);
  CPPUNIT_TEST(an_address_has_one_owner_and_a_group_many);
  CPPUNIT_TEST(says_when_the_buffer_is_smaller);
  CPPUNIT_TEST_SUITE_END();

  RecordingSink sink_;
  LogHub hub_;
  Log log_{hub_, "network"};

  static Address address(const std::string& host, int port = 25826) {
    return resolve(host, std::to_string(port), Names::digits_only)->front();
  }
  static int option(const Fd& socket, int level, int name) {
    int value = -1;
    socklen_t size = sizeof value;
    CPPUNIT_ASSERT_EQUAL(0, ::getsockopt(socket.get(), level, name, &value, &size));
    return value;
  }
  Fd sender(const std::string& host, const SendOptions& options) {
    auto socket = open_sender(address(host), options, log_);
    CPPUNIT_ASSERT(socket);
    return std::move(*socket);
  }

 public:
  void setUp() override { hub_.add(sink_); }

  void packets_live_as_long_as_they_should() {
    SendOptions options;
    options.time_to_live = 42;
    CPPUNIT_ASSERT_EQUAL(42, option(sender("127.0.0.1", options), IPPROTO_IP, IP_TTL));
    CPPUNIT_ASSERT_EQUAL(42, option(sender("239.0.0.1", options), IPPROTO_IP, IP_MULTICAST_TTL));
    CPPUNIT_ASSERT_EQUAL(42, option(sender("::1", options), IPPROTO_IPV6, IPV6_UNICAST_HOPS));
    CPPUNIT_ASSERT_EQUAL(42, option(sender("ff18::1", options), IPPROTO_IPV6, IPV6_MULTICAST_HOPS));
    CPPUNIT_ASSERT_EQUAL(1, option(sender("239.0.0.1", {}), IPPROTO_IP, IP_MULTICAST_TTL));
  }

  void multicast_leaves_by_its_interface() {
    SendOptions options;
    options.interface = "lo";
    CPPUNIT_ASSERT_EQUAL(static_cast<int>(::if_nametoindex("lo")),
                         option(sender("ff18::1", options), IPPROTO_IPV6, IPV6_MULTICAST_IF));
    CPPUNIT_ASSERT_EQUAL(std::string{}, sink_.text());
  }

  void an_interface_that_is_not_there_is_said() {
    SendOptions options;
    options.interface = "nowhere0";
    (void)sender("127.0.0.1", options);
    CPPUNIT_ASSERT_EQUAL(std::string{"warning: network: there is no network interface nowhere0; "
                                     "the system chooses one\n"},
                         sink_.text());
  }

  void an_address_has_one_owner_and_a_group_many() {
    const int port = free_port();
    const ListenOptions options{.interface = "lo", .buffer = 65536};
    const auto first = open_listener(address("127.0.0.1", port), options, log_);
    CPPUNIT_ASSERT(first);
    const auto second = open_listener(address("127.0.0.1", port), options, log_);
    CPPUNIT_ASSERT(!second);
    CPPUNIT_ASSERT_EQUAL(EADDRINUSE, second.error().number());
    const auto one = open_listener(address("239.192.74.66", port), options, log_);
    const auto other = open_listener(address("239.192.74.66", port), options, log_);
    CPPUNIT_ASSERT(one && other);
  }

  void says_when_the_buffer_is_smaller() {
    const Address here = address("127.0.0.1", free_port());
    const ListenOptions options{.interface = {}, .buffer = 1 << 16, .say_if_small = true};
    CPPUNIT_ASSERT(open_listener(here, options, log_));
    CPPUNIT_ASSERT_EQUAL(std::string{}, sink_.text());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(NetworkSocketTest);

}  // namespace vital::test

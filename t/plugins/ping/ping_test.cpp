// SPDX-License-Identifier: MIT
#include <cppunit/extensions/HelperMacros.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <thread>

#include "plugin/setup.h"
#include "support/plugin_under_test.h"

namespace vital::test {
using namespace std::chrono_literals;

class PingTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(PingTest);
  CPPUNIT_TEST(needs_a_host);
  CPPUNIT_TEST(refuses_what_cannot_be_sent);
  CPPUNIT_TEST(reports_nothing_before_it_has_pinged);
  CPPUNIT_TEST(a_timeout_beyond_the_interval_is_shortened);
  CPPUNIT_TEST(a_short_interval_shortens_the_default_timeout);
  CPPUNIT_TEST(pings_this_host);
  CPPUNIT_TEST_SUITE_END();

  TemporaryDirectory root_;

  static bool may_ping() {
    return static_cast<bool>(Fd{::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP)});
  }

 public:
  void needs_a_host() {
    CPPUNIT_ASSERT_THROW((PluginUnderTest{"ping", root_.path()}), ConfigError);
    CPPUNIT_ASSERT_THROW((PluginUnderTest{"ping", root_.path(), "Interval 2"}), ConfigError);
  }

  void refuses_what_cannot_be_sent() {
    for (const char* option : {"TTL 0", "TTL 256", "Size 4069", "Size -1", "Interval 0",
                               "Timeout 0", "AddressFamily ipx"})
      CPPUNIT_ASSERT_THROW(
          (PluginUnderTest{"ping", root_.path(), "Host a\n" + std::string{option}}), ConfigError);
  }

  void reports_nothing_before_it_has_pinged() {
    PluginUnderTest ping{"ping", root_.path(), "Host 127.0.0.1 ::1\nHost localhost LOCALHOST"};
    CPPUNIT_ASSERT(ping.read());
    CPPUNIT_ASSERT(ping.read());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, ping.allocations());
    CPPUNIT_ASSERT_EQUAL(std::string{}, ping.recorded());
    CPPUNIT_ASSERT_EQUAL(std::string{}, ping.logged());
  }

  void a_timeout_beyond_the_interval_is_shortened() {
    PluginUnderTest ping{"ping", root_.path(), "Host a\nInterval 0.5\nTimeout 2"};
    CPPUNIT_ASSERT_EQUAL(std::string{"warning: ping: Timeout is longer than Interval, so replies "
                                     "are waited for 0.45 s\n"},
                         ping.logged());
  }

  void a_short_interval_shortens_the_default_timeout() {
    PluginUnderTest ping{"ping", root_.path(), "Host a\nInterval 0.5"};
    CPPUNIT_ASSERT_EQUAL(std::string{}, ping.logged());
  }

  void pings_this_host() {
    if (!may_ping()) return;  // an unprivileged run
    PluginUnderTest ping{"ping", root_.path(), "Host 127.0.0.1\nInterval 0.02\nMaxMissed 5"};
    CPPUNIT_ASSERT(ping.start());
    std::string recorded;
    for (int attempt = 0; attempt < 500 && recorded.empty(); ++attempt) {
      std::this_thread::sleep_for(10ms);  // the network's time is real
      CPPUNIT_ASSERT(ping.read());
      recorded = ping.recorded();
    }
    CPPUNIT_ASSERT(recorded.starts_with("ping/ping-127.0.0.1 0."));
    CPPUNIT_ASSERT(recorded.find("ping/ping_stddev-127.0.0.1 0") != std::string::npos);
    CPPUNIT_ASSERT(recorded.find("ping/ping_droprate-127.0.0.1 0\n") != std::string::npos);
    CPPUNIT_ASSERT(ping.read());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, ping.allocations());
    CPPUNIT_ASSERT_EQUAL(std::string{}, ping.logged());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PingTest);

}  // namespace vital::test

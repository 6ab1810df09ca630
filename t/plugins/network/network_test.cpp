// SPDX-License-Identifier: MIT
#include <cppunit/extensions/HelperMacros.h>

#include "config/problem.h"
#include "support/plugin_under_test.h"
#include "support/udp_socket.h"

namespace vital::test {
using network::Trust;

/// The plugin as the daemon runs it, on the loopback interface.
class NetworkTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(NetworkTest);
  CPPUNIT_TEST(sends_to_its_servers);
  CPPUNIT_TEST(receives_on_each_address);
  CPPUNIT_TEST(receives_with_several_threads);
  CPPUNIT_TEST(reads_its_users_again_when_they_change);
  CPPUNIT_TEST(what_arrived_before_the_stop_is_taken);
  CPPUNIT_TEST(packets_that_are_too_large_are_cut);
  CPPUNIT_TEST(an_address_in_use_is_said);
  CPPUNIT_TEST(reports_what_it_did);
  CPPUNIT_TEST(takes_options_as_people_write_them);
  CPPUNIT_TEST(refuses_options_that_cannot_be);
  CPPUNIT_TEST_SUITE_END();

  UdpSocket peer_;

  static std::string listen(int port, const std::string& host = "127.0.0.1") {
    return "Listen \"" + host + "\" \"" + std::to_string(port) + "\"\n";
  }
  static Packet value(std::uint64_t number, std::string_view host = "h") {
    return Parts{}.names(host, "counter", 1'700'000'000 + number).value(0, number);
  }

 public:
  void sends_to_its_servers() {
    UdpSocket other;
    PluginUnderTest plugin{"network", "/",
                           "Server " + peer_.option() + "\n<Server " + other.option() +
                               ">\n SecurityLevel sign\n Username alice\n Password s3cret\n"
                               "</Server>"};
    CPPUNIT_ASSERT(plugin.start());
    CPPUNIT_ASSERT(
        plugin.write("alpha/ex/gauge-a interval=10 1700000000:42.5\n"
                     "alpha/ex-inst/if_octets-eth0 interval=10 1700000000:1000:2000\n"
                     "alpha/ex/counter interval=10 1700000000:4294967295\n"
                     "alpha/ex/gauge-a interval=10 1700000010.5:U"));
    CPPUNIT_ASSERT(plugin.flush());
    CPPUNIT_ASSERT(peer_.receive() == captured("several-plain"));
    CPPUNIT_ASSERT(other.receive() == captured("several-signed"));
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, plugin.notifiers());
    plugin.stop();
  }

  void receives_on_each_address() {
    const int one = free_port(), two = free_port();
    PluginUnderTest plugin{"network", "/",
                           listen(one) + listen(two) + listen(two, "::1") + listen(one, "::")};
    CPPUNIT_ASSERT(plugin.start());
    peer_.send(value(1, "a"), one);
    peer_.send(value(2, "b"), two);
    CPPUNIT_ASSERT(plugin.await_recorded(2));
    CPPUNIT_ASSERT_EQUAL(std::string{"a/p/counter 1\nb/p/counter 2\n"}, plugin.sorted());
    CPPUNIT_ASSERT_EQUAL(std::string{}, plugin.logged());
    plugin.stop();
  }

  void receives_with_several_threads() {
    const int port = free_port();
    PluginUnderTest plugin{"network", "/", listen(port) + "ReceiveThreads 3"};
    CPPUNIT_ASSERT(plugin.start());
    for (std::uint64_t i = 0; i < 20; ++i) UdpSocket{}.send(value(i), port);
    CPPUNIT_ASSERT(plugin.await_recorded(20));
    CPPUNIT_ASSERT_EQUAL(std::string{}, plugin.logged());
    plugin.stop();
  }

  void reads_its_users_again_when_they_change() {
    const TemporaryDirectory directory;
    directory.write("users", "alice: s3cret\n");
    const int port = free_port();
    PluginUnderTest plugin{"network", "/",
                           "<Listen \"127.0.0.1\" \"" + std::to_string(port) +
                               "\">\nSecurityLevel Encrypt\nAuthFile \"" + directory.path() +
                               "/users\"\n</Listen>"};
    CPPUNIT_ASSERT(plugin.start());
    peer_.send(secured(value(1), Trust::encrypted), port);
    CPPUNIT_ASSERT(plugin.await_recorded(1));
    directory.write("users", "alice: changed\n");
    plugin.fake_clock().advance(std::chrono::seconds{2});
    peer_.send(secured(value(2), Trust::encrypted), port);
    peer_.send(secured(value(3), Trust::encrypted, "alice", "changed"), port);
    CPPUNIT_ASSERT(plugin.await_recorded(2));
    directory.remove("users");
    plugin.fake_clock().advance(std::chrono::seconds{2});
    peer_.send(secured(value(4), Trust::encrypted, "alice", "changed"), port);
    CPPUNIT_ASSERT(plugin.await_recorded(3));
    plugin.stop();
    CPPUNIT_ASSERT_EQUAL(std::string{"h/p/counter 1\nh/p/counter 3\nh/p/counter 4\n"},
                         plugin.recorded());
    const std::string logged = plugin.logged();
    CPPUNIT_ASSERT(logged.find("127.0.0.1 are dropped: bad_signature") != std::string::npos);
    CPPUNIT_ASSERT(logged.find("reading the AuthFile fails") != std::string::npos);
  }

  void what_arrived_before_the_stop_is_taken() {
    const int port = free_port();
    PluginUnderTest plugin{"network", "/", listen(port)};
    CPPUNIT_ASSERT(plugin.start());
    for (std::uint64_t i = 0; i < 100; ++i) peer_.send(value(i), port);
    plugin.stop();
    CPPUNIT_ASSERT(plugin.await_recorded(100));
  }

  void packets_that_are_too_large_are_cut() {
    const int port = free_port();
    PluginUnderTest plugin{"network", "/", listen(port) + "MaxPacketSize 1024\nReportStats true"};
    CPPUNIT_ASSERT(plugin.start());
    Parts parts;
    parts.names();
    for (int i = 0; i < 200; ++i) parts.text(5, std::to_string(i)).value(1);
    peer_.send(parts, port);
    CPPUNIT_ASSERT(plugin.await_recorded(20));
    plugin.stop();
    (void)plugin.recorded();
    CPPUNIT_ASSERT(plugin.read());
    CPPUNIT_ASSERT(plugin.recorded().find("network/packets-dropped-cut 1\n") != std::string::npos);
  }

  void an_address_in_use_is_said() {
    PluginUnderTest plugin{"network", "/",
                           "Listen \"0.0.0.0\" \"" + std::to_string(peer_.port()) + "\"\n"};
    CPPUNIT_ASSERT(plugin.start());
    plugin.stop();
    CPPUNIT_ASSERT_EQUAL("error: network: listening fails: 0.0.0.0:" +
                             std::to_string(peer_.port()) + ": Address already in use\n",
                         plugin.logged());
  }

  void reports_what_it_did() {
    const int port = free_port();
    PluginUnderTest plugin{"network", "/",
                           listen(port) + "Server " + peer_.option() + "\nReportStats true"};
    CPPUNIT_ASSERT(plugin.start());
    CPPUNIT_ASSERT(plugin.write("alpha/ex/gauge-a interval=10 1700000000:42.5"));
    CPPUNIT_ASSERT(plugin.flush());
    const auto sent = peer_.receive();
    peer_.send(*sent, port);  // our own comes back
    peer_.send(Parts{}.names("h", "invented").value(1), port);
    peer_.send(value(1), port);
    CPPUNIT_ASSERT(plugin.await_recorded(1));
    plugin.stop();
    (void)plugin.recorded();
    CPPUNIT_ASSERT(plugin.read());
    const std::string text = plugin.recorded();
    const auto says = [&](const std::string& line) {
      CPPUNIT_ASSERT_MESSAGE(line + "\n" + text, text.find(line + "\n") != std::string::npos);
    };
    const std::size_t octets =
        sent->size() + value(1).size() + Packet{Parts{}.names("h", "invented").value(1)}.size();
    says("network/if_octets " + std::to_string(octets) + " " + std::to_string(sent->size()));
    says("network/if_packets 3 1");
    says("network/if_dropped 0 0");
    says("network/total_values-dispatch-accepted 1");
    says("network/total_values-dispatch-rejected 1");
    says("network/total_values-send-accepted 1");
    says("network/total_values-send-rejected 0");
    CPPUNIT_ASSERT(text.find("network/queue_length ") != std::string::npos);  // as last looked at
    says("network/total_values-dropped-unknown_type 1");
    says("network-127.0.0.1/total_values-dropped-unknown_type 1");
    says("network-127.0.0.1/total_values-dropped-looped 1");
  }

  void takes_options_as_people_write_them() {
    PluginUnderTest plugin{"network", "/",
                           "<Server \"ff18::efc0:4a42\" \"25826\">\n Interface lo\n</Server>\n"
                           "Server \"239.192.74.66\"\n"
                           "<Server \"192.0.2.1\" 25826>\n BindAddress \"127.0.0.1\"\n"
                           " ResolveInterval 14400\n</Server>\n"
                           "TimeToLive 128\nMaxPacketSize 1024\nForward true\nReportStats on\n"};
    CPPUNIT_ASSERT_EQUAL(std::string{}, plugin.logged());
  }

  void refuses_options_that_cannot_be() {
    for (const char* options :
         {"<Server \"h\">\nSecurityLevel Sign\n</Server>",
          "<Server \"h\">\nSecurityLevel Encrypt\nUsername a\n</Server>",
          "<Server \"h\">\nSecurityLevel Sometimes\n</Server>",
          "<Server \"h\">\nBindAddress \"localhost\"\n</Server>", "Server \"a\" \"b\" \"c\"",
          "<Listen \"::\">\nSecurityLevel Encrypt\n</Listen>",
          "<Listen \"::\">\nAllow \"everybody\"\n</Listen>", "TimeToLive 0", "TimeToLive 256",
          "MaxPacketSize 1023", "MaxPacketSize 65536", "ReceiveThreads 0", "MaxSeries 0"})
      CPPUNIT_ASSERT_THROW_MESSAGE(options, (PluginUnderTest{"network", "/", options}),
                                   ConfigError);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(NetworkTest);

}  // namespace vital::test

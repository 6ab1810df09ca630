// SPDX-License-Identifier: MIT
#include "lib/endpoint.h"

#include <arpa/inet.h>
#include <cppunit/extensions/HelperMacros.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace vital::test {
using namespace std::chrono_literals;

class EndpointTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(EndpointTest);
  CPPUNIT_TEST(knows_hosts_and_ports);
  CPPUNIT_TEST(rejects_what_is_neither);
  CPPUNIT_TEST(connects_to_who_listens);
  CPPUNIT_TEST(says_why_nobody_takes_a_connection);
  CPPUNIT_TEST_SUITE_END();

  static std::string parsed(std::string_view text) {
    const auto endpoint = parse_endpoint(text, "2003");
    return endpoint ? endpoint->text() : "?";
  }

 public:
  void knows_hosts_and_ports() {
    for (const auto& [text, expected] : {std::pair{"carbon", "carbon:2003"},
                                         {"carbon:80", "carbon:80"},
                                         {"192.0.2.1:http", "192.0.2.1:http"},
                                         {"2001:db8::1", "[2001:db8::1]:2003"},
                                         {"[2001:db8::1]", "[2001:db8::1]:2003"},
                                         {"[2001:db8::1]:80", "[2001:db8::1]:80"}})
      CPPUNIT_ASSERT_EQUAL(std::string{expected}, parsed(text));
  }

  void rejects_what_is_neither() {
    for (const char* const text : {"", ":80", "carbon:", "[::1", "[::1]80", "[]:80"})
      CPPUNIT_ASSERT_EQUAL_MESSAGE(text, std::string{"?"}, parsed(text));
  }

  void connects_to_who_listens() {
    const Fd listener{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    CPPUNIT_ASSERT(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
    CPPUNIT_ASSERT(::listen(listener.get(), 1) == 0);
    ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size);
    const Endpoint endpoint{"127.0.0.1", std::to_string(ntohs(address.sin_port))};
    CPPUNIT_ASSERT(connect_to(endpoint, Transport::tcp, 5s));
    CPPUNIT_ASSERT(connect_to(endpoint, Transport::udp, 5s));
  }

  void says_why_nobody_takes_a_connection() {
    const auto refused = connect_to({"127.0.0.1", "1"}, Transport::tcp, 5s);
    CPPUNIT_ASSERT(!refused);
    CPPUNIT_ASSERT(refused.error().code() == Errc::temporary);
    CPPUNIT_ASSERT_EQUAL(std::string{"127.0.0.1:1: Connection refused"},
                         std::string{refused.error().message().view()});
    const auto unknown = connect_to({"127.0.0.1", "no-such-service"}, Transport::tcp, 5s);
    CPPUNIT_ASSERT(!unknown);
    CPPUNIT_ASSERT(unknown.error().message().view().find("127.0.0.1:no-such-service: ") !=
                   std::string_view::npos);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(EndpointTest);

}  // namespace vital::test

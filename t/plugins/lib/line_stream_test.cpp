// SPDX-License-Identifier: MIT
#include "lib/line_stream.h"

#include <arpa/inet.h>
#include <cppunit/extensions/HelperMacros.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <thread>

#include "support/fake_clock.h"
#include "support/recording_writer.h"

namespace vital::test {
using namespace std::chrono_literals;

class LineStreamTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(LineStreamTest);
  CPPUNIT_TEST(what_is_acknowledged_has_arrived_when_the_time_of_grace_is_over);
  CPPUNIT_TEST(after_a_reset_what_came_late_is_lost);
  CPPUNIT_TEST(after_a_close_in_order_everything_has_arrived);
  CPPUNIT_TEST(a_peer_that_takes_nothing_is_given_up);
  CPPUNIT_TEST(packets_hold_whole_lines);
  CPPUNIT_TEST(a_refusal_that_is_seen_late_is_one_all_the_same);
  CPPUNIT_TEST_SUITE_END();

  /// A server in this very thread.
  struct Server {
    explicit Server(int type) : socket{::socket(AF_INET, type | SOCK_CLOEXEC, 0)} {
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      socklen_t size = sizeof address;
      CPPUNIT_ASSERT(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
      if (type == SOCK_STREAM) CPPUNIT_ASSERT(::listen(socket.get(), 4) == 0);
      ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
      port = std::to_string(ntohs(address.sin_port));
    }
    void accept() {
      peer.reset(::accept4(socket.get(), nullptr, nullptr, SOCK_CLOEXEC));
      CPPUNIT_ASSERT(peer);
    }
    std::string receive(const Fd& from) const {
      char buffer[65536];
      const ssize_t count = ::recv(from.get(), buffer, sizeof buffer, 0);
      return {buffer, static_cast<std::size_t>(std::max<ssize_t>(count, 0))};
    }
    Fd socket, peer;
    std::string port;
  };

  FakeClock clock_;
  RecordingSink sink_;
  LogHub hub_;

  LineStream stream(const Server& server, Transport transport) {
    return LineStream{{.targets = {{"127.0.0.1", server.port}}, .transport = transport},
                      clock_,
                      Log{hub_, "test"}};
  }
  static void send(LineStream& stream, std::string_view line) {
    CPPUNIT_ASSERT(stream.begin());
    stream.text() += line;
    stream.end();
    stream.push();
  }
  /// Asks until the peer's kernel has had the time to say so.
  std::uint64_t arrived(LineStream& stream, std::uint64_t wanted) {
    std::uint64_t all = 0;
    for (int i = 0; i < 500 && all < wanted; ++i) {
      std::uint64_t count = 0;
      CPPUNIT_ASSERT(stream.settle(count));
      all += count;
      clock_.advance(10ms);
      std::this_thread::sleep_for(2ms);
    }
    return all;
  }

 public:
  void setUp() override { hub_.add(sink_); }

  void what_is_acknowledged_has_arrived_when_the_time_of_grace_is_over() {
    Server server{SOCK_STREAM};
    LineStream test = stream(server, Transport::tcp);
    send(test, "a 1 1\n");
    server.accept();
    std::uint64_t count = 0;
    CPPUNIT_ASSERT(test.settle(count));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, count);
    send(test, "b 2 2\n");
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, arrived(test, 2));
    CPPUNIT_ASSERT_EQUAL(std::string{"a 1 1\nb 2 2\n"}, server.receive(server.peer));
  }

  void after_a_reset_what_came_late_is_lost() {
    Server server{SOCK_STREAM};
    LineStream test = stream(server, Transport::tcp);
    send(test, "a 1 1\n");
    server.accept();
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, arrived(test, 1));
    send(test, "b 2 2\n");
    while (server.receive(server.peer).find('b') == std::string::npos) continue;
    const linger reset{1, 0};
    ::setsockopt(server.peer.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    server.peer.reset();
    clock_.advance(20ms);
    std::uint64_t count = 0;
    CPPUNIT_ASSERT(!test.settle(count));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, count);
    send(test, "b 2 2\n");  // on a new connection
    server.accept();
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, arrived(test, 1));
  }

  void after_a_close_in_order_everything_has_arrived() {
    Server server{SOCK_STREAM};
    LineStream test = stream(server, Transport::tcp);
    send(test, "a 1 1\n");
    server.accept();
    CPPUNIT_ASSERT_EQUAL(std::string{"a 1 1\n"}, server.receive(server.peer));
    server.peer.reset();
    clock_.advance(20ms);
    std::uint64_t count = 0;
    CPPUNIT_ASSERT(test.settle(count));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, count);
  }

  void a_peer_that_takes_nothing_is_given_up() {
    Server server{SOCK_STREAM};
    LineStream test = stream(server, Transport::tcp);
    const std::string line = std::string(999, 'x') + "\n";
    Status status = test.begin();
    for (int i = 0; i < 20'000 && status; ++i) {
      test.text() += line;
      test.end();
      status = test.begin();
    }
    CPPUNIT_ASSERT(!status);
    CPPUNIT_ASSERT(status.error().code() == Errc::timed_out);
    clock_.advance(20ms);
    std::uint64_t count = 0;
    CPPUNIT_ASSERT(test.settle(count));  // the peer may yet take it
    clock_.advance(11s);
    CPPUNIT_ASSERT(!test.settle(count));
  }

  void packets_hold_whole_lines() {
    Server server{SOCK_DGRAM};
    LineStream test = stream(server, Transport::udp);
    CPPUNIT_ASSERT(test.begin());
    std::string all;
    for (int i = 0; i < 100; ++i) all += "a.long.name.of.something " + std::to_string(i) + " 1\n";
    test.text() += all;
    test.end();
    test.push();
    std::string received;
    while (received.size() < all.size()) {
      const std::string packet = server.receive(server.socket);
      CPPUNIT_ASSERT(packet.size() <= 1428);
      CPPUNIT_ASSERT(packet.ends_with('\n'));
      received += packet;
    }
    CPPUNIT_ASSERT_EQUAL(all, received);
    clock_.advance(200ms);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, arrived(test, 1));
  }

  void a_refusal_that_is_seen_late_is_one_all_the_same() {
    Server server{SOCK_DGRAM};
    LineStream test = stream(server, Transport::udp);
    server.socket.reset();
    send(test, "a 1 1\n");
    clock_.advance(10s);
    std::uint64_t count = 0;
    CPPUNIT_ASSERT(!test.settle(count));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, count);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LineStreamTest);

}  // namespace vital::test

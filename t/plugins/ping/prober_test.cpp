// SPDX-License-Identifier: MIT
#include "ping/prober.h"

#include <cppunit/extensions/HelperMacros.h>

#include <thread>

#include "plugins/ping/fake_network.h"
#include "support/recording_writer.h"

namespace vital::test {
using namespace std::chrono_literals;
using ping::Prober;

class ProberTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ProberTest);
  CPPUNIT_TEST(pings_at_its_interval);
  CPPUNIT_TEST(what_was_taken_is_not_told_again);
  CPPUNIT_TEST(a_silent_host_is_lost_and_the_others_are_not);
  CPPUNIT_TEST(a_host_without_address_is_tried_again_more_and_more_rarely);
  CPPUNIT_TEST(slow_names_do_not_keep_known_hosts_waiting);
  CPPUNIT_TEST(addresses_come_before_names);
  CPPUNIT_TEST(a_host_that_stays_silent_is_looked_up_again);
  CPPUNIT_TEST(a_failed_renewal_keeps_the_old_address);
  CPPUNIT_TEST(an_address_is_never_looked_up_again);
  CPPUNIT_TEST(no_permission_is_said_once_and_tried_again);
  CPPUNIT_TEST(one_host_that_cannot_be_sent_to_leaves_the_others);
  CPPUNIT_TEST(new_sockets_when_nothing_can_be_sent);
  CPPUNIT_TEST(says_what_has_not_come_back);
  CPPUNIT_TEST(a_call_that_hangs_is_left_behind_in_silence);
  CPPUNIT_TEST_SUITE_END();

  std::shared_ptr<FakeClock> clock_ = std::make_shared<FakeClock>();
  LogHub hub_;
  RecordingSink sink_;
  FakeNetwork network_;
  std::shared_ptr<Prober> prober_;
  std::thread thread_;

  void start(std::vector<std::string> hosts, std::optional<unsigned> max_missed = {}) {
    network_.clock = clock_.get();
    const auto open = [this] { return FakeEcho::open(network_); };
    prober_ = std::make_shared<Prober>(
        ping::ProbePlan{.hosts = std::move(hosts), .interval = 1s, .max_missed = max_missed}, open,
        clock_, Log{hub_, "ping"});
    thread_ = std::thread{[prober = prober_] { prober->run(); }};
    clock_->await_sleeper();
  }
  void stop() {
    if (!thread_.joinable()) return;
    prober_->stop();
    thread_.join();
  }
  void pass(std::chrono::seconds length) {
    for (auto second = 0s; second < length; ++second) {
      clock_->advance(1s);
      clock_->await_sleeper();
    }
  }
  std::string taken(std::size_t host) {
    const ping::Tally tally = prober_->take(host);
    Text<64> text;
    text.add(tally.received()).add(" of ").add(tally.sent());
    return std::string{text.view()};
  }

 public:
  void setUp() override { hub_.add(sink_); }
  void tearDown() override { stop(); }

  void pings_at_its_interval() {
    start({"a", "b"});
    pass(9s);
    CPPUNIT_ASSERT_EQUAL(std::string{"10 of 10"}, taken(0));
    CPPUNIT_ASSERT_EQUAL(std::string{"10 of 10"}, taken(1));
    CPPUNIT_ASSERT_EQUAL(std::string{"add(a) add(b) "}, network_.take_calls());
    stop();
    CPPUNIT_ASSERT_EQUAL(std::string{}, sink_.text());
  }

  void what_was_taken_is_not_told_again() {
    start({"a"});
    CPPUNIT_ASSERT_EQUAL(std::string{"1 of 1"}, taken(0));
    CPPUNIT_ASSERT_EQUAL(std::string{"0 of 0"}, taken(0));
    pass(2s);
    CPPUNIT_ASSERT_EQUAL(std::string{"2 of 2"}, taken(0));
  }

  void a_silent_host_is_lost_and_the_others_are_not() {
    network_.silent = {"b"};
    start({"a", "b"});
    pass(3s);
    CPPUNIT_ASSERT_EQUAL(std::string{"4 of 4"}, taken(0));
    CPPUNIT_ASSERT_EQUAL(std::string{"0 of 4"}, taken(1));
  }

  void a_host_without_address_is_tried_again_more_and_more_rarely() {
    network_.nameless = {"b"};
    start({"a", "b"});
    pass(75s);  // at 0, 10, 30 and 70 s
    CPPUNIT_ASSERT_EQUAL(std::string{"add(a) add(b) add(b) add(b) add(b) "}, network_.take_calls());
    CPPUNIT_ASSERT_EQUAL(std::string{"0 of 0"}, taken(1));
    CPPUNIT_ASSERT_EQUAL(std::string{"76 of 76"}, taken(0));
    network_.change([this] { network_.nameless.clear(); });
    pass(76s);
    CPPUNIT_ASSERT_EQUAL(std::string{"add(b) "}, network_.take_calls());
    CPPUNIT_ASSERT_EQUAL(std::string{"2 of 2"}, taken(1));
    stop();
    CPPUNIT_ASSERT_EQUAL(std::string{"warning: ping: looking up b fails: no such name\n"
                                     "notice: ping: looking up b works again after 4 failures\n"},
                         sink_.text());
  }

  void slow_names_do_not_keep_known_hosts_waiting() {
    network_.slow_names = true;
    network_.nameless = {"b", "c"};
    start({"a", "b", "c"});
    // Only one look-up fits into a turn, and behind each of them those that are known are pinged.
    for (int turn = 0; turn < 4; ++turn) pass(1s);
    const std::lock_guard lock{network_.mutex};
    CPPUNIT_ASSERT_EQUAL(std::string{"add(a) add(b) add(c) "}, network_.calls.substr(0, 21));
    CPPUNIT_ASSERT(network_.rounds >= 4);
  }

  void addresses_come_before_names() {
    start({"name", "192.0.2.1", "other", "fe80::1%eth0"});
    CPPUNIT_ASSERT_EQUAL(std::string{"add(192.0.2.1) add(fe80::1%eth0) add(name) add(other) "},
                         network_.take_calls());
    CPPUNIT_ASSERT_EQUAL(std::string{"1 of 1"}, taken(3));
  }

  void a_host_that_stays_silent_is_looked_up_again() {
    network_.silent = {"b"};
    start({"a", "b"}, 3);
    CPPUNIT_ASSERT_EQUAL(std::string{"add(a) add(b) "}, network_.take_calls());
    pass(2s);
    CPPUNIT_ASSERT_EQUAL(std::string{}, network_.take_calls());
    pass(38s);  // not more often than every 10 s
    CPPUNIT_ASSERT_EQUAL(std::string{"renew(b) renew(b) renew(b) renew(b) "},
                         network_.take_calls());
    network_.change([this] { network_.silent.clear(); });
    pass(20s);
    CPPUNIT_ASSERT_EQUAL(std::string{}, network_.take_calls());
    CPPUNIT_ASSERT_EQUAL(std::string{"20 of 61"}, taken(1));
    stop();
    CPPUNIT_ASSERT_EQUAL(std::string{"notice: ping: b has left 3 requests in a row unanswered; its "
                                     "address is looked up again\n"
                                     "notice: ping: b answers again\n"},
                         sink_.text());
  }

  void a_failed_renewal_keeps_the_old_address() {
    start({"b"}, 3);
    network_.change([this] { network_.silent = network_.nameless = {"b"}; });
    pass(100s);
    CPPUNIT_ASSERT_EQUAL(std::string{"1 of 101"}, taken(0));
    network_.change([this] { network_.silent.clear(); });
    pass(10s);
    CPPUNIT_ASSERT_EQUAL(std::string{"10 of 10"}, taken(0));
  }

  void an_address_is_never_looked_up_again() {
    network_.silent = {"192.0.2.1"};
    start({"192.0.2.1"}, 3);
    pass(60s);
    CPPUNIT_ASSERT_EQUAL(std::string{"add(192.0.2.1) "}, network_.take_calls());
    stop();
    CPPUNIT_ASSERT_EQUAL(std::string{}, sink_.text());
  }

  void no_permission_is_said_once_and_tried_again() {
    network_.closed = true;
    start({"a"});
    pass(75s);
    CPPUNIT_ASSERT_EQUAL(4, network_.opened);
    CPPUNIT_ASSERT_EQUAL(std::string{"0 of 0"}, taken(0));
    network_.change([this] { network_.closed = false; });
    pass(76s);
    CPPUNIT_ASSERT_EQUAL(std::string{"2 of 2"}, taken(0));
    stop();
    CPPUNIT_ASSERT_EQUAL(
        std::string{
            "error: ping: getting ready to ping fails: raw ICMP sockets: Operation not permitted\n"
            "error: ping: pinging takes the capability CAP_NET_RAW: give the daemon's systemd unit "
            "the line AmbientCapabilities=CAP_NET_RAW, or its program the capability with setcap "
            "cap_net_raw+ep PROGRAM (the setting net.ipv4.ping_group_range does not help: liboping "
            "uses raw sockets); until then it is tried again every few minutes\n"
            "notice: ping: getting ready to ping works again after 4 failures\n"},
        sink_.text());
  }

  void one_host_that_cannot_be_sent_to_leaves_the_others() {
    network_.unsendable = {"b"};
    start({"a", "b"});
    pass(25s);  // at 0, 10 and 20 s
    CPPUNIT_ASSERT_EQUAL(std::string{"add(a) add(b) forget(b) add(b) forget(b) add(b) forget(b) "},
                         network_.take_calls());
    CPPUNIT_ASSERT_EQUAL(std::string{"26 of 26"}, taken(0));
    CPPUNIT_ASSERT_EQUAL(std::string{"0 of 0"}, taken(1));
    network_.change([this] { network_.unsendable.clear(); });
    pass(6s);
    CPPUNIT_ASSERT_EQUAL(std::string{"2 of 2"}, taken(1));
    stop();
    CPPUNIT_ASSERT_EQUAL(std::string{"warning: ping: sending to b fails: not sent\n"
                                     "notice: ping: sending to b works again after 3 failures\n"},
                         sink_.text());
  }

  void new_sockets_when_nothing_can_be_sent() {
    network_.unsendable = {"a"};
    start({"a"});
    pass(49s);
    CPPUNIT_ASSERT_EQUAL(5, network_.rounds);  // at a slow pace
    CPPUNIT_ASSERT_EQUAL(1, network_.opened);
    pass(11s);
    CPPUNIT_ASSERT_EQUAL(2, network_.opened);
    network_.change([this] { network_.unsendable.clear(); });
    pass(10s);
    CPPUNIT_ASSERT(prober_->take(0).received() > 0);
    CPPUNIT_ASSERT_EQUAL(std::string{"add(a) add(a) "}, network_.take_calls());
  }

  void says_what_has_not_come_back() {
    network_.hanging = true;
    network_.clock = clock_.get();
    std::thread watcher{[this] {
      (void)network_.wait_for([this] { return network_.rounds == 1; });
      clock_->advance(7s);
      const auto call = prober_->waiting();
      const bool right = call && call->doing == Prober::Doing::pinging && call->lasts == 7s;
      network_.change([&] {
        network_.hanging = false;
        network_.calls = right ? "right" : "wrong";
      });
    }};
    start({"192.0.2.1"});
    watcher.join();
    CPPUNIT_ASSERT(network_.take_calls().starts_with("right"));
    CPPUNIT_ASSERT(!prober_->waiting());
  }

  void a_call_that_hangs_is_left_behind_in_silence() {
    start({"a"}, 1);
    network_.change([this] {
      network_.hanging = true;
      network_.silent = {"a"};
      network_.unsendable = {"a"};
    });
    clock_->advance(1s);
    CPPUNIT_ASSERT(network_.wait_for([this] { return network_.rounds == 2; }));
    prober_->stop();  // comes back although the round does not
    network_.change([this] { network_.hanging = false; });
    thread_.join();
    CPPUNIT_ASSERT_EQUAL(std::string{}, sink_.text());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ProberTest);

}  // namespace vital::test

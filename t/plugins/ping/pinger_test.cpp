// SPDX-License-Identifier: MIT
#include "ping/pinger.h"

#include <cppunit/extensions/HelperMacros.h>

#include "plugins/ping/fake_network.h"
#include "support/recording_writer.h"

namespace vital::test {
using namespace std::chrono_literals;
using ping::Pinger;
using ping::Prober;

class PingerTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(PingerTest);
  CPPUNIT_TEST(pings_until_it_is_stopped);
  CPPUNIT_TEST(a_stop_does_not_wait_for_what_hangs);
  CPPUNIT_TEST(a_round_that_hangs_is_left_behind_for_another);
  CPPUNIT_TEST(one_thread_is_left_behind_at_most);
  CPPUNIT_TEST_SUITE_END();

  std::shared_ptr<FakeClock> clock_ = std::make_shared<FakeClock>();
  LogHub hub_;
  RecordingSink sink_;
  FakeNetwork network_;
  int made_ = 0;

  std::unique_ptr<Pinger> make() {
    return std::make_unique<Pinger>(
        [this] {
          ++made_;
          return std::make_shared<Prober>(
              ping::ProbePlan{.hosts = {"192.0.2.1"}, .interval = 1s},
              [this] { return FakeEcho::open(network_); }, clock_, Log{hub_, "ping"});
        },
        60s, Log{hub_, "ping"});
  }
  void hang(bool on) {
    network_.change([&] { network_.hanging = on; });
  }
  bool wait_for_rounds(int count) {
    return network_.wait_for([&] { return network_.rounds >= count; });
  }

 public:
  void setUp() override { hub_.add(sink_); }
  /// Those that were left behind still use the network.
  void tearDown() override {
    hang(false);
    CPPUNIT_ASSERT(network_.wait_for([this] { return network_.open_now == 0; }));
  }

  void pings_until_it_is_stopped() {
    const auto pinger = make();
    CPPUNIT_ASSERT(pinger->start());
    clock_->await_sleeper();
    clock_->advance(1s);
    clock_->await_sleeper();
    pinger->watch();
    CPPUNIT_ASSERT_EQUAL(std::uint32_t{2}, pinger->take(0).received());
    pinger->stop();
    CPPUNIT_ASSERT_EQUAL(std::string{}, sink_.text());
  }

  void a_stop_does_not_wait_for_what_hangs() {
    hang(true);
    const auto pinger = make();
    CPPUNIT_ASSERT(pinger->start());
    CPPUNIT_ASSERT(wait_for_rounds(1));
    pinger->stop();
    CPPUNIT_ASSERT_EQUAL(1, network_.open_now);
    CPPUNIT_ASSERT_EQUAL(std::string{}, sink_.text());
  }

  void a_round_that_hangs_is_left_behind_for_another() {
    hang(true);
    const auto pinger = make();
    CPPUNIT_ASSERT(pinger->start());
    CPPUNIT_ASSERT(wait_for_rounds(1));
    clock_->advance(60s);
    pinger->watch();
    CPPUNIT_ASSERT_EQUAL(1, made_);
    clock_->advance(1s);
    pinger->watch();
    CPPUNIT_ASSERT_EQUAL(2, made_);
    CPPUNIT_ASSERT(wait_for_rounds(2));
    hang(false);
    CPPUNIT_ASSERT(network_.wait_for([this] { return network_.open_now == 1; }));
    clock_->await_sleeper();
    CPPUNIT_ASSERT_EQUAL(std::uint32_t{1}, pinger->take(0).received());
    pinger->watch();
    CPPUNIT_ASSERT_EQUAL(
        std::string{"warning: ping: pinging fails: timed out: waiting for replies\n"
                    "notice: ping: pinging works again after 1 failure\n"},
        sink_.text());
  }

  void one_thread_is_left_behind_at_most() {
    hang(true);
    const auto pinger = make();
    CPPUNIT_ASSERT(pinger->start());
    for (int attempt = 0; attempt < 5; ++attempt) {
      CPPUNIT_ASSERT(wait_for_rounds(std::min(attempt + 1, 2)));
      clock_->advance(61s);
      pinger->watch();
    }
    CPPUNIT_ASSERT_EQUAL(2, made_);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PingerTest);

}  // namespace vital::test

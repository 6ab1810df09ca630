// SPDX-License-Identifier: MIT
#include "network/peers.h"

#include <cppunit/extensions/HelperMacros.h>

namespace vital::test {
using namespace network;
using namespace std::chrono_literals;

class NetworkPeersTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(NetworkPeersTest);
  CPPUNIT_TEST(a_peer_is_known_again);
  CPPUNIT_TEST(their_number_is_bounded);
  CPPUNIT_TEST(the_idle_are_forgotten);
  CPPUNIT_TEST(nobody_gets_more_than_what_is_left_for_the_others);
  CPPUNIT_TEST(meta_data_are_made_once);
  CPPUNIT_TEST_SUITE_END();

  Peers peers_;
  Steady now_{1h};

  static HostAddress address(unsigned number) {
    HostAddress address;
    address.bytes[15] = static_cast<std::uint8_t>(number);
    address.bytes[14] = static_cast<std::uint8_t>(number >> 8);
    return address;
  }

 public:
  void a_peer_is_known_again() {
    Peer& one = peers_.find(address(1), now_);
    CPPUNIT_ASSERT(&one != &peers_.find(address(2), now_));
    CPPUNIT_ASSERT(&one == &peers_.find(address(1), now_));
    CPPUNIT_ASSERT(&one == &peers_[one.id]);
    CPPUNIT_ASSERT(one.address == address(1));
  }

  void their_number_is_bounded() {
    for (unsigned i = 0; i < 20'000; ++i) (void)peers_.find(address(i), now_);
    CPPUNIT_ASSERT_EQUAL(Peers::kMost - 1, peers_.size());
    CPPUNIT_ASSERT_EQUAL(std::uint16_t{0}, peers_.find(address(19'999), now_).id);
    CPPUNIT_ASSERT(peers_.find(address(0), now_).id != 0);
  }

  void the_idle_are_forgotten() {
    const std::uint16_t quiet = peers_.find(address(1), now_).id;
    peers_.find(address(2), now_).series = 1;
    peers_.forget_idle(now_ + 59min);
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, peers_.size());
    peers_.forget_idle(now_ + 61min);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, peers_.size());
    CPPUNIT_ASSERT_EQUAL(quiet, peers_.find(address(3), now_).id);
    for (unsigned i = 10; i < Peers::kMost / 2 + 20; ++i) (void)peers_.find(address(i), now_);
    peers_.forget_idle(now_ + 2min);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, peers_.size());
  }

  void nobody_gets_more_than_what_is_left_for_the_others() {
    CPPUNIT_ASSERT(permits(0, 1'000'000, 1'000'000));
    CPPUNIT_ASSERT(permits(100, 50, 50));
    CPPUNIT_ASSERT(!permits(100, 51, 51));
    CPPUNIT_ASSERT(permits(100, 99, 0));
    CPPUNIT_ASSERT(!permits(100, 100, 0));
    CPPUNIT_ASSERT(!permits(100, 200, 0));
  }

  void meta_data_are_made_once() {
    Peer& peer = peers_.find(address(1), now_);
    const auto plain = peer.meta({});
    CPPUNIT_ASSERT(plain == peer.meta({}));
    CPPUNIT_ASSERT(plain->find("network:username") == nullptr);
    const auto alice = peer.meta("alice");
    CPPUNIT_ASSERT(alice == peer.meta("alice") && alice != plain);
    CPPUNIT_ASSERT(alice != peer.meta("bob"));
    CPPUNIT_ASSERT_EQUAL(std::string{"bob"}, to_text(*peer.meta("bob")->find("network:username")));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(NetworkPeersTest);

}  // namespace vital::test

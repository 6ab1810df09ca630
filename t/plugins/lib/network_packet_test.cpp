// SPDX-License-Identifier: MIT
#include "lib/network_packet.h"

#include <cppunit/extensions/HelperMacros.h>

#include "support/packets.h"
#include "support/samples.h"

namespace vital::test {

class NetworkPacketTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(NetworkPacketTest);
  CPPUNIT_TEST(writes_what_collectd_writes);
  CPPUNIT_TEST(writes_extremes_as_collectd_does);
  CPPUNIT_TEST(splits_where_collectd_splits);
  CPPUNIT_TEST(leaves_out_whole_what_does_not_fit);
  CPPUNIT_TEST(a_new_packet_has_all_names_again);
  CPPUNIT_TEST(writes_notifications_as_collectd_does);
  CPPUNIT_TEST(refuses_a_notification_that_does_not_fit);
  CPPUNIT_TEST_SUITE_END();

  static constexpr std::size_t kRoom = 1452 - network::kSecurityReserve;
  Samples samples_;
  std::array<std::uint8_t, kRoom> buffer_;

  Packet packed(std::string_view lines) {
    network::PacketEncoder encoder{buffer_};
    for (const Sample& sample : samples_.batch(lines)) CPPUNIT_ASSERT(encoder.add(sample));
    const network::Bytes packet = encoder.packet();
    return {packet.begin(), packet.end()};
  }
  Packet packed(const Notification& notification) {
    const std::size_t size = network::encode_notification(notification, buffer_);
    return {buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(size)};
  }

 public:
  void writes_what_collectd_writes() {
    CPPUNIT_ASSERT(captured("several-plain") ==
                   packed("alpha/ex/gauge-a interval=10 1700000000:42.5\n"
                          "alpha/ex-inst/if_octets-eth0 interval=10 1700000000:1000:2000\n"
                          "alpha/ex/counter interval=10 1700000000:4294967295\n"
                          "alpha/ex/gauge-a interval=10 1700000010.5:U"));
  }

  void writes_extremes_as_collectd_does() {
    CPPUNIT_ASSERT(captured("extremes-plain") ==
                   packed("alpha/ex/counter-0 interval=0.125 1700000000.001:0\n"
                          "alpha/ex/counter-1 interval=0.125 1700000000.001:18446744073709551615\n"
                          "alpha/ex/derive-2 interval=0.125 1700000000.001:-9223372036854775808\n"
                          "alpha/ex/derive-3 interval=0.125 1700000000.001:9223372036854775807\n"
                          "alpha/ex/absolute-4 interval=0.125 1700000000.001:18446744073709551615\n"
                          "alpha/ex/gauge-5 interval=0.125 1700000000.001:U\n"
                          "alpha/ex/gauge-6 interval=0.125 1700000000.001:inf\n"
                          "alpha/ex/gauge-7 interval=0.125 1700000000.001:-inf\n"
                          "alpha/ex/gauge-8 interval=0.125 1700000000.001:1e308\n"
                          "alpha/ex/gauge-9 interval=0.125 1700000000.001:-0\n"
                          "alpha/ex/gauge-10 interval=0.125 1700000000.001:4.9e-324"));
  }

  void splits_where_collectd_splits() {
    network::PacketEncoder encoder{buffer_};
    std::vector<Packet> packets;
    const auto keep = [&] {
      const network::Bytes packet = encoder.packet();
      packets.emplace_back(packet.begin(), packet.end());
      encoder.clear();
    };
    for (int i = 0; i < 120; ++i) {
      const std::string n = std::to_string(i);
      std::string line = "host" + std::to_string(i / 10) + ".example.org/plugin-" +
                         std::to_string(i % 7) + "/load-" + n + " interval=60 ";
      line += std::to_string(1700000000 + i) + ".25:" + n + ".5:" + n + ".25:U";
      const Sample sample = *samples_.batch(line).begin();
      if (encoder.add(sample)) continue;
      keep();
      CPPUNIT_ASSERT(encoder.add(sample));
    }
    keep();
    CPPUNIT_ASSERT_EQUAL(std::size_t{6}, packets.size());
    for (std::size_t i = 0; i < packets.size(); ++i)
      CPPUNIT_ASSERT(captured(i == 0 ? "split-plain" : "split-plain-" + std::to_string(i + 1)) ==
                     packets[i]);
  }

  void leaves_out_whole_what_does_not_fit() {
    const Batch& batch = samples_.batch("alpha/ex/gauge-a interval=10 1700000000:42.5");
    const std::size_t needed = packed("alpha/ex/gauge-a interval=10 1700000000:42.5").size();
    for (std::size_t room = 0; room < needed; ++room) {
      network::PacketEncoder encoder{network::MutableBytes{buffer_}.first(room)};
      CPPUNIT_ASSERT(!encoder.add(*batch.begin()));
      CPPUNIT_ASSERT(encoder.empty() && encoder.values() == 0);
    }
    network::PacketEncoder encoder{network::MutableBytes{buffer_}.first(needed)};
    CPPUNIT_ASSERT(encoder.add(*batch.begin()));
    CPPUNIT_ASSERT(!encoder.add(*batch.begin()));
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, encoder.values());
    CPPUNIT_ASSERT_EQUAL(needed, encoder.packet().size());
  }

  void a_new_packet_has_all_names_again() {
    network::PacketEncoder encoder{buffer_};
    const Batch& batch = samples_.batch("alpha/ex/gauge-a interval=10 1700000000:42.5");
    CPPUNIT_ASSERT(encoder.add(*batch.begin()));
    const std::size_t first = encoder.packet().size();
    CPPUNIT_ASSERT(encoder.add(*batch.begin()));
    CPPUNIT_ASSERT_EQUAL(first + 15, encoder.packet().size());
    encoder.clear();
    CPPUNIT_ASSERT(encoder.add(*batch.begin()));
    CPPUNIT_ASSERT_EQUAL(first, encoder.packet().size());
  }

  void writes_notifications_as_collectd_does() {
    Notification hot;
    hot.level = Level::warning;
    hot.time = time_of(1700000020.25);
    hot.host = "alpha";
    hot.plugin = "ex";
    hot.type = "gauge";
    hot.type_instance = "a";
    hot.set_message("Too hot");
    CPPUNIT_ASSERT(captured("notification-plain") == packed(hot));
    Notification bare;
    bare.level = Level::okay;
    bare.time = time_of(1700000021.0);
    bare.set_message("bare");
    CPPUNIT_ASSERT(captured("bare-plain") == packed(bare));
  }

  void refuses_a_notification_that_does_not_fit() {
    Notification bare;
    bare.set_message("bare");
    const std::size_t needed = packed(bare).size();
    for (std::size_t room = 0; room < needed; ++room)
      CPPUNIT_ASSERT_EQUAL(std::size_t{0}, network::encode_notification(
                                               bare, network::MutableBytes{buffer_}.first(room)));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(NetworkPacketTest);

}  // namespace vital::test

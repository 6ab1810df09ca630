// SPDX-License-Identifier: MIT
#include "tools/bench_load.h"

#include <cppunit/extensions/HelperMacros.h>

#include <map>
#include <set>

#include "support/packets.h"
#include "tools/bench_sink.h"

namespace vital::test {

using bench::Load;
using bench::Sink;

class BenchLoadTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(BenchLoadTest);
  CPPUNIT_TEST(every_series_has_a_value_in_a_round);
  CPPUNIT_TEST(packets_are_full_but_not_too_large);
  CPPUNIT_TEST(totals_grow_and_times_are_those_of_the_round);
  CPPUNIT_TEST(a_sink_counts_what_real_senders_send);
  CPPUNIT_TEST(a_sink_counts_what_is_wrong_by_its_reason);
  CPPUNIT_TEST_SUITE_END();

  static constexpr Load::Shape kShape{.series = 1003,
                                      .hosts = 10,
                                      .plugins = 7,
                                      .interval = span_of_seconds(10),
                                      .packet_size = 1452};

  /// Hears what a load's packets say.
  struct Listener {
    std::set<std::uint64_t> times;
    std::map<std::string, std::uint64_t> values_of;

    void values(const network::Fields& fields, const network::WireValues& values) {
      const Identifier id = fields.identifier();
      CPPUNIT_ASSERT_EQUAL(std::size_t{1}, values.size());
      times.insert(fields.time);
      values_of[std::string{id.host} + "/" + std::string{id.plugin} + "-" +
                std::string{id.plugin_instance} + "/" + std::string{id.type} + "-" +
                std::string{id.type_instance}] = values[0].counter;
    }
    void notification(const network::Fields&, std::string_view) {}
    bool verifies() const { return false; }
    network::Verdict verify(const network::Signed&) { return network::Verdict::fine; }
    network::Verdict decrypt(const network::Encrypted&) { return network::Verdict::fine; }
    void trusted(std::string_view, network::Trust) {}
    void skipped(network::PartType) {}
  };

  static Listener round(Load& load, Time time, std::uint64_t number) {
    Listener heard;
    for (std::size_t at = 0; at < load.size(); ++at) {
      const network::Bytes packet = load.packet(at, time, number);
      Packet copy(packet.begin(), packet.end());
      CPPUNIT_ASSERT(network::Verdict::fine ==
                     (network::PacketParser<Listener>{heard, network::Trust::none}.parse(copy)));
    }
    return heard;
  }

 public:
  void every_series_has_a_value_in_a_round() {
    Load load{kShape};
    CPPUNIT_ASSERT_EQUAL(kShape.series, load.values());
    std::size_t sum = 0;
    for (std::size_t at = 0; at < load.size(); ++at) sum += load.values(at);
    CPPUNIT_ASSERT_EQUAL(kShape.series, sum);
    const Listener heard = round(load, time_of(1e9), 3);
    CPPUNIT_ASSERT_EQUAL(kShape.series, heard.values_of.size());
    std::set<std::string> hosts;
    for (const auto& [name, value] : heard.values_of) hosts.insert(name.substr(0, name.find('/')));
    CPPUNIT_ASSERT_EQUAL(kShape.hosts, hosts.size());
  }
  void packets_are_full_but_not_too_large() {
    Load load{kShape};
    std::size_t octets = 0;
    for (std::size_t at = 0; at < load.size(); ++at) {
      const std::size_t size = load.packet(at, time_of(1e9), 0).size();
      octets += size;
      CPPUNIT_ASSERT(size <= kShape.packet_size - network::kSecurityReserve);
    }
    // Each host's last one may be nearly empty.
    CPPUNIT_ASSERT(load.size() <= octets / 1300 + kShape.hosts);
  }
  void totals_grow_and_times_are_those_of_the_round() {
    Load load{kShape};
    const Listener one = round(load, time_of(1e9), 1), two = round(load, time_of(1e9 + 10), 2);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, one.times.size());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{10} << 30, *two.times.begin() - *one.times.begin());
    const auto of = [](const Listener& heard, const std::string& name) {
      const auto found = heard.values_of.find(name);
      CPPUNIT_ASSERT_MESSAGE(name, found != heard.values_of.end());
      return found->second;
    };
    const std::string total = "host0.bench.example/plugin1-0/derive-value0";
    CPPUNIT_ASSERT_EQUAL(of(one, total) + 100, of(two, total));
  }
  void a_sink_counts_what_real_senders_send() {
    Sink sink{network::Trust::none};
    sink.add_user("alice", "s3cret");
    for (const char* const name : {"kinds-plain", "kinds-signed", "kinds-encrypted"}) {
      Packet packet = captured(name);
      sink.packet(packet);
    }
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{3}, sink.counts().packets);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{3}, sink.counts().values);
    Packet notification = captured("notification-encrypted");
    sink.packet(notification);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, sink.counts().notifications);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, sink.counts().malformed);
  }
  void a_sink_counts_what_is_wrong_by_its_reason() {
    Sink sink{network::Trust::is_signed};
    sink.add_user("alice", "other");
    sink.add_user("alice", "s3cret");  // the first of a name stays, as in a file
    for (const char* const name : {"kinds-plain", "kinds-signed", "kinds-encrypted"}) {
      Packet packet = captured(name);
      sink.packet(packet);
    }
    Packet cut = captured("kinds-plain");
    cut.resize(cut.size() - 1);
    sink.packet(cut);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, sink.counts().values);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, sink.counts().unprotected);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, sink.counts().bad_signature);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, sink.counts().malformed);
    Sink stranger{network::Trust::none};
    stranger.add_user("bob", "s3cret");
    Packet packet = captured("kinds-signed");
    stranger.packet(packet);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, stranger.counts().unknown_user);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(BenchLoadTest);

}  // namespace vital::test

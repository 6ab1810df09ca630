// SPDX-License-Identifier: MIT
#include "network/intake.h"

#include <cppunit/extensions/HelperMacros.h>

#include "base/fd.h"
#include "pipeline/pipeline.h"
#include "support/fake_clock.h"
#include "support/no_allocation.h"
#include "support/packets.h"
#include "support/recording_writer.h"

namespace vital::test {
using namespace network;

/// Writes down what the intake submits.
class IntakeHost final : public Host {
 public:
  IntakeHost() {
    const auto text = read_file(TYPES_DB);
    types_.add(*text, [](std::size_t, std::string_view) {});
    hub_.add(sink_);
  }

  std::string taken() { return std::exchange(taken_, {}); }
  std::string logged() { return sink_.text(); }
  FakeClock& fake_clock() noexcept { return clock_; }
  Pipeline& pipeline() noexcept { return pipeline_; }
  bool recording = true;
  bool all_received = true;

  const Clock& clock() const override { return clock_; }
  const Types& types() const override { return types_; }
  LogHub& log_hub() override { return hub_; }
  Root root() const override { return Root{}; }
  SeriesTable& series() override { return series_; }
  std::string host_name() const override { return "host"; }
  void submit(std::shared_ptr<Batch> batch) override {
    all_received = all_received && batch->received();
    if (recording)
      for (const Sample& sample : *batch) record(sample);
    pipeline_.submit(std::move(batch));
  }
  void publish() override {}
  void notify(Notification notification) override { taken_ += log_line(notification) + "\n"; }
  void add(Reader&, const ReaderSpec&) override {}
  void add(Writer&, const WriterSpec&) override {}
  void add(Watcher&, std::string) override {}
  void add(Notifier&, const NotifierSpec&) override {}
  void add(LogSink&) override {}
  void add(Service&) override {}
  void add(const ControlSocketSpec&) override {}
  Children& children() override { return children_; }
  void flush(std::string_view, const FlushRequest&) override {}
  void write(std::string_view, std::shared_ptr<Batch>) override {}

 private:
  Children children_;
  void record(const Sample& sample) {
    Text<1024> line;
    line.add(sample.series.name()).add(' ').add(seconds(sample.time)).add(' ');
    line.add(seconds(sample.interval));
    for (std::size_t i = 0; i < sample.values.size(); ++i) {
      line.add(' ');
      if (sample.kind(i) == Kind::gauge)
        line.add(sample.values[i].gauge);
      else if (sample.kind(i) == Kind::derive)
        line.add(sample.values[i].derive);
      else
        line.add(sample.values[i].counter);
    }
    taken_.append(line.view());
    for (const Meta::Entry& entry : *sample.meta)
      taken_.append(" ").append(entry.name).append("=").append(to_text(entry.value));
    taken_ += '\n';
  }

  FakeClock clock_;
  Types types_;
  RecordingSink sink_;
  LogHub hub_;
  SeriesTable series_;
  Pipeline pipeline_{series_, clock_, Log{hub_}, 2};
  std::string taken_;
};

class NetworkIntakeTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(NetworkIntakeTest);
  CPPUNIT_TEST(takes_what_collectd_sends);
  CPPUNIT_TEST(values_say_who_sent_them);
  CPPUNIT_TEST(the_plugins_interval_stands_in_for_none);
  CPPUNIT_TEST(slashes_in_names_are_replaced);
  CPPUNIT_TEST(totals_keep_their_bits_and_gauges_are_no_totals);
  CPPUNIT_TEST(what_cannot_be_used_is_counted_by_reason_and_peer);
  CPPUNIT_TEST(a_peer_is_complained_about_once);
  CPPUNIT_TEST(takes_notifications);
  CPPUNIT_TEST(refuses_notifications_that_lack_something);
  CPPUNIT_TEST(too_many_notifications_are_refused);
  CPPUNIT_TEST(takes_packets_from_allowed_networks_only);
  CPPUNIT_TEST(old_signed_values_are_refused_where_that_is_wanted);
  CPPUNIT_TEST(our_own_values_are_not_taken_back);
  CPPUNIT_TEST(new_series_are_limited_in_all);
  CPPUNIT_TEST(one_peer_leaves_room_for_the_others);
  CPPUNIT_TEST(new_series_are_limited_per_second);
  CPPUNIT_TEST(series_that_are_gone_make_room);
  CPPUNIT_TEST(a_flood_is_not_read_any_more);
  CPPUNIT_TEST(known_series_cost_no_allocation);
  CPPUNIT_TEST_SUITE_END();

  IntakeHost host_;
  Log log_{host_.log_hub(), "network"};
  Limits limits_{.series = 1000, .new_per_second = 0};
  ListenSettings settings_;
  Users users_;
  std::unique_ptr<SentTimes> sent_;
  std::unique_ptr<Intake> intake_;

  static HostAddress peer(const std::string& address) {
    return resolve(address, "1", Names::digits_only)->front().host();
  }
  Intake& intake() {
    if (!intake_)
      intake_ = std::make_unique<Intake>(Intake::Context{.host = host_,
                                                         .log = log_,
                                                         .limits = limits_,
                                                         .interval = span_of_seconds(10),
                                                         .sent = sent_.get()});
    return *intake_;
  }
  void receive(Packet packet, const std::string& from = "192.0.2.1") {
    const Intake::Door door{.settings = settings_, .users = users_.empty() ? nullptr : &users_};
    intake().packet(packet, true, peer(from), door, host_.clock().now());
  }
  std::string take(const Packet& packet, const std::string& from = "192.0.2.1") {
    receive(packet, from);
    intake().submit();
    return host_.taken();
  }
  void add_user(const std::string& name, const std::string& password) {
    Crypt crypt;
    Key key;
    CPPUNIT_ASSERT(crypt.make_key(password, key));
    users_.emplace(name, key);
  }
  std::uint64_t dropped(Drop drop) { return intake().counts().drops.get(drop); }
  std::uint64_t dropped_of(const std::string& address, Drop drop) {
    std::uint64_t count = 0;
    intake().peers().each([&](const Peer& other) {
      if (other.address == peer(address)) count = other.drops.get(drop);
    });
    return count;
  }
  static Packet numbered(int number, std::uint64_t seconds = 1'700'000'000) {
    return Parts{}.names("h", "gauge", seconds).text(5, std::to_string(number)).value(1);
  }

 public:
  void takes_what_collectd_sends() {
    const std::string from = " network:received=true network:ip_address=192.0.2.1\n";
    CPPUNIT_ASSERT_EQUAL("alpha/ex/gauge-a 1700000000 10 42.5" + from +
                             "alpha/ex-inst/if_octets-eth0 1700000000 10 1000 2000" + from +
                             "alpha/ex/counter 1700000000 10 4294967295" + from +
                             "alpha/ex/gauge-a 1700000010.5 10 nan" + from,
                         take(captured("several-plain")));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{4}, intake().counts().values.get());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, intake().counts().packets.get());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{208}, intake().counts().octets.get());
    CPPUNIT_ASSERT(host_.all_received);
  }

  void values_say_who_sent_them() {
    add_user("alice", "s3cret");
    const Packet plain = Parts{}.names().value(1);
    const std::string value = "h/p/gauge 1700000000 10 0 network:received=true network:ip_address=";
    CPPUNIT_ASSERT_EQUAL(value + "2001:db8::1\n", take(plain, "2001:db8::1"));
    for (const Trust trust : {Trust::is_signed, Trust::encrypted})
      CPPUNIT_ASSERT_EQUAL(value + "192.0.2.1 network:username=alice\n",
                           take(secured(plain, trust)));
    const Packet both = Parts{}.append(secured(plain, Trust::encrypted)).append(plain);
    CPPUNIT_ASSERT_EQUAL(value + "192.0.2.1 network:username=alice\n" + value + "192.0.2.1\n",
                         take(both));
  }

  void the_plugins_interval_stands_in_for_none() {
    CPPUNIT_ASSERT(take(Parts{}.names().value(1)).starts_with("h/p/gauge 1700000000 10 0 "));
    CPPUNIT_ASSERT(
        take(Parts{}.names().number(7, 60).value(1)).starts_with("h/p/gauge 1700000000 60 0 "));
  }

  void slashes_in_names_are_replaced() {
    const Packet packet = Parts{}
                              .text(0, "a/b")
                              .number(8, std::uint64_t{1} << 30)
                              .text(2, "/x/y")
                              .text(3, "/")
                              .text(4, "gauge")
                              .value(1);
    for (int i = 0; i < 3; ++i)
      CPPUNIT_ASSERT(take(packet).starts_with("a_b/x_y-root/gauge 1 10 0 "));
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, intake().index().size());
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, host_.series().size());
  }

  void totals_keep_their_bits_and_gauges_are_no_totals() {
    const std::uint64_t big = 18446744073709551615u;
    CPPUNIT_ASSERT(take(Parts{}.names("h", "counter").value(2, big))
                       .starts_with("h/p/counter 1700000000 10 18446744073709551615 "));
    CPPUNIT_ASSERT(take(Parts{}.names("h", "derive").value(0, big))
                       .starts_with("h/p/derive 1700000000 10 -1 "));
    CPPUNIT_ASSERT(
        take(Parts{}.names("h", "gauge").value(2, big)).starts_with("h/p/gauge 1700000000 10 -1 "));
    CPPUNIT_ASSERT(take(Parts{}.names("h", "gauge").value(0, big))
                       .starts_with("h/p/gauge 1700000000 10 1.84467440737096e+19 "));
    CPPUNIT_ASSERT_EQUAL(std::string{}, take(Parts{}.names("h", "derive").value(1, big)));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, dropped(Drop::wrong_values));
  }

  void what_cannot_be_used_is_counted_by_reason_and_peer() {
    settings_.security = Trust::is_signed;
    add_user("alice", "s3cret");
    receive(Parts{}.names().value(1).value(1));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, dropped(Drop::unprotected));
    receive(secured(Parts{}.names().value(1), Trust::is_signed, "bob"));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, dropped(Drop::unknown_user));
    receive(secured(Parts{}.names().value(1), Trust::encrypted, "alice", "wrong"));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, dropped(Drop::bad_signature));
    settings_.security = Trust::none;
    const auto lacking = [&](const Parts& parts) { receive(parts.packet(), "192.0.2.2"); };
    lacking(Parts{}.number(8, 1).text(2, "p").text(4, "gauge").value(1));
    lacking(Parts{}.text(0, "h").text(2, "p").text(4, "gauge").value(1));
    lacking(Parts{}.text(0, "h").number(8, 1).text(4, "gauge").value(1));
    lacking(Parts{}.text(0, "h").number(8, 1).text(2, "p").value(1));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{4}, dropped(Drop::incomplete));
    lacking(Parts{}.names().number(8, std::uint64_t{1} << 63).value(1));
    lacking(Parts{}.names().number(9, std::uint64_t{1} << 60).value(1));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, dropped(Drop::bad_time));
    lacking(Parts{}.names("h\n0 h").value(1));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, dropped(Drop::bad_name));
    lacking(Parts{}.names("h", "invented").value(1));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, dropped(Drop::unknown_type));
    lacking(Parts{}.names("h", "load").value(1));
    lacking(Parts{}.names().head(6, 6).raw({0, 0}));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, dropped(Drop::wrong_values));
    lacking(Parts{}.names().value(9));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, dropped(Drop::malformed));
    CPPUNIT_ASSERT_EQUAL(std::string{}, take(Parts{}.names().head(0, 4)));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{4}, dropped_of("192.0.2.2", Drop::incomplete));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, dropped_of("192.0.2.1", Drop::incomplete));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, dropped_of("192.0.2.1", Drop::unprotected));
  }

  void a_peer_is_complained_about_once() {
    for (int i = 0; i < 3; ++i) receive(Parts{}.names("h", "invented").value(1));
    receive(Parts{}.names("h", "invented").value(1), "192.0.2.2");
    CPPUNIT_ASSERT_EQUAL(
        std::string{"notice: network: values from 192.0.2.1 are dropped: unknown_type, invented "
                    "(said once an hour)\n"
                    "notice: network: values from 192.0.2.2 are dropped: unknown_type, invented "
                    "(said once an hour)\n"},
        host_.logged());
    intake().look_after(host_.clock().now());
    host_.fake_clock().advance(std::chrono::minutes{59});
    intake().look_after(host_.clock().now());
    receive(Parts{}.names("h", "invented").value(1));
    const std::string before = host_.logged();
    host_.fake_clock().advance(std::chrono::minutes{2});
    receive(Parts{}.names().value(1));
    intake().look_after(host_.clock().now());
    receive(Parts{}.names("h", "other").value(1));
    CPPUNIT_ASSERT_EQUAL(
        before +
            "notice: network: values from 192.0.2.1 are dropped: unknown_type, other "
            "(said once an hour)\n",
        host_.logged());
  }

  void takes_notifications() {
    CPPUNIT_ASSERT_EQUAL(std::string{"Notification: severity = WARNING, host = alpha, plugin = ex, "
                                     "type = gauge, type_instance = a, message = Too hot\n"},
                         take(captured("notification-plain")));
    CPPUNIT_ASSERT_EQUAL(std::string{"Notification: severity = OKAY, message = bare\n"},
                         take(captured("bare-plain")));
  }

  void refuses_notifications_that_lack_something() {
    for (const std::uint64_t severity : {0u, 3u, 5u, 256u})
      receive(Parts{}.number(8, 1).number(0x101, severity).text(0x100, "x"));
    receive(Parts{}.number(0x101, 1).text(0x100, "x"));
    receive(Parts{}.number(8, 1).number(0x101, 1).text(0x100, ""));
    CPPUNIT_ASSERT_EQUAL(std::string{}, host_.taken());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{6}, dropped(Drop::incomplete));
  }

  void too_many_notifications_are_refused() {
    const Packet packet = captured("bare-plain");
    for (int i = 0; i < 20'000; ++i) receive(packet);
    CPPUNIT_ASSERT(dropped(Drop::notifications) != 0);
    host_.taken();
    CPPUNIT_ASSERT(!take(packet, "192.0.2.2").empty());  // the other's share is left
  }

  void takes_packets_from_allowed_networks_only() {
    CPPUNIT_ASSERT(settings_.allowed.add("192.0.2.0/24"));
    CPPUNIT_ASSERT(settings_.denied.add("192.0.2.9"));
    const Packet packet = Parts{}.names().value(1);
    CPPUNIT_ASSERT(!take(packet, "192.0.2.1").empty());
    CPPUNIT_ASSERT_EQUAL(std::string{}, take(packet, "192.0.2.9"));
    CPPUNIT_ASSERT_EQUAL(std::string{}, take(packet, "198.51.100.1"));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, dropped(Drop::denied));
  }

  void old_signed_values_are_refused_where_that_is_wanted() {
    add_user("alice", "s3cret");
    const auto now = static_cast<std::uint64_t>(FakeClock::kBegin);
    const Packet fresh = Parts{}.names("h", "gauge", now - 50).value(1);
    const Packet old = Parts{}.names("h", "gauge", now - 70).value(1);
    CPPUNIT_ASSERT(!take(secured(old, Trust::is_signed)).empty());
    settings_.replay_window = span_of_seconds(60);
    CPPUNIT_ASSERT(!take(secured(fresh, Trust::is_signed)).empty());
    CPPUNIT_ASSERT(!take(secured(fresh, Trust::encrypted)).empty());
    CPPUNIT_ASSERT_EQUAL(std::string{}, take(secured(old, Trust::is_signed)));
    CPPUNIT_ASSERT_EQUAL(std::string{}, take(secured(old, Trust::encrypted)));
    CPPUNIT_ASSERT(!take(old).empty());  // anybody could have given it another time
    const Packet event = Parts{}.number(8, (now - 70) << 30).number(0x101, 1).text(0x100, "x");
    CPPUNIT_ASSERT_EQUAL(std::string{}, take(secured(event, Trust::is_signed)));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{3}, dropped(Drop::replayed));
  }

  void our_own_values_are_not_taken_back() {
    sent_ = std::make_unique<SentTimes>();
    CPPUNIT_ASSERT(!take(numbered(1, 100)).empty());
    const Series series = host_.series().find("h/p/gauge-1");
    sent_->note(*series, Time{span_of_seconds(100)});
    CPPUNIT_ASSERT_EQUAL(std::string{}, take(numbered(1, 100)));
    CPPUNIT_ASSERT_EQUAL(std::string{}, take(numbered(1, 99)));
    CPPUNIT_ASSERT(!take(numbered(1, 101)).empty());
    CPPUNIT_ASSERT(!take(numbered(2, 100)).empty());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, dropped(Drop::looped));
    CPPUNIT_ASSERT_EQUAL(std::string{}, host_.logged());
  }

  void new_series_are_limited_in_all() {
    limits_.series = 5;
    for (int peer = 1; peer <= 9; ++peer)
      receive(numbered(peer), "192.0.2." + std::to_string(peer));
    CPPUNIT_ASSERT_EQUAL(std::size_t{5}, host_.series().size());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{4}, dropped(Drop::series_limit));
    CPPUNIT_ASSERT(!take(numbered(1, 1'700'000'010)).empty());  // known ones go on
  }

  void one_peer_leaves_room_for_the_others() {
    limits_.series = 100;
    for (int i = 0; i < 200; ++i) receive(numbered(i), "192.0.2.1");
    CPPUNIT_ASSERT(host_.series().size() >= 49 && host_.series().size() <= 52);
    const std::size_t before = host_.series().size();
    for (int i = 200; i < 210; ++i) receive(numbered(i), "192.0.2.2");
    CPPUNIT_ASSERT_EQUAL(before + 10, host_.series().size());
  }

  void new_series_are_limited_per_second() {
    limits_.new_per_second = 10;
    for (int i = 0; i < 20; ++i) receive(numbered(i), i % 2 ? "192.0.2.1" : "192.0.2.2");
    const std::size_t first = host_.series().size();
    CPPUNIT_ASSERT(first >= 5 && first <= 10);
    host_.fake_clock().advance(std::chrono::seconds{1});
    for (int i = 0; i < 20; ++i) receive(numbered(i), i % 2 ? "192.0.2.1" : "192.0.2.2");
    CPPUNIT_ASSERT(host_.series().size() > first);
  }

  void series_that_are_gone_make_room() {
    limits_.series = 100;
    for (int i = 0; i < 200; ++i) receive(numbered(i));
    intake().submit();
    const std::size_t full = host_.series().size();
    host_.fake_clock().advance(std::chrono::seconds{60});
    host_.pipeline().expire();
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, host_.series().size());
    for (int second = 0; second < 130; ++second) {
      host_.fake_clock().advance(std::chrono::seconds{1});
      intake().look_after(host_.clock().now());
    }
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, intake().index().size());
    for (int i = 1000; i < 1200; ++i) receive(numbered(i));
    CPPUNIT_ASSERT_EQUAL(full, host_.series().size());
  }

  void a_flood_is_not_read_any_more() {
    const Packet rubbish = Parts{}.names("h", "invented").value(1);
    for (int i = 0; i < 20'000; ++i) receive(rubbish);
    CPPUNIT_ASSERT(dropped(Drop::flood) != 0);
    CPPUNIT_ASSERT_EQUAL(std::string{}, take(numbered(1)));
    CPPUNIT_ASSERT(!take(numbered(1), "192.0.2.2").empty());
    host_.fake_clock().advance(std::chrono::seconds{1});
    CPPUNIT_ASSERT(!take(numbered(1, 1'700'000'010)).empty());
  }

  void known_series_cost_no_allocation() {
    host_.recording = false;
    const HostAddress from = peer("192.0.2.1");
    const Intake::Door door{.settings = settings_, .users = nullptr};
    std::vector<Packet> packets;
    for (std::uint64_t second = 0; second < 10; ++second) {
      Parts parts;
      parts.names("h", "gauge", 1'700'000'000 + second);
      for (int i = 0; i < 50; ++i) parts.text(5, std::to_string(i)).value(1);
      packets.push_back(parts);
    }
    std::uint64_t allocations = 0;
    for (Packet& packet : packets) {
      const NoAllocation guard;
      intake().packet(packet, true, from, door, host_.clock().now());
      intake().submit();
      allocations = guard.count();
    }
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{500}, intake().counts().values.get());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, allocations);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(NetworkIntakeTest);

}  // namespace vital::test

// SPDX-License-Identifier: MIT
#include "network/sender.h"

#include <cppunit/extensions/HelperMacros.h>

#include "support/fake_clock.h"
#include "support/no_allocation.h"
#include "support/recording_writer.h"
#include "support/samples.h"
#include "support/udp_socket.h"

namespace vital::test {
using namespace network;

class NetworkSenderTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(NetworkSenderTest);
  CPPUNIT_TEST(sends_what_collectd_sends);
  CPPUNIT_TEST(splits_where_collectd_splits);
  CPPUNIT_TEST(every_server_gets_everything_secured_its_own_way);
  CPPUNIT_TEST(full_packets_do_not_wait);
  CPPUNIT_TEST(a_packet_waits_no_longer_than_the_flush_time);
  CPPUNIT_TEST(a_flush_sends_what_is_old_enough);
  CPPUNIT_TEST(what_was_received_is_sent_only_when_asked_for);
  CPPUNIT_TEST(a_value_larger_than_any_packet_is_refused);
  CPPUNIT_TEST(sends_notifications_of_our_own);
  CPPUNIT_TEST(keeps_values_until_a_server_has_an_address);
  CPPUNIT_TEST(one_server_without_address_does_not_hold_up_the_other);
  CPPUNIT_TEST(follows_a_changed_address);
  CPPUNIT_TEST(what_cannot_be_sent_at_the_end_is_counted);
  CPPUNIT_TEST(remembers_what_it_sent);
  CPPUNIT_TEST(steady_sending_allocates_nothing);
  CPPUNIT_TEST_SUITE_END();

  static constexpr const char* kLine = "alpha/ex/gauge-a interval=10 1700000000:42.5";

  FakeClock clock_;
  RecordingSink sink_;
  LogHub hub_;
  Log log_{hub_, "network"};
  Samples samples_;
  std::shared_ptr<Ledger> ledger_ = std::make_shared<Ledger>();
  UdpSocket server_;
  Declaration declaration_;
  std::unique_ptr<Settings> settings_;
  SentTimes sent_;
  std::unique_ptr<Targets> targets_;
  std::unique_ptr<Sender> sender_;

  Settings& settings() {
    if (!settings_) {
      declare_options(declaration_);
      settings_ = std::make_unique<Settings>(Options{declaration_});
    }
    return *settings_;
  }
  ServerSettings& add(const UdpSocket& server, Trust security = Trust::none) {
    settings().servers.push_back({.host = "127.0.0.1",
                                  .port = std::to_string(server.port()),
                                  .security = security,
                                  .user = "alice",
                                  .password = "s3cret",
                                  .interface = {},
                                  .bind_address = {},
                                  .resolve_interval = span_of_seconds(60)});
    return settings().servers.back();
  }
  Targets& targets() {
    if (!targets_) targets_ = std::make_unique<Targets>(settings(), log_);
    return *targets_;
  }
  Sender& sender() {
    if (!sender_)
      sender_ = std::make_unique<Sender>(settings(), targets(), clock_, ledger_, &sent_);
    return *sender_;
  }
  /// As an outlet does it.
  Status write(const Batch& batch) {
    ledger_->submitted(batch.size());
    const std::uint64_t before = ledger_->settled();
    const Status status = sender().write(batch);
    const std::uint64_t counted = ledger_->settled() - before;
    if (status && counted < batch.size()) ledger_->delivered(batch.size() - counted);
    return status;
  }
  Status write(std::string_view lines) { return write(samples_.batch(lines)); }
  static std::string many_lines() {
    std::string lines;
    for (int i = 0; i < 120; ++i) {
      const std::string n = std::to_string(i);
      lines += "host" + std::to_string(i / 10) + ".example.org/plugin-" + std::to_string(i % 7) +
               "/load-" + n + " interval=60 " + std::to_string(1700000000 + i) + ".25:" + n +
               ".5:" + n + ".25:U\n";
    }
    return lines;
  }
  static Notification event() {
    Notification hot;
    hot.level = Level::okay;
    hot.time = time_of(1700000021.0);
    hot.set_message("bare");
    return hot;
  }

 public:
  void setUp() override { hub_.add(sink_); }

  void sends_what_collectd_sends() {
    add(server_);
    CPPUNIT_ASSERT(
        write("alpha/ex/gauge-a interval=10 1700000000:42.5\n"
              "alpha/ex-inst/if_octets-eth0 interval=10 1700000000:1000:2000\n"));
    CPPUNIT_ASSERT(
        write("alpha/ex/counter interval=10 1700000000:4294967295\n"
              "alpha/ex/gauge-a interval=10 1700000010.5:U"));
    CPPUNIT_ASSERT(server_.silent());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{4}, ledger_->snapshot().queued);
    sender().idle();
    CPPUNIT_ASSERT(server_.receive() == captured("several-plain"));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{4}, ledger_->snapshot().delivered);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{208}, targets().counts().octets.get());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{4}, targets().counts().values.get());
  }

  void splits_where_collectd_splits() {
    add(server_);
    CPPUNIT_ASSERT(write(many_lines()));
    sender().idle();
    for (int i = 1; i <= 6; ++i)
      CPPUNIT_ASSERT(server_.receive() ==
                     captured(i == 1 ? "split-plain" : "split-plain-" + std::to_string(i)));
    CPPUNIT_ASSERT(server_.silent());
  }

  void every_server_gets_everything_secured_its_own_way() {
    UdpSocket sealed, hidden;
    add(server_);
    add(sealed, Trust::is_signed);
    add(hidden, Trust::encrypted);
    CPPUNIT_ASSERT(write(kLine));
    sender().idle();
    CPPUNIT_ASSERT(sender().notify(event()));
    PacketRecorder plain, alice{{{"alice", "s3cret"}}};
    for (int i = 0; i < 2; ++i) {
      CPPUNIT_ASSERT(plain.parse(*server_.receive()) == Verdict::fine);
      CPPUNIT_ASSERT(alice.parse(*sealed.receive(), Trust::is_signed) == Verdict::fine);
      CPPUNIT_ASSERT_EQUAL("alice signed: " + plain.text(), alice.text());
      CPPUNIT_ASSERT(alice.parse(*hidden.receive(), Trust::encrypted) == Verdict::fine);
      CPPUNIT_ASSERT_EQUAL("alice encrypted: " + plain.text(), alice.text());
    }
  }

  void full_packets_do_not_wait() {
    add(server_);
    std::string lines;
    for (int i = 0; i < 8; ++i) lines += many_lines();
    settings().flush_time = span_of_seconds(60);
    CPPUNIT_ASSERT(write(lines));
    for (int i = 0; i < 32; ++i) CPPUNIT_ASSERT(server_.receive());
    CPPUNIT_ASSERT(ledger_->snapshot().queued < 960 / 2);
  }

  void a_packet_waits_no_longer_than_the_flush_time() {
    add(server_);
    settings().flush_time = span_of_seconds(5);
    CPPUNIT_ASSERT(sender().next_wake() == Steady::max());
    CPPUNIT_ASSERT(write(kLine));
    const Steady due = clock_.now() + std::chrono::seconds{5};
    sender().idle();
    CPPUNIT_ASSERT(server_.silent());
    CPPUNIT_ASSERT(sender().next_wake() == due);
    clock_.advance(std::chrono::seconds{3});
    CPPUNIT_ASSERT(write(kLine));
    CPPUNIT_ASSERT(sender().next_wake() == due);
    sender().wake();
    CPPUNIT_ASSERT(server_.receive());
    CPPUNIT_ASSERT(sender().next_wake() == Steady::max());
  }

  void a_flush_sends_what_is_old_enough() {
    add(server_);
    settings().flush_time = span_of_seconds(60);
    CPPUNIT_ASSERT(write(kLine));
    clock_.advance(std::chrono::seconds{3});
    CPPUNIT_ASSERT(sender().flush({.older_than = span_of_seconds(5), .identifier = {}}));
    CPPUNIT_ASSERT(server_.silent());
    clock_.advance(std::chrono::seconds{3});
    CPPUNIT_ASSERT(sender().flush({.older_than = span_of_seconds(5), .identifier = {}}));
    CPPUNIT_ASSERT(server_.receive());
    CPPUNIT_ASSERT(write(kLine));
    CPPUNIT_ASSERT(sender().flush({}));
    CPPUNIT_ASSERT(server_.receive());
    CPPUNIT_ASSERT(sender().flush({}));
    CPPUNIT_ASSERT(server_.silent());
  }

  void what_was_received_is_sent_only_when_asked_for() {
    add(server_);
    for (const bool forward : {false, true}) {
      settings().forward = forward;
      sender_.reset();
      Batch& batch = samples_.batch(kLine);
      batch.mark_received();
      CPPUNIT_ASSERT(write(batch));
      sender().idle();
      CPPUNIT_ASSERT_EQUAL(forward, server_.receive(200).has_value());
    }
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, targets().counts().received.get());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, ledger_->snapshot().delivered);
  }

  void a_value_larger_than_any_packet_is_refused() {
    add(server_);
    const DataSet wide{.type = "wide", .sources = std::vector<DataSource>(200)};
    const Series series = *samples_.series().intern({"h", "p", "", "wide", ""}, wide);
    CPPUNIT_ASSERT(write(kLine));
    Batch batch;
    batch.begin(Time{span_of_seconds(5)}, span_of_seconds(10), samples_.series().era());
    const std::vector<Number> numbers(200, 1.0);
    CPPUNIT_ASSERT(batch.add(series, numbers));
    CPPUNIT_ASSERT(write(batch));
    CPPUNIT_ASSERT(write(kLine));
    sender().idle();
    PacketRecorder plain;
    for (int i = 0; i < 2; ++i) {
      CPPUNIT_ASSERT(plain.parse(*server_.receive()) == Verdict::fine);
      CPPUNIT_ASSERT_EQUAL(std::string{"alpha/ex/gauge-a 1700000000.000 interval=10 gauge:42.5\n"},
                           plain.text());
    }
    const auto now = ledger_->snapshot();
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, now.dropped[static_cast<std::size_t>(Loss::refused)]);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, now.delivered);
  }

  void sends_notifications_of_our_own() {
    add(server_);
    CPPUNIT_ASSERT(sender().notify(event()));
    CPPUNIT_ASSERT(server_.receive() == captured("bare-plain"));
    Notification theirs = event();
    theirs.meta.set("network:received", true);
    CPPUNIT_ASSERT(sender().notify(theirs));
    CPPUNIT_ASSERT(server_.silent());
    Notification longest = event();
    longest.set_message(std::string(300, 'm'));
    longest.host = longest.plugin = longest.plugin_instance = longest.type = longest.type_instance =
        std::string(127, 'x');
    CPPUNIT_ASSERT(sender().notify(longest));
    PacketRecorder plain;
    CPPUNIT_ASSERT(plain.parse(*server_.receive()) == Verdict::fine);
    CPPUNIT_ASSERT(plain.text().ends_with(std::string(255, 'm') + "\n"));
  }

  void keeps_values_until_a_server_has_an_address() {
    add(server_).host = "localhost";  // which only the thread looks up
    CPPUNIT_ASSERT(write(kLine));
    sender().idle();
    CPPUNIT_ASSERT(sender().notify(event()));
    CPPUNIT_ASSERT(sender().next_wake() > clock_.now());
    CPPUNIT_ASSERT(sender().next_wake() < clock_.now() + std::chrono::minutes{1});
    CPPUNIT_ASSERT(write(many_lines()));
    sender().idle();
    const Status refused = write(kLine);
    CPPUNIT_ASSERT(!refused && refused.error().code() == Errc::temporary);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, ledger_->snapshot().delivered);
    CPPUNIT_ASSERT(targets().start());
    CPPUNIT_ASSERT(server_.receive() == captured("bare-plain"));  // the notification goes at once
    CPPUNIT_ASSERT(sender().flush({}));
    PacketRecorder plain;
    std::ptrdiff_t values = 0;
    while (values < 121) {
      const auto packet = server_.receive();
      CPPUNIT_ASSERT(packet && plain.parse(*packet) == Verdict::fine);
      values += std::count(plain.text().begin(), plain.text().end(), '\n');
    }
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{121}, ledger_->snapshot().delivered);
    targets().stop();
  }

  void one_server_without_address_does_not_hold_up_the_other() {
    add(server_).host = "no-such-host.invalid";
    add(server_);
    CPPUNIT_ASSERT(write(kLine));
    sender().idle();
    CPPUNIT_ASSERT(server_.receive());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, ledger_->snapshot().delivered);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, targets().counts().failed.get());
  }

  void follows_a_changed_address() {
    Crypt crypt;
    SendCounts counts;
    ServerSettings& named = add(server_);
    named.host = "server.example";
    Target target{named, std::nullopt, 1452, log_, crypt};
    CPPUNIT_ASSERT(target.is_name());
    const Packet packet = captured("bare-plain");
    const Bytes bytes{packet};
    std::size_t sent = 0;
    CPPUNIT_ASSERT(!target.send({&bytes, 1}, sent, counts));
    UdpSocket other;
    for (UdpSocket* const now : {&server_, &other, &server_}) {
      target.found(*resolve("127.0.0.1", std::to_string(now->port()), Names::digits_only));
      CPPUNIT_ASSERT(target.send({&bytes, 1}, sent, counts));
      CPPUNIT_ASSERT_EQUAL(std::size_t{1}, sent);
      CPPUNIT_ASSERT(now->receive() == packet);
    }
    target.not_found(Error{Errc::temporary, "nobody answers"});  // then the last one still holds
    CPPUNIT_ASSERT(target.send({&bytes, 1}, sent, counts));
    CPPUNIT_ASSERT(server_.receive() == packet);
  }

  void what_cannot_be_sent_at_the_end_is_counted() {
    add(server_).host = "no-such-host.invalid";
    CPPUNIT_ASSERT(write(kLine));
    CPPUNIT_ASSERT(!sender().flush({}));
    sender_.reset();
    const auto now = ledger_->snapshot();
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, now.dropped[static_cast<std::size_t>(Loss::stopped)]);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, now.queued);
  }

  void remembers_what_it_sent() {
    add(server_);
    CPPUNIT_ASSERT(write(kLine));
    const Series series = samples_.series().find("alpha/ex/gauge-a");
    CPPUNIT_ASSERT(sent_.seen(*series, Time{span_of_seconds(1700000000)}));
    CPPUNIT_ASSERT(!sent_.seen(*series, Time{span_of_seconds(1700000001)}));
  }

  void steady_sending_allocates_nothing() {
    add(server_);
    const Batch& batch = samples_.batch(many_lines());
    bool fine = static_cast<bool>(write(batch));
    sender().idle();
    const NoAllocation guard;
    fine = fine && write(batch);
    sender().idle();
    const std::uint64_t allocations = guard.count();
    CPPUNIT_ASSERT(fine);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, allocations);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(NetworkSenderTest);

}  // namespace vital::test

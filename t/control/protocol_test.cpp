// SPDX-License-Identifier: MIT
#include "control/protocol.h"

#include <cppunit/extensions/HelperMacros.h>

#include "base/fd.h"
#include "support/fake_clock.h"
#include "support/recording_writer.h"

namespace vital::test {

/// Remembers notifications as log plugins print them.
class RecordingNotifier final : public Notifier {
 public:
  Status notify(const Notification& notification) noexcept override {
    text += log_line(notification) + "\n";
    return {};
  }
  std::string text;
};

/// What clients of collectd are told; t/system/unixsock_compat.t asks collectd itself.
class ProtocolTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ProtocolTest);
  CPPUNIT_TEST(gives_values);
  CPPUNIT_TEST(says_why_there_is_no_value);
  CPPUNIT_TEST(lists_values);
  CPPUNIT_TEST(takes_values);
  CPPUNIT_TEST(takes_notifications);
  CPPUNIT_TEST(flushes);
  CPPUNIT_TEST(says_what_is_wrong_with_a_flush);
  CPPUNIT_TEST(waits_for_a_flush_and_gives_up);
  CPPUNIT_TEST(knows_of_no_threshold);
  CPPUNIT_TEST(answers_commands_of_the_daemon);
  CPPUNIT_TEST(waits_for_what_the_daemon_answers_later);
  CPPUNIT_TEST(managing_is_for_some_sockets_only);
  CPPUNIT_TEST(cuts_lines_as_clients_send_them);
  CPPUNIT_TEST(answers_in_the_order_of_the_lines);
  CPPUNIT_TEST(prints_numbers_as_clients_know_them);
  CPPUNIT_TEST_SUITE_END();

  FakeClock clock_;
  LogHub hub_;
  RecordingSink sink_;
  const Log log_{hub_};
  Types types_;
  SeriesTable series_;
  Pipeline pipeline_{series_, clock_, log_, 2};
  RecordingNotifier notifier_;
  ControlContext context_{clock_, types_, series_, pipeline_, log_, {}};

  /// All replies to these bytes, the last line of which may be unfinished.
  std::string say(std::string bytes) {
    Session session{context_, span_of_seconds(10), [] {}};
    const std::size_t used = session.feed(bytes);
    CPPUNIT_ASSERT(!session.waiting());
    session.finish(std::span{bytes}.subspan(used));
    return session.output();
  }

 public:
  void setUp() override {
    hub_.add(sink_);
    series_.set_local_host("local");
    types_.add(*read_file(TYPES_DB), [](std::size_t, std::string_view) {});
    pipeline_.add(notifier_);
    context_.commands["STATUS"] = [](std::string_view arguments) {
      return "1 Line\n<" + std::string{arguments} + ">\n";
    };
  }

  void gives_values() {
    CPPUNIT_ASSERT_EQUAL(std::string{"0 Success: 1 value has been dispatched.\n"
                                     "2 Values found\nrx=NaN\ntx=NaN\n"
                                     "0 Success: 1 value has been dispatched.\n"
                                     "2 Values found\nrx=1.000000e+01\ntx=2.000000e+01\n"},
                         say("PUTVAL h/p/if_octets 1700000000:100:200\nGETVAL h/p/if_octets\n"
                             "PUTVAL h/p/if_octets 1700000010:200:400\nGETVAL h/p/if_octets\n"));
    CPPUNIT_ASSERT_EQUAL(std::string{"0 Success: 1 value has been dispatched.\n"
                                     "1 Value found\nvalue=2.000000e+00\n"},
                         say("PUTVAL \"h/p/gauge-a \\\"b\" 1:2\nGETVAL \"h/p/gauge-a \\\"b\"\n"));
    CPPUNIT_ASSERT_EQUAL(
        std::string{"0 Success: 1 value has been dispatched.\n-1 No such value.\n"
                    "1 Value found\nvalue=1.000000e+00\n"},
        say("PUTVAL h/p/gauge-a/b 1:1\nGETVAL h/p/gauge-a/b\nGETVAL h/p/gauge-a_b\n"));
    CPPUNIT_ASSERT_EQUAL(std::string{"0 Success: 1 value has been dispatched.\n"
                                     "1 Value found\nvalue=1.000000e+00\n"},
                         say("PUTVAL /p/gauge 1:1\nGETVAL local/p/gauge\n"));
    CPPUNIT_ASSERT_EQUAL(std::string{"0 Success: 1 value has been dispatched.\n"
                                     "1 Value found\nvalue=NaN\n"},
                         say("PUTVAL h/p/percent 1:101\nGETVAL h/p/percent\n"));
  }

  void says_why_there_is_no_value() {
    CPPUNIT_ASSERT_EQUAL(std::string{"-1 Missing identifier.\n"}, say("GETVAL \n"));
    CPPUNIT_ASSERT_EQUAL(std::string{"-1 Garbage after identifier: `extra'.\n"},
                         say("GETVAL h/p/gauge extra more\n"));
    CPPUNIT_ASSERT_EQUAL(std::string{"-1 Cannot parse identifier `h/p'.\n"}, say("GETVAL h/p\n"));
    CPPUNIT_ASSERT_EQUAL(std::string{"-1 Type `nosuchtype' is unknown.\n"},
                         say("GETVAL h/p/nosuchtype-x\n"));
    CPPUNIT_ASSERT_EQUAL(std::string{"-1 Type `gauge/x' is unknown.\n"},
                         say("GETVAL h/p/gauge/x\n"));
    CPPUNIT_ASSERT_EQUAL(std::string{"-1 No such value.\n"}, say("GETVAL h/p/gauge\n"));
    CPPUNIT_ASSERT_EQUAL(std::string{"-1 Unterminated quoted string.\n"}, say("GETVAL \"h/p\n"));
    CPPUNIT_ASSERT_EQUAL(std::string{"-1 Backslash at end of string.\n"}, say("GETVAL \"h\\\n"));
    CPPUNIT_ASSERT_EQUAL(std::string{"-1 Cannot parse identifier `'.\n"}, say("GETVAL \"\"\n"));
  }

  void lists_values() {
    CPPUNIT_ASSERT_EQUAL(std::string{"0 Values found\n"}, say("LISTVAL\n"));
    (void)say("PUTVAL h/p/gauge-b 1700000000.0625:1\nPUTVAL \"h/p/gauge-a \\\"b\" 5.9996:1\n");
    CPPUNIT_ASSERT_EQUAL(
        std::string{"2 Values found\n6.000 h/p/gauge-a \"b\n1700000000.062 h/p/gauge-b\n"},
        say("listval\r\n"));
    CPPUNIT_ASSERT_EQUAL(std::string{"-1 Garbage after end of command: `x'.\n"},
                         say("LISTVAL x y\n"));
    CPPUNIT_ASSERT_EQUAL(std::string{"-1 Unterminated quoted string.\n"}, say("LISTVAL \"\n"));
  }

  void takes_values() {
    CPPUNIT_ASSERT_EQUAL(std::string{"0 Success: 3 values have been dispatched.\n"},
                         say("PUTVAL h/p/gauge 1:1 2:2 interval=30 3:3\n"));
    CPPUNIT_ASSERT_EQUAL(std::string{"0 Success: 0 values have been dispatched.\n"},
                         say("PUTVAL h/p/gauge interval=30\n"));
    CPPUNIT_ASSERT_EQUAL(std::string{"0 Success: 1 value has been dispatched.\n"},
                         say("PUTVAL h/p/gauge 2:1\n"));  // too old, but nobody waits to hear it
    CPPUNIT_ASSERT_EQUAL(std::string{"-1 Parsing the values string failed.\n"},
                         say("PUTVAL h/p/gauge 9:1 bogus 10:1\n"));
    CPPUNIT_ASSERT_EQUAL(std::string{"-1 1 Type `nosuch' isn't defined.\n"},
                         say("PUTVAL h/p/nosuch 1:1\n"));
    CPPUNIT_ASSERT_EQUAL(std::string{"-1 Cannot parse option `foo'.\n"},
                         say("PUTVAL h/p/gauge foo=1 11:1\n"));
    CPPUNIT_ASSERT_EQUAL(std::string{"1 Value found\n3.000 h/p/gauge\n"}, say("LISTVAL\n"));
    const Pipeline::Counts counts = pipeline_.counts();
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{3}, counts.values);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, counts.too_old);
  }

  void takes_notifications() {
    CPPUNIT_ASSERT_EQUAL(std::string{"0 Success\n"},
                         say("PUTNOTIF severity=okay time=1 message=\"a b\" host=h\n"));
    CPPUNIT_ASSERT_EQUAL(std::string{"Notification: severity = OKAY, host = h, message = a b\n"},
                         notifier_.text);
    CPPUNIT_ASSERT_EQUAL(std::string{"-1 Option `severity' missing.\n"}, say("PUTNOTIF\n"));
  }

  void flushes() {
    const auto done = [](int successful, int errors) {
      return "0 Done: " + std::to_string(successful) + " successful, " + std::to_string(errors) +
             " errors\n";
    };
    CPPUNIT_ASSERT_EQUAL(done(1, 0), say("FLUSH\n"));
    CPPUNIT_ASSERT_EQUAL(done(1, 0), say("FLUSH plugin=nosuch timeout=-5\n"));
    CPPUNIT_ASSERT_EQUAL(done(6, 0), say("flush identifier=\"h/p/gauge-a b\" plugin=a plugin=b "
                                         "PLUGIN=c identifier=h/p/gauge\n"));
    const std::string longer(900, 'x');
    CPPUNIT_ASSERT_EQUAL(done(2, 0), say("FLUSH plugin=a plugin=b identifier=" + longer + "/p/t"));
    CPPUNIT_ASSERT_EQUAL(
        done(2, 2),
        say("FLUSH plugin=a plugin=b identifier=h/p/t identifier=" + longer + "/" + longer + "/t"));
  }

  void says_what_is_wrong_with_a_flush() {
    CPPUNIT_ASSERT_EQUAL(std::string{"-1 Invalid option string `bogus'.\n"}, say("FLUSH bogus\n"));
    CPPUNIT_ASSERT_EQUAL(std::string{"-1 Cannot parse option `foo'.\n"}, say("FLUSH foo=bar\n"));
    CPPUNIT_ASSERT_EQUAL(std::string{"-1 Invalid identifier `a'.\n"},
                         say("FLUSH identifier=a/b\n"));
    for (const char* timeout : {"", "abc", "inf", "nan", "1e999"})
      CPPUNIT_ASSERT_EQUAL("-1 Invalid value for option `timeout': " + std::string{timeout} + "\n",
                           say("FLUSH timeout=" + std::string{timeout} + "\n"));
    CPPUNIT_ASSERT_EQUAL(std::string{"-1 Unterminated quoted string.\n"},
                         say("FLUSH plugin=\"a\n"));
  }

  void waits_for_a_flush_and_gives_up() {
    RecordingWriter writer;
    SystemClock real;
    Outlet outlet{"w", &writer, nullptr, std::make_shared<Ledger>(), {}, real, log_};
    pipeline_.add(outlet);  // not started: it never flushes
    Session session{context_, span_of_seconds(10), [] {}};
    std::string bytes = "FLUSH\nLISTVAL x\n";
    CPPUNIT_ASSERT_EQUAL(std::size_t{6}, session.feed(bytes));
    CPPUNIT_ASSERT(session.waiting());
    session.poll();
    CPPUNIT_ASSERT_EQUAL(std::string{}, session.output());
    clock_.advance(std::chrono::seconds{2});
    session.poll();
    CPPUNIT_ASSERT(!session.waiting());
    CPPUNIT_ASSERT_EQUAL(std::size_t{10}, session.feed(std::span{bytes}.subspan(6)));
    CPPUNIT_ASSERT_EQUAL(std::string{"0 Done: 1 successful, 0 errors\n"
                                     "-1 Garbage after end of command: `x'.\n"},
                         session.output());
    pipeline_.remove(outlet);
  }

  void knows_of_no_threshold() {
    CPPUNIT_ASSERT_EQUAL(std::string{"-1 Cannot parse identifier.\n"}, say("GETTHRESHOLD\n"));
    CPPUNIT_ASSERT_EQUAL(std::string{"-1 Cannot parse identifier.\n"},
                         say("GETTHRESHOLD \"h/p/gauge\"x\n"));
    CPPUNIT_ASSERT_EQUAL(std::string{"-1 Cannot parse identifier `bogus'.\n"},
                         say("GETTHRESHOLD bogus\n"));
    CPPUNIT_ASSERT_EQUAL(std::string{"-1 Garbage after end of command: a \"b\n"},
                         say("GETTHRESHOLD bogus  a \"b \n"));
    CPPUNIT_ASSERT_EQUAL(std::string{"-1 No threshold found for identifier h/p/gauge-a b\n"},
                         say("GETTHRESHOLD \"h/p/gauge-a b\"\n"));
  }

  void answers_commands_of_the_daemon() {
    CPPUNIT_ASSERT_EQUAL(std::string{"1 Line\n<a b>\n"}, say("status a b \n"));
    CPPUNIT_ASSERT_EQUAL(std::string{"-1 Unknown command: Help\n"}, say("Help me\n"));
  }

  void cuts_lines_as_clients_send_them() {
    const std::string garbage = "-1 Garbage after end of command: `x'.\n";
    for (const char* line : {"LISTVAL x\n", "LISTVAL x\r\n", " \tlistval\tx \r\r\n", "LISTVAL x"})
      CPPUNIT_ASSERT_EQUAL(garbage, say(line));
    for (const char* empty : {"", "\n", "\r\n", "\r", " \t\n"})
      CPPUNIT_ASSERT_EQUAL(std::string{}, say(empty));
    CPPUNIT_ASSERT_EQUAL(garbage, say(std::string{"LISTVAL x\0y\n\0z\n", 14}));
    CPPUNIT_ASSERT_EQUAL(std::string{"-1 Unknown command: LISTVAL\x0bx\n"}, say("LISTVAL\x0bx\n"));
    const std::string word(5000, 'X');
    CPPUNIT_ASSERT_EQUAL("-1 Unknown command: " + word + "\n", say(word + "\n"));
  }

  void answers_in_the_order_of_the_lines() {
    CPPUNIT_ASSERT_EQUAL(std::string{"0 Values found\n-1 Unknown command: a\n"
                                     "0 Success: 1 value has been dispatched.\n"
                                     "0 Success: 1 value has been dispatched.\n"
                                     "1 Value found\nvalue=2.000000e+00\n"
                                     "0 Done: 1 successful, 0 errors\n-1 Unknown command: b\n"},
                         say("LISTVAL\na\n\nPUTVAL h/p/gauge 1:1\nPUTVAL h/p/gauge 2:2\n"
                             "GETVAL h/p/gauge\nFLUSH\nb"));
  }

  void waits_for_what_the_daemon_answers_later() {
    std::shared_ptr<LateReply> reply;
    bool was_trusted = false;
    context_.manage["RELOAD"] = [&](std::string_view arguments, bool trusted, auto later) {
      CPPUNIT_ASSERT_EQUAL(std::string{"now"}, std::string{arguments});
      was_trusted = trusted;
      reply = std::move(later);
    };
    int rings = 0;
    Session session{context_, span_of_seconds(10), [&] { ++rings; }, {true, true}};
    std::string bytes = "reload now\nLISTVAL\n";
    const std::size_t used = session.feed(bytes);
    CPPUNIT_ASSERT(session.waiting() && was_trusted);
    session.poll();
    CPPUNIT_ASSERT(session.waiting());
    CPPUNIT_ASSERT_EQUAL(std::string{}, session.output());
    reply->give("1 Reload done\n+ plugin load\n");
    CPPUNIT_ASSERT_EQUAL(1, rings);
    session.poll();
    CPPUNIT_ASSERT(!session.waiting());
    session.feed(std::span{bytes}.subspan(used));
    CPPUNIT_ASSERT_EQUAL(std::string{"1 Reload done\n+ plugin load\n0 Values found\n"},
                         session.output());
  }

  void managing_is_for_some_sockets_only() {
    context_.manage["RELOAD"] = [](std::string_view, bool, auto) { CPPUNIT_FAIL("executed"); };
    CPPUNIT_ASSERT_EQUAL(std::string{"-1 RELOAD is only for the daemon's own control socket\n"},
                         say("Reload\n"));
  }

  void prints_numbers_as_clients_know_them() {
    const auto text = [](double value) { return std::string{getval_number(value).view()}; };
    const double infinity = std::numeric_limits<double>::infinity();
    CPPUNIT_ASSERT_EQUAL(std::string{"1.000000e+00"}, text(1));
    CPPUNIT_ASSERT_EQUAL(std::string{"-1.500000e-300"}, text(-1.5e-300));
    CPPUNIT_ASSERT_EQUAL(std::string{"-0.000000e+00"}, text(-0.0));
    CPPUNIT_ASSERT_EQUAL(std::string{"NaN"}, text(std::numeric_limits<double>::quiet_NaN()));
    CPPUNIT_ASSERT_EQUAL(std::string{"         inf"}, text(infinity));
    CPPUNIT_ASSERT_EQUAL(std::string{"        -inf"}, text(-infinity));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ProtocolTest);

}  // namespace vital::test

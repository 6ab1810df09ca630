// SPDX-License-Identifier: MIT
#include "model/put.h"

#include <cppunit/extensions/HelperMacros.h>

#include <cmath>
#include <limits>

#include "support/samples.h"

namespace vital::test {
namespace {

constexpr Time kNow = time_of(1'700'000'000.0);

std::string fields_of(std::string line) {
  CommandFields fields{line};
  std::string text;
  for (std::string_view field; fields.next(field);) text.append("[").append(field).append("]");
  return text + std::string{fields.refusal()};
}

std::string strings_of(std::string_view rest) {
  std::string text, value;
  while (!rest.empty()) {
    const bool fine = next_string(rest, value);
    text += fine ? "[" + value + "]" : "!";
    if (!fine) break;
  }
  return text;
}

std::string put_notification(std::string arguments, Notification& notification) {
  Refusal refusal;
  const bool fine = parse_putnotif(arguments, notification, refusal);
  CPPUNIT_ASSERT_EQUAL(fine, refusal.empty());
  return std::string{refusal.view()};
}

}  // namespace

class PutTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(PutTest);
  CPPUNIT_TEST(cuts_a_command_into_fields);
  CPPUNIT_TEST(cuts_strings_as_notifications_have_them);
  CPPUNIT_TEST(knows_options_by_their_sign);
  CPPUNIT_TEST(parses_values_of_every_kind);
  CPPUNIT_TEST(refuses_values_that_are_none);
  CPPUNIT_TEST(parses_times);
  CPPUNIT_TEST(gives_intervals_to_the_lists_behind_them);
  CPPUNIT_TEST(takes_meta_data_in_two_pairs_of_quotes);
  CPPUNIT_TEST(says_what_is_wrong_with_a_putval);
  CPPUNIT_TEST(every_truncation_of_a_putval_gives_fewer_lists_or_none);
  CPPUNIT_TEST(parses_a_notification);
  CPPUNIT_TEST(cuts_what_is_too_long_in_a_notification);
  CPPUNIT_TEST(says_what_is_wrong_with_a_notification);
  CPPUNIT_TEST(every_truncation_of_a_notification_is_harmless);
  CPPUNIT_TEST(writes_what_it_reads);
  CPPUNIT_TEST_SUITE_END();

  Samples samples_;
  PutvalParser parser_{samples_.types()};

  /// What is wrong with the command, or how many lists it has.
  std::string put(std::string arguments) {
    Refusal refusal;
    if (parser_.parse(arguments, kNow, refusal)) return std::to_string(parser_.size());
    return std::string{refusal.view()};
  }
  /// The values of the first list as text.
  std::string value(const std::string& type, const std::string& list) {
    std::string arguments = "h/p/" + type + " 1:" + list;
    Refusal refusal;
    if (!parser_.parse(arguments, kNow, refusal)) return std::string{refusal.view()};
    Batch batch;
    batch.begin(kNow, span_of_seconds(10), samples_.series().era());
    CPPUNIT_ASSERT(parser_.add_to(batch, samples_.series(), span_of_seconds(10)));
    std::string text{putval_line(batch[0], GaugeForm::general, false).view()};
    return text.substr(text.find("1.000:") + 6);
  }

 public:
  void cuts_a_command_into_fields() {
    CPPUNIT_ASSERT_EQUAL(std::string{"[a][b=c][d]"}, fields_of(" a\t b=c\x0b"
                                                               "d\r"));
    CPPUNIT_ASSERT_EQUAL(std::string{"[a b][c\"d\\e][k=x y]"},
                         fields_of(R"("a b" "c\"d\\\e" k="x y")"));
    CPPUNIT_ASSERT_EQUAL(std::string{"[a\\b][][c]"}, fields_of(R"(a\b "" c)"));
    CPPUNIT_ASSERT_EQUAL(std::string{"[a][b][c]"}, fields_of(R"("a""b"c)"));
    CPPUNIT_ASSERT_EQUAL(std::string{"[a]Unterminated quoted string."}, fields_of("a \"b c"));
    CPPUNIT_ASSERT_EQUAL(std::string{"Backslash at end of string."}, fields_of("\"b\\"));
    CPPUNIT_ASSERT_EQUAL(std::string{}, fields_of(" "));
  }

  void cuts_strings_as_notifications_have_them() {
    CPPUNIT_ASSERT_EQUAL(std::string{"[a][b\"c][\\d]"}, strings_of(" a b\"c \\d"));
    CPPUNIT_ASSERT_EQUAL(std::string{"[a b][c\"\\d]"}, strings_of(R"("a b" "c\"\\d")"));
    CPPUNIT_ASSERT_EQUAL(std::string{"[]"}, strings_of("\"\""));
    for (const char* wrong : {"\"a\"b", "\"a", "\"a\\", "\"a\\\"", " "})
      CPPUNIT_ASSERT_EQUAL(std::string{"!"}, strings_of(wrong));
  }

  void knows_options_by_their_sign() {
    CPPUNIT_ASSERT_EQUAL(std::string_view{"interval"}, option_name("interval=10"));
    CPPUNIT_ASSERT_EQUAL(std::string_view{"meta:a_B1"}, option_name("meta:a_B1=\"x\""));
    for (const char* none : {"=5", "interval", "a-b=5", "1700000000:1", "", "h/p=x"})
      CPPUNIT_ASSERT_EQUAL(std::string_view{}, option_name(none));
  }

  void parses_values_of_every_kind() {
    CPPUNIT_ASSERT_EQUAL(std::string{"1000"}, value("gauge", "1e3"));
    CPPUNIT_ASSERT_EQUAL(std::string{"16"}, value("gauge", "0x10"));
    CPPUNIT_ASSERT_EQUAL(std::string{"12"}, value("gauge", "12abc"));
    CPPUNIT_ASSERT_EQUAL(std::string{"nan"}, value("gauge", "U"));
    CPPUNIT_ASSERT_EQUAL(std::string{"-inf"}, value("gauge", "-Infinity"));
    CPPUNIT_ASSERT_EQUAL(std::string{"-13"}, value("derive", "-13.7"));
    CPPUNIT_ASSERT_EQUAL(std::string{"9223372036854775807"},
                         value("derive", "99999999999999999999"));
    CPPUNIT_ASSERT_EQUAL(std::string{"31"}, value("counter", "0x1F"));
    CPPUNIT_ASSERT_EQUAL(std::string{"15"}, value("counter", "017"));
    CPPUNIT_ASSERT_EQUAL(std::string{"18446744073709551615"}, value("counter", "-1"));
    CPPUNIT_ASSERT_EQUAL(std::string{"18446744073709551615"},
                         value("absolute", "18446744073709551616"));
    CPPUNIT_ASSERT_EQUAL(std::string{"1:2:0"}, value("load", ":1::2:"));  // missing ones are 0
  }

  void refuses_values_that_are_none() {
    const std::string refused = "Parsing the values string failed.";
    for (const char* list : {"abc", "u", ".", "--1", "1:2", "", ":"})
      CPPUNIT_ASSERT_EQUAL(refused, value("gauge", list));
    for (const char* list : {"U", "x", "nan"})
      CPPUNIT_ASSERT_EQUAL(refused, value("counter", list));
    CPPUNIT_ASSERT_EQUAL(refused, value("derive", "U"));
  }

  void parses_times() {
    CPPUNIT_ASSERT_EQUAL(std::string{"1"}, put("h/p/gauge N:1"));
    CPPUNIT_ASSERT_EQUAL(std::string{"1"}, put("h/p/gauge 1700000000.5:1"));
    CPPUNIT_ASSERT_EQUAL(std::string{"1"}, put("h/p/gauge 17e8:1"));
    for (const char* time :
         {"0", "-5", "n", "5x", "nan", "inf", "1e300", "8e9", "0.0000000001", ""})
      CPPUNIT_ASSERT_EQUAL(std::string{"Parsing the values string failed."},
                           put("h/p/gauge " + std::string{time} + ":1:"));
  }

  void gives_intervals_to_the_lists_behind_them() {
    const auto intervals = [&](const std::string& options) {
      std::string arguments = "h/p/gauge 1:1 " + options + " 2:2";
      Refusal refusal;
      CPPUNIT_ASSERT(parser_.parse(arguments, kNow, refusal));
      Batch batch;
      batch.begin(kNow, span_of_seconds(10), samples_.series().era());
      CPPUNIT_ASSERT(parser_.add_to(batch, samples_.series(), span_of_seconds(10)));
      return std::pair{seconds(batch[0].interval), seconds(batch[1].interval)};
    };
    CPPUNIT_ASSERT(intervals("interval=30") == std::pair(10.0, 30.0));
    CPPUNIT_ASSERT(intervals("INTERVAL=\"0.5\"") == std::pair(10.0, 0.5));
    CPPUNIT_ASSERT(intervals("interval=5x") == std::pair(10.0, 5.0));
    for (const char* ignored : {"abc", "-5", "0", "", "nan", "inf", "1e999"})
      CPPUNIT_ASSERT(intervals("interval=" + std::string{ignored}) == std::pair(10.0, 10.0));
  }

  void takes_meta_data_in_two_pairs_of_quotes() {
    std::string arguments = R"(h/p/gauge meta:foo="\"b a\"" META:x:y="\"\"" 1:1)";
    Refusal refusal;
    CPPUNIT_ASSERT(parser_.parse(arguments, kNow, refusal));
    Batch batch;
    batch.begin(kNow, span_of_seconds(10), samples_.series().era());
    CPPUNIT_ASSERT(parser_.add_to(batch, samples_.series(), span_of_seconds(10)));
    CPPUNIT_ASSERT_EQUAL(std::string{"b a"}, to_text(*batch[0].meta->find("foo")));
    CPPUNIT_ASSERT_EQUAL(std::string{}, to_text(*batch[0].meta->find("x:y")));
    for (const char* value : {"bar", "\"bar\"", R"("\"")", "5"})
      CPPUNIT_ASSERT_EQUAL(std::string{"Non-string metadata not supported yet"},
                           put("h/p/gauge meta:foo=" + std::string{value} + " 1:1"));
  }

  void says_what_is_wrong_with_a_putval() {
    const std::string few = "Missing identifier and/or value-list.";
    CPPUNIT_ASSERT_EQUAL(few, put(""));
    CPPUNIT_ASSERT_EQUAL(few, put(" h/p/gauge "));
    CPPUNIT_ASSERT_EQUAL(std::string{"Cannot parse identifier `h/p'."}, put("h/p 1:2"));
    CPPUNIT_ASSERT_EQUAL(std::string{"1 Type `nosuch' isn't defined."}, put("h/p/nosuch 1:2"));
    const std::string fits(127, 'x'), longer(128, 'x');
    CPPUNIT_ASSERT_EQUAL(std::string{"1"}, put(fits + "/" + fits + "-" + fits + "/gauge 1:2"));
    for (const std::string& name : {longer + "/p/gauge", "h/" + longer + "/gauge",
                                    "h/p-" + longer + "/gauge", "h/p/gauge-" + longer})
      CPPUNIT_ASSERT_EQUAL(std::string{"Identifier too long."}, put(name + " 1:2"));
    CPPUNIT_ASSERT_EQUAL(std::string{"Cannot parse option `foo'."}, put("h/p/gauge foo=1 1:2"));
    CPPUNIT_ASSERT_EQUAL(std::string{"Parsing the values string failed."},
                         put("h/p/gauge 1:1 bogus 2:2"));
    CPPUNIT_ASSERT_EQUAL(std::string{"Unterminated quoted string."}, put("h/p/gauge 1:1 \"2:2"));
    CPPUNIT_ASSERT_EQUAL(std::string{"0"}, put("h/p/gauge interval=10"));
  }

  void every_truncation_of_a_putval_gives_fewer_lists_or_none() {
    const std::string whole =
        R"("h/p-a b/if_octets-\"x" interval=5 meta:k="\"v\"" 1700000000:100:200 N:1:2)";
    for (std::size_t length = 0; length < whole.size(); ++length) {
      std::string arguments = whole.substr(0, length);
      Refusal refusal;
      if (parser_.parse(arguments, kNow, refusal))
        CPPUNIT_ASSERT(parser_.size() <= 2);
      else
        CPPUNIT_ASSERT(!refusal.empty());
    }
  }

  void parses_a_notification() {
    Notification notification;
    CPPUNIT_ASSERT_EQUAL(
        std::string{},
        put_notification(R"( Severity=WARNING time=1700000000.5 message="a \"b\" \c" host=h)"
                         R"( plugin=p plugin_instance="p i" TYPE=t type_instance="" s:k="v w")",
                         notification));
    CPPUNIT_ASSERT_EQUAL(std::string{"Notification: severity = WARNING, host = h, plugin = p, "
                                     "plugin_instance = p i, type = t, message = a \"b\" c"},
                         log_line(notification));
    CPPUNIT_ASSERT_EQUAL(1700000000.5, seconds(notification.time));
    CPPUNIT_ASSERT_EQUAL(std::string{"v w"}, to_text(*notification.meta.find("k")));
  }

  void cuts_what_is_too_long_in_a_notification() {
    Notification notification;
    const std::string longer(300, 'x');
    CPPUNIT_ASSERT_EQUAL(std::string{},
                         put_notification("severity=okay time=1 message=" + longer +
                                              " host=" + longer + " type_instance=" + longer,
                                          notification));
    CPPUNIT_ASSERT_EQUAL(longer.substr(0, 255), notification.message);
    CPPUNIT_ASSERT_EQUAL(longer.substr(0, 127), notification.host);
    CPPUNIT_ASSERT_EQUAL(longer.substr(0, 127), notification.type_instance);
  }

  void says_what_is_wrong_with_a_notification() {
    const auto wrong = [](std::string arguments) {
      Notification notification;
      return put_notification(std::move(arguments), notification);
    };
    CPPUNIT_ASSERT_EQUAL(std::string{"Option `severity' missing."}, wrong(""));
    CPPUNIT_ASSERT_EQUAL(std::string{"Option `time' missing."}, wrong("severity=okay"));
    for (const char* none : {"0", "1e300", "inf"})
      CPPUNIT_ASSERT_EQUAL(std::string{"Option `time' missing."},
                           wrong("severity=okay message=x time=" + std::string{none}));
    CPPUNIT_ASSERT_EQUAL(std::string{"No message or message of length 0 given."},
                         wrong("severity=okay time=1 message=\"\""));
    for (const char* option : {"foo=bar", "i:k=1", "S:k=1", "s:=1", "severity=warn", "time=N",
                               "time=5x", "time=-5", "time=nan"}) {
      const std::string text{option};
      CPPUNIT_ASSERT_EQUAL("Error parsing option `" + text.substr(0, text.find('=')) + "'",
                           wrong("severity=okay time=1 message=x " + text));
    }
    for (const char* option : {"x", "=x", "a-b=c", "host=", "host= h", "host=\"h", "host=\"h\\",
                               "host=\"h\"x", "\"host\"=h"})
      CPPUNIT_ASSERT_EQUAL(std::string{"Malformed option."},
                           wrong("severity=okay time=1 message=x " + std::string{option}));
  }

  void every_truncation_of_a_notification_is_harmless() {
    const std::string whole = R"(severity=okay time=1700000000 host="a \"b" s:k="v" message="m n")";
    for (std::size_t length = 0; length < whole.size(); ++length) {
      Notification notification;
      CPPUNIT_ASSERT(!put_notification(whole.substr(0, length), notification).empty());
    }
  }

  void writes_what_it_reads() {
    const auto again = [&](const std::string& line, GaugeForm form, bool rates) {
      return std::string{putval_line(samples_.batch(line)[0], form, rates).view()};
    };
    const std::string odd = R"("h/p-a b\"c\\d/gauge-x" interval=0.500 1700000000.250:)";
    CPPUNIT_ASSERT_EQUAL("PUTVAL " + odd + "1.5", again(odd + "1.5", GaugeForm::general, false));
    CPPUNIT_ASSERT_EQUAL("PUTVAL " + odd + "1.500000", again(odd + "1.5", GaugeForm::fixed, false));
    CPPUNIT_ASSERT_EQUAL(std::string{"PUTVAL h/p/if_octets interval=10.000 1.000:1:-2"},
                         again("h/p/if_octets 1:1:-2", GaugeForm::general, false));
    CPPUNIT_ASSERT_EQUAL(std::string{"PUTVAL h/p/if_octets interval=10.000 5.000:0.25:nan"},
                         again("h/p/if_octets 5:2:-3", GaugeForm::general, true));
    CPPUNIT_ASSERT_EQUAL(std::string{"PUTVAL h/p/counter interval=10.000 1.000:nan"},
                         again("h/p/counter 1:5", GaugeForm::fixed, true));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PutTest);

}  // namespace vital::test

// SPDX-License-Identifier: MIT
#include "lib/network_parser.h"

#include <cppunit/extensions/HelperMacros.h>

#include "support/packets.h"

namespace vital::test {
using network::Trust;
using network::Verdict;

class NetworkParserTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(NetworkParserTest);
  CPPUNIT_TEST(reads_what_collectd_sent);
  CPPUNIT_TEST(reads_extremes_that_collectd_sent);
  CPPUNIT_TEST(reads_notifications_that_collectd_sent);
  CPPUNIT_TEST(reads_what_collectd_signed_and_encrypted);
  CPPUNIT_TEST(every_truncation_is_the_beginning);
  CPPUNIT_TEST(no_truncation_of_a_secured_packet_is_read);
  CPPUNIT_TEST(every_flipped_bit_of_a_secured_packet_is_noticed);
  CPPUNIT_TEST(a_malformed_part_ends_the_packet);
  CPPUNIT_TEST(what_stood_before_a_mistake_stays);
  CPPUNIT_TEST(unknown_parts_are_passed_over);
  CPPUNIT_TEST(texts_end_at_their_first_nul);
  CPPUNIT_TEST(reads_whole_seconds);
  CPPUNIT_TEST(several_encrypted_parts_are_read);
  CPPUNIT_TEST(secured_parts_may_hold_others_but_not_too_deep);
  CPPUNIT_TEST(fields_do_not_leak_out_of_secured_parts);
  CPPUNIT_TEST(each_level_takes_what_collectd_takes);
  CPPUNIT_TEST_SUITE_END();

  PacketRecorder plain_;
  PacketRecorder alice_{{{"alice", "s3cret"}}};

  static Packet good() { return Parts{}.names().value(1, 0x4045400000000000); }
  void malformed(const Parts& parts) {
    Packet packet = Parts{}.names();
    packet.insert(packet.end(), parts.packet().begin(), parts.packet().end());
    packet = Parts{}.append(packet).append(good());
    CPPUNIT_ASSERT(plain_.parse(packet) == Verdict::malformed);
    CPPUNIT_ASSERT_EQUAL(std::string{}, plain_.text());
  }

 public:
  void reads_what_collectd_sent() {
    CPPUNIT_ASSERT(plain_.parse(captured("several-plain")) == Verdict::fine);
    CPPUNIT_ASSERT_EQUAL(
        std::string{
            "alpha/ex/gauge-a 1700000000.000 interval=10 gauge:42.5\n"
            "alpha/ex-inst/if_octets-eth0 1700000000.000 interval=10 derive:1000 derive:2000\n"
            "alpha/ex/counter 1700000000.000 interval=10 counter:4294967295\n"
            "alpha/ex/gauge-a 1700000010.500 interval=10 gauge:nan\n"},
        plain_.text());
  }

  void reads_extremes_that_collectd_sent() {
    CPPUNIT_ASSERT(plain_.parse(captured("kinds-plain")) == Verdict::fine);
    CPPUNIT_ASSERT_EQUAL(
        std::string{"alpha/ex/many 1700000000.000 interval=10 derive:-5 absolute:7 "
                    "gauge:-0.0015 counter:18446744073709551615\n"},
        plain_.text());
    CPPUNIT_ASSERT(plain_.parse(captured("extremes-plain")) == Verdict::fine);
    const std::string when = " 1700000000.001 interval=0.125 ";
    CPPUNIT_ASSERT_EQUAL("alpha/ex/counter-0" + when + "counter:0\n" + "alpha/ex/counter-1" + when +
                             "counter:18446744073709551615\n" + "alpha/ex/derive-2" + when +
                             "derive:-9223372036854775808\n" + "alpha/ex/derive-3" + when +
                             "derive:9223372036854775807\n" + "alpha/ex/absolute-4" + when +
                             "absolute:18446744073709551615\n" + "alpha/ex/gauge-5" + when +
                             "gauge:nan\n" + "alpha/ex/gauge-6" + when + "gauge:inf\n" +
                             "alpha/ex/gauge-7" + when + "gauge:-inf\n" + "alpha/ex/gauge-8" +
                             when + "gauge:1e+308\n" + "alpha/ex/gauge-9" + when + "gauge:-0\n" +
                             "alpha/ex/gauge-10" + when + "gauge:4.94065645841247e-324\n",
                         plain_.text());
  }

  void reads_notifications_that_collectd_sent() {
    CPPUNIT_ASSERT(plain_.parse(captured("notification-plain")) == Verdict::fine);
    CPPUNIT_ASSERT_EQUAL(std::string{"alpha/ex/gauge-a 1700000020.250 severity=2 Too hot\n"},
                         plain_.text());
    CPPUNIT_ASSERT(plain_.parse(captured("bare-plain")) == Verdict::fine);
    CPPUNIT_ASSERT_EQUAL(std::string{"// 1700000021.000 severity=4 bare\n"}, plain_.text());
  }

  void reads_what_collectd_signed_and_encrypted() {
    for (const std::string name : {"several", "kinds", "extremes", "split", "notification"}) {
      CPPUNIT_ASSERT(plain_.parse(captured(name + "-plain")) == Verdict::fine);
      for (const std::string how : {"signed", "encrypted"}) {
        CPPUNIT_ASSERT(alice_.parse(captured(name + "-" + how)) == Verdict::fine);
        std::string expected;
        std::istringstream lines{plain_.text()};
        for (std::string line; std::getline(lines, line);)
          expected += "alice " + how + ": " + line + "\n";
        CPPUNIT_ASSERT_EQUAL(expected, alice_.text());
      }
    }
  }

  void every_truncation_is_the_beginning() {
    for (const char* name : {"several-plain", "kinds-plain", "extremes-plain", "bare-plain"}) {
      const Packet whole = captured(name);
      CPPUNIT_ASSERT(plain_.parse(whole) == Verdict::fine);
      const std::string all = plain_.text();
      for (std::size_t size = 0; size < whole.size(); ++size) {
        const Packet cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        (void)plain_.parse(cut);
        CPPUNIT_ASSERT(all.starts_with(plain_.text()) && plain_.text().size() < all.size());
      }
    }
  }

  void no_truncation_of_a_secured_packet_is_read() {
    for (const char* name : {"several-signed", "several-encrypted", "bare-signed"}) {
      const Packet whole = captured(name);
      for (std::size_t size = 0; size < whole.size(); ++size) {
        const Packet cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        CPPUNIT_ASSERT(size == 0 || alice_.parse(cut) != Verdict::fine);
        CPPUNIT_ASSERT_EQUAL(std::string{}, alice_.text());
      }
    }
  }

  void every_flipped_bit_of_a_secured_packet_is_noticed() {
    for (const char* name : {"bare-signed", "bare-encrypted"}) {
      const Packet whole = captured(name);
      for (std::size_t bit = 32; bit < whole.size() * 8; ++bit) {
        Packet wrong = whole;
        wrong[bit / 8] = static_cast<std::uint8_t>(wrong[bit / 8] ^ 1u << bit % 8);
        CPPUNIT_ASSERT(alice_.parse(wrong, Trust::is_signed) != Verdict::fine);
        CPPUNIT_ASSERT_EQUAL(std::string{}, alice_.text());
      }
    }
  }

  void a_malformed_part_ends_the_packet() {
    malformed(Parts{}.head(0, 4));                          // no text at all
    malformed(Parts{}.head(0, 5).raw({'x'}));               // no NUL
    malformed(Parts{}.text(5, std::string(128, 'x')));      // too long
    malformed(Parts{}.text(0x100, std::string(256, 'x')));  // the same of a message
    malformed(Parts{}.head(8, 11).raw({0, 0, 0, 0, 0, 0, 1}));
    malformed(Parts{}.head(9, 13).raw({0, 0, 0, 0, 0, 0, 0, 1, 0}));
    malformed(Parts{}.number(1, std::uint64_t{1} << 34));  // more seconds than there are
    malformed(Parts{}.head(6, 4));                         // no count
    malformed(Parts{}.head(6, 15).raw({0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0}));  // two, of which one is
    malformed(Parts{}.head(6, 15).raw({0, 1, 4, 0, 0, 0, 0, 0, 0, 0, 0}));  // no such kind
    CPPUNIT_ASSERT(plain_.parse(Parts{}.names().head(6, 3)) == Verdict::truncated);
    CPPUNIT_ASSERT(plain_.parse(Parts{}.names().head(6, 400)) == Verdict::truncated);
    CPPUNIT_ASSERT(plain_.parse(Parts{}.names().raw({0})) == Verdict::truncated);
    CPPUNIT_ASSERT_EQUAL(std::string{}, plain_.text());
  }

  void what_stood_before_a_mistake_stays() {
    const Packet packet = Parts{}.append(good()).head(8, 5).raw({0}).append(good());
    CPPUNIT_ASSERT(plain_.parse(packet) == Verdict::malformed);
    CPPUNIT_ASSERT_EQUAL(
        std::string{"h/p/gauge 1700000000.000 interval=0 gauge:2.71713210395694e-319\n"}.substr(0,
                                                                                                22),
        plain_.text().substr(0, 22));
    CPPUNIT_ASSERT_EQUAL(std::ptrdiff_t{1},
                         std::count(plain_.text().begin(), plain_.text().end(), '\n'));
  }

  void unknown_parts_are_passed_over() {
    const Packet packet = Parts{}.names().head(0x7777, 6).raw({1, 2}).head(0x99, 4).value(2, 5);
    CPPUNIT_ASSERT(plain_.parse(packet) == Verdict::fine);
    CPPUNIT_ASSERT_EQUAL(std::string{"h/p/gauge 1700000000.000 interval=0 derive:5\n"},
                         plain_.text());
  }

  void texts_end_at_their_first_nul() {
    const Packet packet = Parts{}.names().text(5, std::string_view{"ab\0cd", 5}).value(2, 5);
    CPPUNIT_ASSERT(plain_.parse(packet) == Verdict::fine);
    CPPUNIT_ASSERT_EQUAL(std::string{"h/p/gauge-ab 1700000000.000 interval=0 derive:5\n"},
                         plain_.text());
  }

  void reads_whole_seconds() {
    const Packet packet = Parts{}.names().number(1, 1'600'000'000).number(7, 60).value(2, 5);
    CPPUNIT_ASSERT(plain_.parse(packet) == Verdict::fine);
    CPPUNIT_ASSERT_EQUAL(std::string{"h/p/gauge 1600000000.000 interval=60 derive:5\n"},
                         plain_.text());
  }

  void several_encrypted_parts_are_read() {
    const Packet inner = Parts{}.names().value(2, 5);
    const Packet part = secured(inner, Trust::encrypted);
    CPPUNIT_ASSERT(alice_.parse(Parts{}.append(part).append(part).append(inner)) == Verdict::fine);
    const std::string line = "h/p/gauge 1700000000.000 interval=0 derive:5\n";
    CPPUNIT_ASSERT_EQUAL("alice encrypted: " + line + "alice encrypted: " + line + line,
                         alice_.text());
    Packet bad = part;
    bad.back() = static_cast<std::uint8_t>(~bad.back());
    CPPUNIT_ASSERT(alice_.parse(Parts{}.append(bad).append(part)) == Verdict::bad_signature);
    CPPUNIT_ASSERT_EQUAL(std::string{}, alice_.text());
  }

  void secured_parts_may_hold_others_but_not_too_deep() {
    Packet packet = Parts{}.names().value(2, 5);
    for (int depth = 1; depth <= 6; ++depth) {
      packet = secured(packet, depth % 2 == 0 ? Trust::is_signed : Trust::encrypted);
      const Verdict verdict = alice_.parse(packet);
      CPPUNIT_ASSERT(verdict == (depth <= 4 ? Verdict::fine : Verdict::too_deep));
      CPPUNIT_ASSERT_EQUAL(depth <= 4, !alice_.text().empty());
    }
  }

  void fields_do_not_leak_out_of_secured_parts() {
    const Packet inner = secured(Parts{}.names("inner").value(2, 5), Trust::encrypted);
    CPPUNIT_ASSERT(alice_.parse(Parts{}.names("outer").append(inner).value(2, 6)) == Verdict::fine);
    CPPUNIT_ASSERT_EQUAL(
        std::string{"alice encrypted: inner/p/gauge 1700000000.000 interval=0 derive:5\n"
                    "outer/p/gauge 1700000000.000 interval=0 derive:6\n"},
        alice_.text());
  }

  void each_level_takes_what_collectd_takes() {
    const Packet inner = Parts{}.names().value(2, 5);
    const Packet sealed = secured(inner, Trust::is_signed);
    const Packet hidden = secured(inner, Trust::encrypted);
    Packet forged = sealed, garbled = hidden;
    forged.back() = 6;
    garbled.back() = static_cast<std::uint8_t>(~garbled.back());
    const auto taken = [](PacketRecorder& by, const Packet& packet, Trust level) {
      (void)by.parse(packet, level);
      return by.text().find("derive") != std::string::npos;
    };
    struct Row {
      PacketRecorder& by;
      Trust level;
      bool plain, sealed, forged, hidden, garbled;
    };
    for (const Row& row : {Row{plain_, Trust::none, true, true, true, false, false},
                           Row{alice_, Trust::none, true, true, false, true, false},
                           Row{alice_, Trust::is_signed, false, true, false, true, false},
                           Row{alice_, Trust::encrypted, false, false, false, true, false}}) {
      CPPUNIT_ASSERT_EQUAL(row.plain, taken(row.by, inner, row.level));
      CPPUNIT_ASSERT_EQUAL(row.sealed, taken(row.by, sealed, row.level));
      CPPUNIT_ASSERT_EQUAL(row.forged, taken(row.by, forged, row.level));
      CPPUNIT_ASSERT_EQUAL(row.hidden, taken(row.by, hidden, row.level));
      CPPUNIT_ASSERT_EQUAL(row.garbled, taken(row.by, garbled, row.level));
    }
    CPPUNIT_ASSERT(alice_.parse(secured(inner, Trust::is_signed, "bob")) == Verdict::unknown_user);
    CPPUNIT_ASSERT(plain_.parse(hidden) == Verdict::unknown_user);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(NetworkParserTest);

}  // namespace vital::test

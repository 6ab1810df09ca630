// SPDX-License-Identifier: MIT
#include "daemon/isolation_wire.h"

#include <cppunit/extensions/HelperMacros.h>

namespace vital::test {
using namespace isolation;
using namespace std::chrono_literals;

class IsolationWireTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(IsolationWireTest);
  CPPUNIT_TEST(a_brief_arrives_whole);
  CPPUNIT_TEST(an_offer_arrives_whole);
  CPPUNIT_TEST(a_reply_arrives_whole);
  CPPUNIT_TEST(a_refusal_keeps_its_place);
  CPPUNIT_TEST(an_offer_to_read_at_no_time_is_malformed);
  CPPUNIT_TEST_SUITE_END();

  /// Writes, reads again, and compares the bytes; what is cut short is malformed.
  template <typename What>
  static What again(const What& what) {
    ByteWriter out;
    put(out, what);
    What result;
    ByteReader in{out.view()};
    CPPUNIT_ASSERT(take(in, result));
    ByteWriter once_more;
    put(once_more, result);
    CPPUNIT_ASSERT_EQUAL(std::string{out.view()}, std::string{once_more.view()});
    for (std::size_t size = 0; size < out.size(); ++size) {
      What cut;
      ByteReader some{out.view().substr(0, size)};
      CPPUNIT_ASSERT(!take(some, cut));
    }
    return result;
  }

 public:
  void a_brief_arrives_whole() {
    Problems problems;
    const auto statements = parse(
        std::make_shared<const Source>(Source{
            "a.conf",
            "Key \"text\" 1.5 true\n<Block \"x\">\n  <Inner>\n    Deep 1\n  </Inner>\n</Block>\n"}),
        problems);
    CPPUNIT_ASSERT(problems.empty());
    DataSet type{.type = "if", .sources = {{.name = "rx", .kind = Kind::derive, .min = 0}}};
    const Brief brief = again(Brief{.plugin = "x",
                                    .directory = "/d",
                                    .global_symbols = true,
                                    .interval = span_of_seconds(7),
                                    .root = "/",
                                    .host_name = "h",
                                    .capabilities = 0x8000000000000001,
                                    .options = statements,
                                    .types = {type}});
    CPPUNIT_ASSERT(brief.options == statements);
    CPPUNIT_ASSERT_EQUAL(std::uint32_t{4}, brief.options[1].children[0].children[0].position.line);
    CPPUNIT_ASSERT(brief.types == std::vector{type});
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0x8000000000000001}, brief.capabilities);
  }

  void an_offer_arrives_whole() {
    Offer offer{.kind = Offer::Kind::writer,
                .name = "x/y",
                .leaves_host = true,
                .counts = true,
                .options = {1, 2, 3, 4},
                .has_options = true};
    offer.socket.permissions = 0640;
    const Offer other = again(offer);
    CPPUNIT_ASSERT(other.like(offer) && other.leaves_host && other.counts && other.has_options);
    CPPUNIT_ASSERT(other.options == offer.options);
    CPPUNIT_ASSERT_EQUAL(0640u, other.socket.permissions);
  }

  void a_reply_arrives_whole() {
    Reply reply{.number = 5, .status = Error{Errc::refused, "why", 13}, .ledger = {}};
    reply.ledger.held = -3;
    reply.ledger.dropped[2] = 9;
    reply.next_wake = Steady{5s};
    reply.arrived = 2;
    const Reply other = again(reply);
    CPPUNIT_ASSERT(!other.status && other.status.error().code() == Errc::refused);
    CPPUNIT_ASSERT_EQUAL(std::string{"why"}, std::string{other.status.error().culprit()});
    CPPUNIT_ASSERT_EQUAL(13, other.status.error().number());
    CPPUNIT_ASSERT_EQUAL(std::int64_t{-3}, other.ledger.held);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{9}, other.ledger.dropped[2]);
    CPPUNIT_ASSERT(other.next_wake == Steady{5s});
    CPPUNIT_ASSERT(again(Reply{.number = 1, .status = {}, .ledger = {}}).status);
  }

  void a_refusal_keeps_its_place() {
    const Refusal refusal = again(
        Refusal{.what = "no",
                .hint = "do",
                .position = Position{std::make_shared<const Source>(Source{"f", {}}), 3, 4, 5}});
    CPPUNIT_ASSERT(refusal.position);
    CPPUNIT_ASSERT_EQUAL(std::string{"f:3:4"}, refusal.position->text());
  }

  void an_offer_to_read_at_no_time_is_malformed() {
    ByteWriter out;
    put(out, Offer{.kind = Offer::Kind::reader, .name = "x"});
    Offer offer;
    ByteReader in{out.view()};
    CPPUNIT_ASSERT(!take(in, offer));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(IsolationWireTest);

}  // namespace vital::test

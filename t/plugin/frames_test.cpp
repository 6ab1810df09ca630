// SPDX-License-Identifier: MIT
#include "plugin/frames.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <string>

#include "base/thread.h"

namespace vital::test {
using namespace std::chrono_literals;

class FramesTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(FramesTest);
  CPPUNIT_TEST(frames_arrive_as_they_were_sent);
  CPPUNIT_TEST(a_frame_that_comes_byte_by_byte_is_whole);
  CPPUNIT_TEST(a_length_that_no_frame_has_is_malformed);
  CPPUNIT_TEST(a_body_that_is_too_long_is_not_sent);
  CPPUNIT_TEST(who_does_not_take_anything_is_not_waited_for_for_ever);
  CPPUNIT_TEST(who_is_gone_is_noticed);
  CPPUNIT_TEST_SUITE_END();

  using Outcome = FrameCutter::Outcome;

  static std::pair<FramePipe, FramePipe> pipes() {
    auto pair = FramePipe::make_pair();
    CPPUNIT_ASSERT(pair);
    return {FramePipe{std::move(pair->first)}, FramePipe{std::move(pair->second)}};
  }
  static Steady soon() { return std::chrono::steady_clock::now() + 10s; }
  static Outcome feed(FrameCutter& cutter, std::string_view bytes, Frame& frame) {
    const auto room = cutter.room();
    CPPUNIT_ASSERT(room.size() >= bytes.size());
    std::copy(bytes.begin(), bytes.end(), room.begin());
    cutter.arrived(bytes.size());
    return cutter.next(frame);
  }

 public:
  void frames_arrive_as_they_were_sent() {
    auto [here, there] = pipes();
    const std::string longest(Frame::kLongestBody, 'x');
    auto sender = Thread::start("sender", [&here = here, &longest] {
      for (const std::string& body :
           {std::string{}, std::string{"one"}, longest, std::string{"two"}})
        if (!here.send({7, body}, soon())) return;
    });
    CPPUNIT_ASSERT(sender);
    std::vector<std::size_t> sizes;
    FrameCutter cutter;
    Frame frame;
    while (sizes.size() < 4) {
      CPPUNIT_ASSERT(there.receive(cutter));
      while (cutter.next(frame) == Outcome::frame) {
        CPPUNIT_ASSERT_EQUAL(std::uint8_t{7}, frame.kind);
        sizes.push_back(frame.body.size());
      }
    }
    CPPUNIT_ASSERT((sizes == std::vector<std::size_t>{0, 3, longest.size(), 3}));
  }

  void a_frame_that_comes_byte_by_byte_is_whole() {
    const std::string bytes{
        "\x03\x00\x00\x00\x09"
        "abc",
        8};
    FrameCutter cutter;
    Frame frame;
    for (std::size_t at = 0; at + 1 < bytes.size(); ++at)
      CPPUNIT_ASSERT(feed(cutter, bytes.substr(at, 1), frame) == Outcome::more);
    CPPUNIT_ASSERT(feed(cutter, bytes.substr(7), frame) == Outcome::frame);
    CPPUNIT_ASSERT_EQUAL(std::uint8_t{9}, frame.kind);
    CPPUNIT_ASSERT_EQUAL(std::string{"abc"}, std::string{frame.body});
    CPPUNIT_ASSERT(cutter.next(frame) == Outcome::more);
  }

  void a_length_that_no_frame_has_is_malformed() {
    FrameCutter cutter;
    Frame frame;
    CPPUNIT_ASSERT(feed(cutter, {"\x01\x00\x00\x01\x09", 5}, frame) == Outcome::malformed);
    CPPUNIT_ASSERT(cutter.next(frame) == Outcome::malformed);
    cutter.clear();
    CPPUNIT_ASSERT(cutter.next(frame) == Outcome::more);
  }

  void a_body_that_is_too_long_is_not_sent() {
    auto [here, there] = pipes();
    const std::string body(Frame::kLongestBody + 1, 'x');
    const Status status = here.send({1, body}, soon());
    CPPUNIT_ASSERT(!status && status.error().code() == Errc::too_long);
    FrameCutter cutter;
    Frame frame;
    CPPUNIT_ASSERT(there.receive(cutter));
    CPPUNIT_ASSERT(cutter.next(frame) == Outcome::more);
  }

  void who_does_not_take_anything_is_not_waited_for_for_ever() {
    auto [here, there] = pipes();
    const std::string body(1'000'000, 'x');
    Status status;
    for (int i = 0; i < 100 && status; ++i)
      status = here.send({1, body}, std::chrono::steady_clock::now() + 20ms);
    CPPUNIT_ASSERT(!status && status.error().code() == Errc::timed_out);
  }

  void who_is_gone_is_noticed() {
    auto [here, there] = pipes();
    there = FramePipe{};
    CPPUNIT_ASSERT(!here.send({1, "x"}, soon()));
    FrameCutter cutter;
    const auto status = here.receive(cutter);
    CPPUNIT_ASSERT(!status && status.error().code() == Errc::absent);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(FramesTest);

}  // namespace vital::test

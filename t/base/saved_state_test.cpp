// SPDX-License-Identifier: MIT
#include "base/saved_state.h"

#include <cppunit/extensions/HelperMacros.h>
#include <unistd.h>

#include "support/fixture.h"

namespace vital::test {

class SavedStateTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(SavedStateTest);
  CPPUNIT_TEST(comes_back_as_it_was_saved);
  CPPUNIT_TEST(is_refused_when_it_is_cut_short_anywhere);
  CPPUNIT_TEST(is_refused_when_any_bit_is_another);
  CPPUNIT_TEST(a_foreign_file_is_none);
  CPPUNIT_TEST(a_later_version_is_named_as_such);
  CPPUNIT_TEST(is_written_and_read_as_a_file);
  CPPUNIT_TEST(a_write_that_fails_leaves_the_old_file);
  CPPUNIT_TEST_SUITE_END();

  const SavedState state_{{{"cache", std::string{"\0\1\2", 3}}, {"empty", ""}, {"a", "b"}}};

 public:
  void comes_back_as_it_was_saved() {
    const auto again = SavedState::decode(state_.encode());
    CPPUNIT_ASSERT(again);
    CPPUNIT_ASSERT(again->sections == state_.sections);
    CPPUNIT_ASSERT(SavedState::decode(SavedState{}.encode())->sections.empty());
  }

  void is_refused_when_it_is_cut_short_anywhere() {
    const std::string whole = state_.encode();
    for (std::size_t length = 0; length < whole.size(); ++length)
      CPPUNIT_ASSERT(!SavedState::decode(std::string_view{whole}.substr(0, length)));
    CPPUNIT_ASSERT(!SavedState::decode(whole + "x"));
  }

  void is_refused_when_any_bit_is_another() {
    const std::string whole = state_.encode();
    for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
      std::string flipped = whole;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
      CPPUNIT_ASSERT(!SavedState::decode(flipped));
    }
  }

  void a_foreign_file_is_none() {
    CPPUNIT_ASSERT(SavedState::decode("#!/bin/sh\n").error().code() == Errc::malformed);
  }

  void a_later_version_is_named_as_such() {
    std::string later = state_.encode();
    later[13] = 2;
    CPPUNIT_ASSERT(SavedState::decode(later).error().code() == Errc::unknown);
  }

  void is_written_and_read_as_a_file() {
    const TemporaryDirectory directory;
    const std::string path = directory.path() + "/state";
    CPPUNIT_ASSERT(SavedState::read(path).error().code() == Errc::absent);
    CPPUNIT_ASSERT(state_.write(path));
    CPPUNIT_ASSERT(SavedState{}.write(path));
    CPPUNIT_ASSERT(state_.write(path));
    CPPUNIT_ASSERT(SavedState::read(path)->sections == state_.sections);
    CPPUNIT_ASSERT(::access((path + ".new").c_str(), F_OK) != 0);
  }

  void a_write_that_fails_leaves_the_old_file() {
    const TemporaryDirectory directory;
    const std::string path = directory.path() + "/state";
    CPPUNIT_ASSERT(state_.write(path));
    directory.write("state.new/x", "");  // so that it cannot be written beside
    CPPUNIT_ASSERT(!SavedState{}.write(path));
    CPPUNIT_ASSERT(SavedState::read(path)->sections == state_.sections);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SavedStateTest);

}  // namespace vital::test

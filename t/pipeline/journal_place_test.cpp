// SPDX-License-Identifier: MIT
#include "pipeline/journal_place.h"

#include <cppunit/extensions/HelperMacros.h>
#include <fcntl.h>

#include <random>
#include <utility>

#include "pipeline/journal_mark.h"
#include "support/fixture.h"

namespace vital::test {
using namespace journal;

class JournalPlaceTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(JournalPlaceTest);
  CPPUNIT_TEST(settles_each_value_once_in_any_order);
  CPPUNIT_TEST(a_mark_keeps_what_is_settled);
  CPPUNIT_TEST(a_damaged_slot_leaves_the_one_before_it);
  CPPUNIT_TEST(rejects_every_truncation_and_every_flip_of_a_slot);
  CPPUNIT_TEST_SUITE_END();

  /// Entry n has n % 4 values.
  static Place place(std::uint64_t entries) {
    Place place{entries, 0};
    for (std::uint64_t n = 0; n < entries; ++n) place.values += n % 4;
    return place;
  }
  static Settled some() {
    Settled settled{place(3)};
    settled.settle({place(5), place(7)});
    settled.settle({place(9), place(10)});
    return settled;
  }

 public:
  void settles_each_value_once_in_any_order() {
    std::mt19937 random{7};
    for (int round = 0; round < 300; ++round) {
      Settled settled;
      bool model[41] = {};
      for (int step = 0; step < 20; ++step) {
        const std::uint64_t begin = random() % 40;
        const std::uint64_t end = begin + random() % (41 - begin);
        std::uint64_t fresh = 0;
        for (std::uint64_t n = begin; n < end; ++n)
          fresh += std::exchange(model[n], true) ? 0 : n % 4;
        CPPUNIT_ASSERT_EQUAL(fresh, settled.settle({place(begin), place(end)}));
        std::uint64_t waiting = 0;
        for (std::uint64_t n = 0; n < 40; ++n) {
          CPPUNIT_ASSERT_EQUAL(model[n], settled.covers({place(n), place(n + 1)}));
          std::uint64_t next = n;
          while (model[next]) ++next;
          CPPUNIT_ASSERT(settled.skip(place(n)) == place(next));
          if (!model[n]) waiting += n % 4;
        }
        CPPUNIT_ASSERT_EQUAL(waiting, settled.waiting(place(40)));
      }
    }
  }

  void a_mark_keeps_what_is_settled() {
    const TemporaryDirectory directory;
    const Fd fd{::open(directory.path().c_str(), O_RDONLY | O_DIRECTORY)};
    std::optional<MarkState> state;
    Mark mark;
    CPPUNIT_ASSERT(mark.open(fd.get(), state) && !state);
    CPPUNIT_ASSERT(mark.write(Settled{}, {}));
    CPPUNIT_ASSERT(mark.write(some(), place(12)) && mark.sync());
    CPPUNIT_ASSERT(mark.open(fd.get(), state) && state);
    CPPUNIT_ASSERT(state->end == place(12));
    CPPUNIT_ASSERT(state->settled.low() == place(3));
    CPPUNIT_ASSERT(state->settled.behind() == some().behind());
  }

  void a_damaged_slot_leaves_the_one_before_it() {
    const TemporaryDirectory directory;
    const Fd fd{::open(directory.path().c_str(), O_RDONLY | O_DIRECTORY)};
    std::optional<MarkState> state;
    Mark mark;
    CPPUNIT_ASSERT(mark.open(fd.get(), state));
    for (std::uint64_t n = 1; n <= 3; ++n) CPPUNIT_ASSERT(mark.write(Settled{place(n)}, place(n)));
    std::string bytes = directory.read("acknowledged");
    bytes[Mark::kSlotBytes + 20] ^= 1;  // the third was written to the second slot
    directory.write("acknowledged", bytes);
    CPPUNIT_ASSERT(mark.open(fd.get(), state) && state);
    CPPUNIT_ASSERT(state->end == place(2));
    bytes[20] ^= 1;
    directory.write("acknowledged", bytes);
    CPPUNIT_ASSERT(mark.open(fd.get(), state) && !state);
  }

  void rejects_every_truncation_and_every_flip_of_a_slot() {
    const TemporaryDirectory directory;
    const Fd fd{::open(directory.path().c_str(), O_RDONLY | O_DIRECTORY)};
    std::optional<MarkState> state;
    Mark mark;
    CPPUNIT_ASSERT(mark.open(fd.get(), state) && mark.write(some(), place(12)));
    std::string slot = directory.read("acknowledged").substr(Mark::kSlotBytes);
    CPPUNIT_ASSERT(parse_mark_slot(slot));
    for (std::size_t size = 0; size < slot.size(); ++size)
      CPPUNIT_ASSERT(!parse_mark_slot(std::string_view{slot}.substr(0, size)));
    for (std::size_t bit = 0; bit < 8 * slot.size(); ++bit) {
      const auto flip = static_cast<char>(1u << (bit % 8));
      slot[bit / 8] = static_cast<char>(slot[bit / 8] ^ flip);
      CPPUNIT_ASSERT(!parse_mark_slot(slot));
      slot[bit / 8] = static_cast<char>(slot[bit / 8] ^ flip);
    }
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(JournalPlaceTest);

}  // namespace vital::test

// SPDX-License-Identifier: MIT
#include "pipeline/journal_record.h"

#include <cppunit/extensions/HelperMacros.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <random>
#include <string>
#include <vector>

namespace vital::test {
using namespace journal;

class JournalRecordTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(JournalRecordTest);
  CPPUNIT_TEST(records_come_back_in_order);
  CPPUNIT_TEST(a_flipped_bit_costs_one_record);
  CPPUNIT_TEST(a_cut_costs_what_was_cut_off);
  CPPUNIT_TEST(what_is_put_in_between_costs_nothing);
  CPPUNIT_TEST(a_record_within_a_payload_is_no_record);
  CPPUNIT_TEST(records_larger_than_a_window_are_read);
  CPPUNIT_TEST(entries_that_were_passed_are_not_read);
  CPPUNIT_TEST(names_of_segments_are_exact);
  CPPUNIT_TEST_SUITE_END();

  static constexpr std::uint32_t kSalt = 0x5eed;
  SegmentReader reader_;

  static std::string payload_of(std::uint64_t n, std::size_t size) {
    return std::string(size, static_cast<char>('a' + n % 26)) + std::to_string(n);
  }
  static Record record_of(std::uint64_t n, std::string_view payload) {
    return {.kind = RecordKind::batch,
            .stretch = {{n, 5 * n}, {n + 1, 5 * n + 5}},
            .written = time_of(1e9 + static_cast<double>(n)),
            .payload = payload};
  }
  static std::string segment(std::uint64_t count, std::size_t size = 30) {
    ByteWriter bytes;
    for (std::uint64_t n = 0; n < count; ++n) {
      const std::string payload = payload_of(n, size);
      put_record(bytes, record_of(n, payload), kSalt);
    }
    return std::string{bytes.view()};
  }
  /// The numbers of the records that a file with these bytes has, each checked.
  std::vector<std::uint64_t> numbers(std::string_view bytes, std::size_t size = 30,
                                     std::uint32_t salt = kSalt) {
    Fd file{::memfd_create("segment", MFD_CLOEXEC)};
    CPPUNIT_ASSERT(file && write_all(file.get(), bytes));
    reader_.open(std::move(file), salt);
    std::vector<std::uint64_t> result;
    for (Record record; reader_.next(bytes.size(), 0, record);) {
      const std::uint64_t n = record.stretch.begin.entries;
      CPPUNIT_ASSERT(record.stretch == record_of(n, {}).stretch);
      CPPUNIT_ASSERT(record.written == record_of(n, {}).written);
      CPPUNIT_ASSERT_EQUAL(payload_of(n, size), std::string{record.payload});
      result.push_back(n);
    }
    return result;
  }
  static std::vector<std::uint64_t> all_but(std::uint64_t count, std::uint64_t missing) {
    std::vector<std::uint64_t> result;
    for (std::uint64_t n = 0; n < count; ++n)
      if (n != missing) result.push_back(n);
    return result;
  }

 public:
  void records_come_back_in_order() {
    CPPUNIT_ASSERT(numbers(segment(100)) == all_but(100, 100));
    CPPUNIT_ASSERT(numbers(segment(100), 30, kSalt + 1).empty());
    CPPUNIT_ASSERT(numbers("").empty());
  }

  void a_flipped_bit_costs_one_record() {
    std::string bytes = segment(5);
    const std::size_t one = bytes.size() / 5;
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
      const auto flip = static_cast<char>(1u << (bit % 8));
      bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ flip);
      CPPUNIT_ASSERT(numbers(bytes) == all_but(5, bit / 8 / one));
      bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ flip);
    }
  }

  void a_cut_costs_what_was_cut_off() {
    const std::string bytes = segment(5);
    const std::size_t one = bytes.size() / 5;
    for (std::size_t size = 0; size < bytes.size(); ++size)
      CPPUNIT_ASSERT_EQUAL(size / one, numbers(std::string_view{bytes}.substr(0, size)).size());
  }

  void what_is_put_in_between_costs_nothing() {
    const std::string bytes = segment(4);
    const std::size_t one = bytes.size() / 4;
    std::mt19937 random{5};
    for (const std::size_t size : {1u, 3u, 4u, 47u, 48u, 5000u, 200000u}) {
      std::string garbage;
      for (std::size_t i = 0; i < size; ++i)
        garbage +=
            random() % 3 == 0 ? std::string{"VJR1"} : std::string{static_cast<char>(random())};
      std::string together = bytes;
      together.insert(one * 2, garbage);
      CPPUNIT_ASSERT(numbers(together) == all_but(4, 4));
    }
  }

  void a_record_within_a_payload_is_no_record() {
    ByteWriter forged, outer;
    put_record(forged, record_of(7, payload_of(7, 30)), 0);
    put_record(outer, record_of(1, forged.view()), kSalt);
    std::string bytes{outer.view()};
    bytes[0] ^= 1;
    CPPUNIT_ASSERT(numbers(bytes).empty());
  }

  void records_larger_than_a_window_are_read() {
    constexpr std::size_t kLarge = 150'000;
    std::string bytes = segment(6, kLarge);
    CPPUNIT_ASSERT(numbers(bytes, kLarge) == all_but(6, 6));
    bytes[2 * (bytes.size() / 6) + 3] ^= 1;
    CPPUNIT_ASSERT(numbers(bytes, kLarge) == all_but(6, 2));
  }

  void entries_that_were_passed_are_not_read() {
    const std::string bytes = segment(9);
    Fd file{::memfd_create("segment", MFD_CLOEXEC)};
    CPPUNIT_ASSERT(file && write_all(file.get(), bytes));
    reader_.open(std::move(file), kSalt);
    Record record;
    CPPUNIT_ASSERT(reader_.next(bytes.size(), 6, record));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{6}, record.stretch.begin.entries);
    reader_.seek(record.offset);
    CPPUNIT_ASSERT(reader_.next(bytes.size(), 6, record));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{6}, record.stretch.begin.entries);
    CPPUNIT_ASSERT(reader_.next(bytes.size(), 6, record));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{7}, record.stretch.begin.entries);
  }

  void names_of_segments_are_exact() {
    const SegmentName name{{0x123, 0xabcdef}, 0xfee1dead};
    const std::string text{format(name).view()};
    CPPUNIT_ASSERT_EQUAL(std::string{"0000000000000123-0000000000abcdef-fee1dead.vj1"}, text);
    CPPUNIT_ASSERT(parse_segment_name(text) == name);
    for (std::size_t size = 0; size < text.size(); ++size)
      CPPUNIT_ASSERT(!parse_segment_name(text.substr(0, size)));
    for (const char* wrong : {"0000000000000123-0000000000ABCDEF-fee1dead.vj1",
                              "0000000000000123_0000000000abcdef-fee1dead.vj1",
                              "-000000000000123-0000000000abcdef-fee1dead.vj1",
                              "ffffffffffffffff-0000000000abcdef-fee1dead.vj1",
                              "0000000000000123-0000000000abcdef-fee1dead.vj2"})
      CPPUNIT_ASSERT(!parse_segment_name(wrong));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(JournalRecordTest);

}  // namespace vital::test

// SPDX-License-Identifier: MIT
#include "model/batch.h"

#include <cppunit/extensions/HelperMacros.h>

#include <cmath>
#include <string>

#include "model/types.h"
#include "support/no_allocation.h"

namespace vital::test {

class BatchTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(BatchTest);
  CPPUNIT_TEST(keeps_samples_in_their_order);
  CPPUNIT_TEST(a_number_counts_as_its_data_source_does);
  CPPUNIT_TEST(refuses_another_number_of_values);
  CPPUNIT_TEST(samples_may_have_a_time_of_their_own);
  CPPUNIT_TEST(what_a_peer_said_of_all_its_samples_is_kept_once);
  CPPUNIT_TEST(knows_that_it_was_received);
  CPPUNIT_TEST(can_be_filtered);
  CPPUNIT_TEST(is_used_again_without_allocating);
  CPPUNIT_TEST_SUITE_END();

  static constexpr Time kNow = Time{span_of_seconds(1000)};
  static constexpr Span kTen = span_of_seconds(10);

  SeriesTable table_;
  DataSet gauge_ = *parse_data_set("gauge value:GAUGE:U:U");
  DataSet mixed_ =
      *parse_data_set("mixed a:GAUGE:U:U, b:DERIVE:U:U, c:COUNTER:U:U, d:ABSOLUTE:U:U");
  Series one_ = std::move(*table_.intern({"h", "p", "", "gauge", "1"}, gauge_));
  Series two_ = std::move(*table_.intern({"h", "p", "", "mixed", "2"}, mixed_));
  Batch batch_;

 public:
  void setUp() override { batch_.begin(kNow, kTen, table_.era()); }

  void keeps_samples_in_their_order() {
    CPPUNIT_ASSERT(batch_.add(one_, 1.5));
    CPPUNIT_ASSERT(batch_.add(two_, {1, 2, 3, 4}));
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, batch_.size());
    std::string names;
    for (const Sample& sample : batch_) names += std::string{sample.series.name()} + " ";
    CPPUNIT_ASSERT_EQUAL(std::string{"h/p/gauge-1 h/p/mixed-2 "}, names);
    CPPUNIT_ASSERT_EQUAL(1.5, batch_[0].values[0].gauge);
    CPPUNIT_ASSERT(batch_[1].time == kNow && batch_[1].interval == kTen);
    CPPUNIT_ASSERT(std::isnan(batch_[0].rates[0]));
  }

  void a_number_counts_as_its_data_source_does() {
    CPPUNIT_ASSERT(batch_.add(two_, {7, 8.6, -1, std::uint64_t{18446744073709551615u}}));
    const Sample sample = batch_[0];
    CPPUNIT_ASSERT_EQUAL(7.0, sample.values[0].gauge);
    CPPUNIT_ASSERT_EQUAL(std::int64_t{9}, sample.values[1].derive);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{18446744073709551615u}, sample.values[2].counter);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{18446744073709551615u}, sample.values[3].absolute);
    CPPUNIT_ASSERT(
        batch_.add(two_, {std::uint64_t{18446744073709551615u}, 1e300, -1e300, std::nan("")}));
    CPPUNIT_ASSERT_EQUAL(18446744073709551615.0, batch_[1].values[0].gauge);
    CPPUNIT_ASSERT_EQUAL(INT64_MAX, batch_[1].values[1].derive);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, batch_[1].values[2].counter);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, batch_[1].values[3].absolute);
  }

  void refuses_another_number_of_values() {
    CPPUNIT_ASSERT(!batch_.add(one_, {1, 2}));
    CPPUNIT_ASSERT(!batch_.add(two_, {1}));
    CPPUNIT_ASSERT(batch_.empty());
  }

  void samples_may_have_a_time_of_their_own() {
    const Value value{.gauge = 3};
    auto meta = std::make_shared<Meta>();
    meta->set("Key", std::string{"text"});
    CPPUNIT_ASSERT(batch_.add_at(*one_.get(), kNow + kTen, kTen * 6, {&value, 1}, meta));
    CPPUNIT_ASSERT(batch_.add_at(*one_.get(), kNow, kTen, {&value, 1}));
    CPPUNIT_ASSERT(batch_[0].time == kNow + kTen && batch_[0].interval == kTen * 6);
    CPPUNIT_ASSERT_EQUAL(std::string{"text"}, to_text(*batch_[0].meta->find("key")));
    CPPUNIT_ASSERT(batch_[1].time == kNow && batch_[1].meta == nullptr);
  }

  void what_a_peer_said_of_all_its_samples_is_kept_once() {
    const Value value{.gauge = 3};
    const auto one = std::make_shared<const Meta>(), other = std::make_shared<const Meta>();
    const std::size_t empty = batch_.bytes();
    CPPUNIT_ASSERT(batch_.add_at(*one_.get(), kNow + kTen, kTen, {&value, 1}, one));
    const std::size_t first = batch_.bytes() - empty;
    CPPUNIT_ASSERT(batch_.add_at(*one_.get(), kNow + kTen, kTen, {&value, 1}, one));
    CPPUNIT_ASSERT(batch_.bytes() - empty < 2 * first);
    CPPUNIT_ASSERT(batch_.add_at(*one_.get(), kNow + kTen, kTen, {&value, 1}, other));
    CPPUNIT_ASSERT(batch_.add_at(*one_.get(), kNow + kTen, kTen, {&value, 1}));
    CPPUNIT_ASSERT_EQUAL(long{3}, one.use_count() + other.use_count() - 1);
    const Meta* const expected[] = {one.get(), one.get(), other.get(), nullptr};
    for (std::size_t at = 0; at < batch_.size(); ++at) {
      CPPUNIT_ASSERT(batch_[at].meta == expected[at]);
      CPPUNIT_ASSERT(batch_[at].time == kNow + kTen);
    }
  }

  void knows_that_it_was_received() {
    CPPUNIT_ASSERT(!batch_.received());
    batch_.mark_received();
    CPPUNIT_ASSERT(batch_.received());
    batch_.begin(kNow, kTen, table_.era());
    CPPUNIT_ASSERT(!batch_.received());
  }

  void can_be_filtered() {
    for (int i = 0; i < 10; ++i) CPPUNIT_ASSERT(batch_.add(one_, i));
    batch_.filter([&](std::size_t at) { return batch_[at].values[0].gauge > 6; });
    CPPUNIT_ASSERT_EQUAL(std::size_t{3}, batch_.size());
    CPPUNIT_ASSERT_EQUAL(7.0, batch_[0].values[0].gauge);
    CPPUNIT_ASSERT_EQUAL(9.0, batch_[2].values[0].gauge);
  }

  void is_used_again_without_allocating() {
    for (int i = 0; i < 100; ++i) CPPUNIT_ASSERT(batch_.add(two_, {1, 2, 3, 4}));
    bool fine = true;
    const NoAllocation guard;
    batch_.begin(kNow, kTen, table_.era());
    for (int i = 0; i < 100; ++i) fine = fine && batch_.add(two_, {1, 2, 3, 4});
    const std::uint64_t allocations = guard.count();
    CPPUNIT_ASSERT(fine);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, allocations);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(BatchTest);

}  // namespace vital::test

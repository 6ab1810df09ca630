// SPDX-License-Identifier: MIT
#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <thread>
#include <vector>

#include "pipeline/journal.h"
#include "support/journal_host.h"

namespace vital::test {

class JournalThreadsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(JournalThreadsTest);
  CPPUNIT_TEST(each_value_is_counted_once_whoever_works_at_the_same_time);
  CPPUNIT_TEST_SUITE_END();

  static constexpr std::uint64_t kEntries = 4000, kSamples = 60;

  QuickDirectory directory_;
  JournalHost host_;

 public:
  void each_value_is_counted_once_whoever_works_at_the_same_time() {
    std::vector<std::shared_ptr<const Batch>> batches;
    for (std::uint64_t number = 1; number <= kEntries; ++number)
      batches.push_back(host_.batch(number, kSamples));
    JournalLimits limits;
    limits.most_bytes = JournalLimits::kLeastBytes;  // so that some are dropped while they are read
    const auto journal = host_.journal(directory_.path(), limits);
    CPPUNIT_ASSERT(journal->open());

    std::atomic<bool> done{false};
    std::atomic<std::uint64_t> appended{0}, settled{0}, wrong{0};
    std::thread appender{[&] {
      for (std::uint64_t at = 0; at < kEntries;) {
        if (!journal->append(batches[at])) {
          std::this_thread::yield();
          continue;
        }
        appended += kSamples;
        if (++at % 64 == 0) std::this_thread::sleep_for(std::chrono::microseconds{100});
      }
      done = true;
    }};
    std::thread syncer{[&] {
      while (!done) (void)journal->sync();
    }};
    std::uint64_t last = 0, seen = 0;
    const auto deliver = [&] {
      while (const auto entry = journal->read()) {
        const std::uint64_t number = JournalHost::number_of(*entry);
        if (number == JournalHost::kWrong || number <= last) ++wrong;
        last = number;
        if (++seen % 5 == 0) std::this_thread::sleep_for(std::chrono::microseconds{50});
        settled += journal->acknowledge(entry->position);
        (void)journal->status();
        settled += journal->take_losses().all();
      }
    };
    while (!done) deliver();
    appender.join();
    syncer.join();
    deliver();
    settled += journal->take_losses().all();
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, wrong.load());
    CPPUNIT_ASSERT_EQUAL(kEntries * kSamples, appended.load());
    CPPUNIT_ASSERT_EQUAL(appended.load(), settled + journal->status().values_waiting);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, journal->status().values_waiting);
    CPPUNIT_ASSERT_EQUAL(kEntries, last);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(JournalThreadsTest);

}  // namespace vital::test

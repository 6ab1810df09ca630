// SPDX-License-Identifier: MIT
#include "pipeline/journal.h"

#include <cppunit/extensions/HelperMacros.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <string>

#include "support/journal_host.h"
#include "support/no_allocation.h"

namespace vital::test {
using namespace std::chrono_literals;
namespace fs = std::filesystem;
namespace {

/// While it lives no file grows beyond so many bytes, as if the disk were full.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    before_handler_ = std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, before_handler_);
  }

 private:
  rlimit before_{};
  void (*before_handler_)(int);
};

}  // namespace

class JournalTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(JournalTest);
  CPPUNIT_TEST(entries_come_back_in_order_from_memory_and_disk);
  CPPUNIT_TEST(what_waits_outlives_a_restart);
  CPPUNIT_TEST(what_is_acknowledged_never_comes_back);
  CPPUNIT_TEST(acknowledged_in_time_never_touches_the_disk);
  CPPUNIT_TEST(reading_goes_on_while_entries_come);
  CPPUNIT_TEST(reads_no_further_than_it_is_asked_to);
  CPPUNIT_TEST(rewinding_reads_the_unacknowledged_again);
  CPPUNIT_TEST(delivered_segments_are_removed);
  CPPUNIT_TEST(the_oldest_go_when_the_limit_is_met);
  CPPUNIT_TEST(an_entry_too_large_for_the_limit_is_counted);
  CPPUNIT_TEST(a_large_batch_comes_back_in_pieces);
  CPPUNIT_TEST(what_is_too_old_is_dropped);
  CPPUNIT_TEST(a_full_disk_loses_nothing);
  CPPUNIT_TEST(what_waits_in_memory_is_bounded);
  CPPUNIT_TEST(a_directory_that_cannot_be_made_is_tried_again);
  CPPUNIT_TEST(a_removed_directory_is_made_again);
  CPPUNIT_TEST(only_one_may_have_the_directory);
  CPPUNIT_TEST(is_due_within_the_sync_interval);
  CPPUNIT_TEST(an_append_allocates_nothing);
  CPPUNIT_TEST(files_of_others_stay);
  CPPUNIT_TEST_SUITE_END();

  QuickDirectory directory_;
  std::string path_ = directory_.path() + "/deep/journal";
  JournalHost host_;
  JournalLimits limits_;
  std::unique_ptr<Journal> journal_;

  void start() {
    journal_.reset();
    journal_ = host_.journal(path_, limits_);
    CPPUNIT_ASSERT(journal_->open());
  }
  Journal::Position put(std::uint64_t number, std::size_t samples = 3) {
    const auto position = journal_->append(host_.batch(number, samples));
    CPPUNIT_ASSERT(position);
    return *position;
  }
  void put_all(std::uint64_t first, std::uint64_t last, std::size_t samples = 3) {
    for (std::uint64_t number = first; number <= last; ++number) {
      (void)put(number, samples);
      if (number % 10 == 9) CPPUNIT_ASSERT(journal_->sync());
    }
  }
  /// The number of the next entry; -1: there is none.
  int next(bool acknowledge = false) {
    const auto entry = journal_->read();
    if (!entry) {
      CPPUNIT_ASSERT(entry.error().code() == Errc::absent);
      return -1;
    }
    const std::uint64_t number = JournalHost::number_of(*entry);
    CPPUNIT_ASSERT(number != JournalHost::kWrong);
    if (acknowledge) (void)journal_->acknowledge(entry->position);
    return static_cast<int>(number);
  }
  std::string rest(bool acknowledge = false) {
    std::string numbers;
    for (int number = next(acknowledge); number >= 0; number = next(acknowledge))
      numbers += std::to_string(number) + " ";
    return numbers;
  }
  std::uint64_t waiting() const { return journal_->status().values_waiting; }
  std::size_t files() const {
    std::size_t count = 0;
    for (const auto& file : fs::directory_iterator{path_})
      count += file.path().extension() == ".vj1" ? 1 : 0;
    return count;
  }
  std::uint64_t disk_bytes() const {
    struct stat status;
    CPPUNIT_ASSERT(::stat(path_.c_str(), &status) == 0);
    auto blocks = status.st_blocks;
    for (const auto& file : fs::directory_iterator{path_}) {
      CPPUNIT_ASSERT(::stat(file.path().c_str(), &status) == 0);
      blocks += status.st_blocks;
    }
    return static_cast<std::uint64_t>(blocks) * 512;
  }

 public:
  void setUp() override { start(); }

  void entries_come_back_in_order_from_memory_and_disk() {
    (void)put(1);
    CPPUNIT_ASSERT_EQUAL(1, next());
    (void)put(2);
    CPPUNIT_ASSERT(journal_->append(host_.notification(3)));
    CPPUNIT_ASSERT(journal_->sync());
    (void)put(4);
    CPPUNIT_ASSERT_EQUAL(std::string{"2 3 4 "}, rest());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{10}, waiting());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{3}, journal_->status().values_pending);
  }

  void what_waits_outlives_a_restart() {
    put_all(1, 5);
    CPPUNIT_ASSERT(journal_->append(host_.notification(6)));
    CPPUNIT_ASSERT(journal_->sync());
    (void)put(7);
    start();
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{16}, waiting());
    (void)put(8);
    CPPUNIT_ASSERT_EQUAL(std::string{"1 2 3 4 5 6 8 "}, rest());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, journal_->take_losses().all());
    CPPUNIT_ASSERT(journal_->sync());
    start();
    CPPUNIT_ASSERT_EQUAL(std::string{"1 2 3 4 5 6 8 "}, rest());
  }

  void what_is_acknowledged_never_comes_back() {
    const auto one = put(1), two = put(2), three = put(3);
    CPPUNIT_ASSERT(journal_->sync());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{3}, journal_->acknowledge(two));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, journal_->acknowledge(two));
    CPPUNIT_ASSERT_EQUAL(std::string{"1 3 "}, rest());
    start();
    CPPUNIT_ASSERT_EQUAL(std::string{"1 3 "}, rest());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{3}, journal_->acknowledge(one));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{3}, journal_->acknowledge({one.begin, three.end}));
    start();
    CPPUNIT_ASSERT_EQUAL(std::string{}, rest());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, waiting() + journal_->take_losses().all());
  }

  void acknowledged_in_time_never_touches_the_disk() {
    for (std::uint64_t number = 1; number < 100; ++number) {
      CPPUNIT_ASSERT_EQUAL(std::uint64_t{3}, journal_->acknowledge(put(number)));
      CPPUNIT_ASSERT(journal_->next_sync() == Steady::max());
      CPPUNIT_ASSERT(journal_->sync());
    }
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, files());
    (void)put(100);
    const auto last = put(101);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{3}, journal_->acknowledge(last));
    CPPUNIT_ASSERT(journal_->sync());
    (void)put(102);
    CPPUNIT_ASSERT(journal_->sync());
    start();  // the gap of what was never written is no loss
    CPPUNIT_ASSERT_EQUAL(std::string{"100 102 "}, rest());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, journal_->take_losses().all());
  }

  void reading_goes_on_while_entries_come() {
    put_all(1, 500, 50);
    for (int number = 1; number <= 500; ++number) {
      CPPUNIT_ASSERT_EQUAL(number, next(true));
      (void)put(500 + static_cast<std::uint64_t>(number), 50);
      if (number % 7 == 0) CPPUNIT_ASSERT(journal_->sync());
    }
    for (int number = 501; number <= 1000; ++number) CPPUNIT_ASSERT_EQUAL(number, next(true));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, waiting() + journal_->take_losses().all());
  }

  void reads_no_further_than_it_is_asked_to() {
    put_all(1, 3);
    const auto fourth = put(4);
    CPPUNIT_ASSERT(journal_->sync());
    for (int i = 0; i < 3; ++i) CPPUNIT_ASSERT(journal_->read(fourth));
    CPPUNIT_ASSERT(!journal_->read(fourth));
    CPPUNIT_ASSERT_EQUAL(4, next());
  }

  void rewinding_reads_the_unacknowledged_again() {
    put_all(1, 12);
    CPPUNIT_ASSERT_EQUAL(1, next(true));
    CPPUNIT_ASSERT_EQUAL(2, next());
    CPPUNIT_ASSERT_EQUAL(3, next(true));
    journal_->rewind();
    CPPUNIT_ASSERT_EQUAL(std::string{"2 4 5 6 7 8 9 10 11 12 "}, rest());
  }

  void delivered_segments_are_removed() {
    limits_.most_bytes = JournalLimits::kLeastBytes;
    start();
    put_all(0, 299, 100);
    const std::size_t before = files();
    CPPUNIT_ASSERT(before > 4);
    for (int i = 0; i < 290; ++i) CPPUNIT_ASSERT_EQUAL(i, next(true));
    CPPUNIT_ASSERT(journal_->next_sync() != Steady::max());
    CPPUNIT_ASSERT(journal_->sync());
    CPPUNIT_ASSERT(files() <= 2);
    (void)rest(true);
    start();
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, files());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, waiting());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, journal_->take_losses().all());
  }

  void the_oldest_go_when_the_limit_is_met() {
    limits_.most_bytes = 2 * JournalLimits::kLeastBytes;
    start();
    std::uint64_t lost = 0;
    for (std::uint64_t number = 0; number < 3000; ++number) {
      (void)put(number, 100);
      if (number % 3 == 0) CPPUNIT_ASSERT(journal_->sync());
      if (number % 50 == 0) CPPUNIT_ASSERT(disk_bytes() <= limits_.most_bytes);
      lost += journal_->take_losses().overflow;
      CPPUNIT_ASSERT_EQUAL((number + 1) * 100, waiting() + lost);
    }
    CPPUNIT_ASSERT(disk_bytes() > limits_.most_bytes / 2);
    CPPUNIT_ASSERT(lost > 1000 && lost % 100 == 0);
    CPPUNIT_ASSERT_EQUAL(static_cast<int>(lost / 100), next());
    CPPUNIT_ASSERT(journal_->sync());
    start();
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{300'000} - lost, waiting());
    for (auto number = static_cast<int>(lost / 100); number < 3000; ++number)
      CPPUNIT_ASSERT_EQUAL(number, next());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, journal_->take_losses().all());
  }

  void an_entry_too_large_for_the_limit_is_counted() {
    limits_.most_bytes = JournalLimits::kLeastBytes;
    start();
    (void)put(1);
    (void)put(2, 20'000);
    (void)put(3);
    CPPUNIT_ASSERT(journal_->sync());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{20'000}, journal_->take_losses().overflow);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{6}, waiting());
    start();
    CPPUNIT_ASSERT_EQUAL(std::string{"1 3 "}, rest());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, journal_->take_losses().all());
  }

  void a_large_batch_comes_back_in_pieces() {
    const auto whole = put(1, 5000);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{5000}, whole.values());
    (void)put(2);
    CPPUNIT_ASSERT(journal_->sync());
    std::uint64_t values = 0;
    for (int piece = 0; piece < 5; ++piece) {
      const auto entry = journal_->read();
      CPPUNIT_ASSERT(entry && JournalHost::number_of(*entry) == 1);
      CPPUNIT_ASSERT_EQUAL(entry->batch->size(), std::size_t{entry->position.values()});
      values += journal_->acknowledge(entry->position);
    }
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{5000}, values);
    CPPUNIT_ASSERT_EQUAL(std::string{"2 "}, rest());
  }

  void what_is_too_old_is_dropped() {
    limits_.most_age = span_of_seconds(3600);
    start();
    put_all(1, 10);
    CPPUNIT_ASSERT(journal_->sync());
    host_.clock().advance(50min);
    put_all(11, 20);
    CPPUNIT_ASSERT(journal_->sync());
    host_.clock().advance(20min);
    CPPUNIT_ASSERT_EQUAL(11, next());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{30}, journal_->take_losses().too_old);
    host_.clock().advance(2h);
    (void)put(21);
    CPPUNIT_ASSERT(journal_->sync());
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, files());  // though nobody has read the others
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{30}, journal_->take_losses().too_old);
    CPPUNIT_ASSERT_EQUAL(std::string{"21 "}, rest());
  }

  void a_full_disk_loses_nothing() {
    put_all(1, 20, 100);
    {
      const FullDisk full{20'000};
      for (std::uint64_t number = 21; number <= 60; ++number) (void)put(number, 100);
      const auto status = journal_->sync();
      CPPUNIT_ASSERT(!status && status.error().code() == Errc::temporary);
      CPPUNIT_ASSERT(journal_->next_sync() == host_.clock().now() + 1s);
      CPPUNIT_ASSERT(!journal_->sync());
      for (int number = 1; number <= 40; ++number) CPPUNIT_ASSERT_EQUAL(number, next(true));
      CPPUNIT_ASSERT(!journal_->sync());
    }
    CPPUNIT_ASSERT(journal_->sync());
    for (int number = 41; number <= 50; ++number) CPPUNIT_ASSERT_EQUAL(number, next(true));
    start();
    for (int number = 51; number <= 60; ++number) CPPUNIT_ASSERT_EQUAL(number, next(true));
    CPPUNIT_ASSERT_EQUAL(-1, next());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, waiting() + journal_->take_losses().all());
  }

  void what_waits_in_memory_is_bounded() {
    limits_.most_pending_bytes = 100'000;
    start();
    std::uint64_t number = 1;
    while (journal_->append(host_.batch(number, 100))) ++number;
    CPPUNIT_ASSERT(number > 10 && number < 100);
    CPPUNIT_ASSERT(journal_->next_sync() == host_.clock().now());
    CPPUNIT_ASSERT(journal_->sync());
    (void)put(number, 100);
    for (std::uint64_t n = 1; n <= number; ++n) CPPUNIT_ASSERT_EQUAL(static_cast<int>(n), next());
  }

  void a_directory_that_cannot_be_made_is_tried_again() {
    journal_.reset();
    directory_.remove("deep");
    directory_.write("deep", "a file");
    journal_ = host_.journal(path_);
    CPPUNIT_ASSERT(!journal_->open());
    const auto position = journal_->append(host_.batch(1));
    CPPUNIT_ASSERT(!position && position.error().code() == Errc::temporary);
    CPPUNIT_ASSERT(!journal_->sync());
    CPPUNIT_ASSERT_EQUAL(-1, next());
    directory_.remove("deep");
    CPPUNIT_ASSERT(journal_->sync());
    (void)put(2);
    CPPUNIT_ASSERT(journal_->sync());
    CPPUNIT_ASSERT_EQUAL(2, next());
  }

  void a_removed_directory_is_made_again() {
    put_all(1, 15);
    directory_.remove("deep");
    CPPUNIT_ASSERT(!journal_->sync());
    CPPUNIT_ASSERT(journal_->sync());
    CPPUNIT_ASSERT_EQUAL(std::string{"10 11 12 13 14 15 "}, rest());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{27}, journal_->take_losses().damaged);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{18}, waiting());
    start();
    CPPUNIT_ASSERT_EQUAL(std::string{"10 11 12 13 14 15 "}, rest());
  }

  void only_one_may_have_the_directory() {
    const auto other = host_.journal(path_);
    const auto status = other->open();
    CPPUNIT_ASSERT(!status && status.error().code() == Errc::limit);
    const std::string text{status.error().message().view()};
    CPPUNIT_ASSERT(text.find("process " + std::to_string(::getpid())) != std::string::npos);
    journal_.reset();
    CPPUNIT_ASSERT(other->sync());
  }

  void is_due_within_the_sync_interval() {
    CPPUNIT_ASSERT(journal_->next_sync() == Steady::max());
    (void)put(1);
    const Steady due = journal_->next_sync();
    CPPUNIT_ASSERT(due < host_.clock().now() + 1s && due > host_.clock().now());
    host_.clock().advance(500ms);
    (void)put(2);
    CPPUNIT_ASSERT(journal_->next_sync() == due);
    CPPUNIT_ASSERT(journal_->sync());
    CPPUNIT_ASSERT(journal_->next_sync() == Steady::max());
  }

  void an_append_allocates_nothing() {
    put_all(1, 100);
    CPPUNIT_ASSERT(journal_->sync());
    std::vector<std::shared_ptr<const Batch>> batches;
    for (std::uint64_t number = 101; number <= 110; ++number)
      batches.push_back(host_.batch(number, 3));
    (void)journal_->acknowledge(put(100));
    const NoAllocation none;
    for (auto& batch : batches) {
      const auto position = journal_->append(std::move(batch));
      (void)journal_->acknowledge(*position);
    }
    const std::uint64_t allocations = none.count();
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, allocations);
  }

  void files_of_others_stay() {
    directory_.write("deep/journal/README", "mine");
    directory_.write("deep/journal/0000000000000000.vj1", "mine");
    put_all(1, 15);
    start();
    (void)rest(true);
    start();
    CPPUNIT_ASSERT_EQUAL(std::string{"mine"}, directory_.read("deep/journal/README"));
    CPPUNIT_ASSERT(directory_.exists("deep/journal/0000000000000000.vj1"));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(JournalTest);

}  // namespace vital::test

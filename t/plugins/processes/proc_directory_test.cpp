// SPDX-License-Identifier: MIT
#include "processes/proc_directory.h"

#include <cppunit/extensions/HelperMacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "support/fixture.h"

namespace vital::test {
namespace {

using processes::KeptFile;
using processes::ProcDirectory;

/// A process that waits, then ends.
class Child {
 public:
  Child() : pid_{::fork()} {
    CPPUNIT_ASSERT(pid_ >= 0);
    if (pid_ != 0) return;
    ::pause();
    ::_exit(0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() { end(); }

  int pid() const noexcept { return pid_; }
  void end() noexcept {
    if (pid_ <= 0) return;
    (void)::kill(pid_, SIGKILL);
    (void)::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

 private:
  pid_t pid_;
};

std::size_t open_files() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator{"/proc/self/fd"})
    ++count;
  return count;
}

}  // namespace

class ProcDirectoryTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ProcDirectoryTest);
  CPPUNIT_TEST(lists_pids_in_order);
  CPPUNIT_TEST(a_missing_directory_is_an_error);
  CPPUNIT_TEST(reads_and_counts_in_a_copy);
  CPPUNIT_TEST(knows_the_kernels_own);
  CPPUNIT_TEST(keeps_no_more_files_than_it_may);
  CPPUNIT_TEST(keeps_no_file_of_a_copy);
  CPPUNIT_TEST(a_file_that_was_kept_ends_with_its_process);
  CPPUNIT_TEST_SUITE_END();

  std::array<char, 4096> room_{};
  std::vector<int> numbers_;

  const Fixture machine_{"linux-6.18-vm"};

 public:
  void lists_pids_in_order() {
    ProcDirectory directory{machine_.path() + "/proc", 10};
    CPPUNIT_ASSERT(directory.list(numbers_));
    CPPUNIT_ASSERT_EQUAL(std::size_t{14}, numbers_.size());
    CPPUNIT_ASSERT(std::is_sorted(numbers_.begin(), numbers_.end()));
    CPPUNIT_ASSERT_EQUAL(2, numbers_.front());
    CPPUNIT_ASSERT(directory.list(numbers_));
    CPPUNIT_ASSERT_EQUAL(std::size_t{14}, numbers_.size());
    CPPUNIT_ASSERT(directory.list(14671, "task", numbers_));
    std::sort(numbers_.begin(), numbers_.end());
    CPPUNIT_ASSERT((numbers_ == std::vector<int>{14671, 14675, 14684, 14685}));
  }

  void a_missing_directory_is_an_error() {
    ProcDirectory directory{machine_.path() + "/none", 10};
    const auto status = directory.list(numbers_);
    CPPUNIT_ASSERT(!status);
    CPPUNIT_ASSERT(status.error().code() == Errc::absent);
  }

  void reads_and_counts_in_a_copy() {
    ProcDirectory directory{machine_.path() + "/proc", 10};
    CPPUNIT_ASSERT(directory.list(numbers_));
    CPPUNIT_ASSERT(!directory.kernel_made());
    const auto name = directory.read(14671, "comm", room_);
    CPPUNIT_ASSERT(name);
    CPPUNIT_ASSERT_EQUAL(std::string{"a) b (c\n"}, std::string{*name});
    CPPUNIT_ASSERT_EQUAL(std::size_t{16}, *directory.count_descriptors(14681));
    std::array<char, 32> small{};  // the file takes many reads
    CPPUNIT_ASSERT_EQUAL(std::size_t{18}, *directory.count_lines(14671, "maps", small));
    CPPUNIT_ASSERT(directory.read(1, "comm", room_).error().code() == Errc::absent);
    CPPUNIT_ASSERT(directory.count_lines(14, "maps", room_).error().code() == Errc::absent);
    CPPUNIT_ASSERT(directory.count_descriptors(14).error().code() == Errc::absent);
  }

  void knows_the_kernels_own() {
    ProcDirectory directory{"/proc", 10};
    CPPUNIT_ASSERT(directory.list(numbers_));
    CPPUNIT_ASSERT(directory.kernel_made());
    CPPUNIT_ASSERT(std::binary_search(numbers_.begin(), numbers_.end(), ::getpid()));
    const auto count = directory.count_descriptors(::getpid());
    CPPUNIT_ASSERT(count);
    const std::size_t seen = open_files();  // and the directory through which it looks
    CPPUNIT_ASSERT(*count + 1 == seen || *count == seen);
  }

  void keeps_no_more_files_than_it_may() {
    ProcDirectory directory{"/proc", 1};
    CPPUNIT_ASSERT(directory.list(numbers_));
    const std::size_t before = open_files();
    {
      KeptFile first, second;
      for (int i = 0; i < 3; ++i) {
        CPPUNIT_ASSERT(directory.read(first, ::getpid(), "stat", room_));
        CPPUNIT_ASSERT(directory.read(second, ::getpid(), "status", room_));
        CPPUNIT_ASSERT_EQUAL(before + 1, open_files());
      }
      KeptFile third = std::move(first);
      CPPUNIT_ASSERT(directory.read(third, ::getpid(), "stat", room_));
      CPPUNIT_ASSERT_EQUAL(before + 1, open_files());
    }
    CPPUNIT_ASSERT_EQUAL(before, open_files());
    KeptFile again;
    CPPUNIT_ASSERT(directory.read(again, ::getpid(), "io", room_));
    CPPUNIT_ASSERT_EQUAL(before + 1, open_files());
  }

  void keeps_no_file_of_a_copy() {
    ProcDirectory directory{machine_.path() + "/proc", 10};
    CPPUNIT_ASSERT(directory.list(numbers_));
    const std::size_t before = open_files();
    KeptFile file;
    CPPUNIT_ASSERT(directory.read(file, 14671, "stat", room_));
    CPPUNIT_ASSERT_EQUAL(before, open_files());
  }

  void a_file_that_was_kept_ends_with_its_process() {
    ProcDirectory directory{"/proc", 10};
    CPPUNIT_ASSERT(directory.list(numbers_));
    const std::size_t before = open_files();
    Child child;
    KeptFile file;
    CPPUNIT_ASSERT(directory.read(file, child.pid(), "stat", room_));
    const int pid = child.pid();
    child.end();
    const auto gone = directory.read(file, pid, "stat", room_);
    CPPUNIT_ASSERT(!gone);
    CPPUNIT_ASSERT(gone.error().code() == Errc::absent);
    CPPUNIT_ASSERT_EQUAL(before, open_files());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ProcDirectoryTest);

}  // namespace vital::test

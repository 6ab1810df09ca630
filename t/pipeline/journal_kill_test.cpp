// SPDX-License-Identifier: MIT
#include <cppunit/extensions/HelperMacros.h>
#include <fcntl.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <random>
#include <set>
#include <thread>

#include "pipeline/journal.h"
#include "support/journal_host.h"

namespace vital::test {
namespace {

/// What the process that will be killed says about each thing when it is done.
struct Report {
  enum What : std::uint64_t { appended, synced, acknowledged } what;
  std::uint64_t number;
};

/// Appends, syncs, reads and acknowledges until it is killed.
[[noreturn]] void work(const std::string& path, const JournalLimits& limits, std::uint64_t number,
                       int reports) {
  JournalHost host;
  const auto journal = host.journal(path, limits);
  const auto report = [reports](Report::What what, std::uint64_t which) {
    const Report text{what, which};
    if (::write(reports, &text, sizeof text) != sizeof text) ::_exit(1);
  };
  if (!journal->open()) ::_exit(1);
  while (true) {
    for (int n = 0; n < 7; ++n) {
      if (!journal->append(host.batch(++number, 40))) ::_exit(1);
      report(Report::appended, number);
    }
    if (!journal->sync()) ::_exit(1);
    report(Report::synced, number);
    for (int n = 0; n < 5; ++n) {
      const auto entry = journal->read();
      if (!entry) break;
      (void)journal->acknowledge(entry->position);
      report(Report::acknowledged, JournalHost::number_of(*entry));
    }
  }
}

}  // namespace

class JournalKillTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(JournalKillTest);
  CPPUNIT_TEST(a_killed_process_loses_the_unsynced_and_doubles_one_entry_at_most);
  CPPUNIT_TEST_SUITE_END();

  static constexpr int kKills = 25;

  QuickDirectory directory_;
  std::string path_ = directory_.path() + "/journal";
  JournalLimits limits_;
  std::uint64_t appended_ = 0, synced_ = 0, acknowledged_ = 0;

  /// Lets a process work for a while, kills it, and takes in what it has said.
  void work_and_kill(std::chrono::microseconds length) {
    int ends[2];
    CPPUNIT_ASSERT(::pipe2(ends, O_CLOEXEC) == 0);
    const pid_t child = ::fork();
    CPPUNIT_ASSERT(child >= 0);
    if (child == 0) work(path_, limits_, appended_, ends[1]);
    const Fd reading{ends[0]};
    Fd{ends[1]}.reset();
    const auto until = std::chrono::steady_clock::now() + length;
    Report report{};
    bool killed = false;
    while (::read(reading.get(), &report, sizeof report) == sizeof report) {
      take_in(report);
      if (!killed && std::chrono::steady_clock::now() >= until) {
        ::kill(child, SIGKILL);
        killed = true;
      }
    }
    int status = 0;
    CPPUNIT_ASSERT_EQUAL(child, ::waitpid(child, &status, 0));
    CPPUNIT_ASSERT(WIFSIGNALED(status));
  }
  void take_in(const Report& report) {
    if (report.what == Report::appended) {
      appended_ = report.number;
    } else if (report.what == Report::synced) {
      synced_ = report.number;
    } else {
      CPPUNIT_ASSERT(report.number > acknowledged_);
      acknowledged_ = report.number;
    }
  }
  /// All that was synced and not acknowledged is there; what was acknowledged without our being
  /// told may be missing, and that is one entry at most.
  void check() {
    JournalHost host;
    const auto journal = host.journal(path_, limits_);
    CPPUNIT_ASSERT(journal->open());
    std::uint64_t expected = acknowledged_ + 1;
    while (const auto entry = journal->read()) {
      const std::uint64_t number = JournalHost::number_of(*entry);
      if (expected == acknowledged_ + 1 && number == expected + 1) ++expected;
      CPPUNIT_ASSERT_EQUAL(expected, number);
      ++expected;
    }
    CPPUNIT_ASSERT(expected > synced_);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, journal->take_losses().all());
    appended_ = expected - 1;  // what came behind was never on disk
    if (synced_ > appended_) synced_ = appended_;
  }

 public:
  void a_killed_process_loses_the_unsynced_and_doubles_one_entry_at_most() {
    std::mt19937 random{9};
    for (int round = 0; round < kKills; ++round) {
      work_and_kill(std::chrono::microseconds{500 + random() % 8000});
      check();
    }
    CPPUNIT_ASSERT(acknowledged_ > 0);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(JournalKillTest);

}  // namespace vital::test

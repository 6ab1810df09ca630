// SPDX-License-Identifier: MIT
#include "df/patient_stat.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <thread>

#include "base/root.h"
#include "plugins/df/gate.h"
#include "support/no_allocation.h"

namespace vital::test {
namespace {

constexpr std::chrono::seconds kInterval{10};

}  // namespace

class PatientStatTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(PatientStatTest);
  CPPUNIT_TEST(answers_at_the_next_tick);
  CPPUNIT_TEST(hands_on_failures);
  CPPUNIT_TEST(forgets_an_answer_that_is_too_old);
  CPPUNIT_TEST(asks_the_others_while_one_hangs);
  CPPUNIT_TEST(asks_one_that_hung_again_when_it_is_back);
  CPPUNIT_TEST(needs_one_thread_for_each_that_hangs_and_no_more);
  CPPUNIT_TEST(says_so_when_too_many_hang);
  CPPUNIT_TEST(forgets_what_is_taken_away);
  CPPUNIT_TEST(is_gone_at_once_while_calls_hang);
  CPPUNIT_TEST(allocates_nothing_from_tick_to_tick);
  CPPUNIT_TEST_SUITE_END();

  using Questions = std::vector<std::shared_ptr<df::PatientStat::Question>>;

  std::shared_ptr<Gate> gate_ = std::make_shared<Gate>();
  std::unique_ptr<df::PatientStat> stat_ =
      std::make_unique<df::PatientStat>(Gate::ask(gate_), kInterval, kInterval);
  Steady now_{std::chrono::hours{1}};

 public:
  void tearDown() override { gate_->open_all(); }

  void answers_at_the_next_tick() {
    const auto question = stat_->add("/a");
    gate_->set_free("/a", 12);
    CPPUNIT_ASSERT(!stat_->answer(*question, now_).result);
    CPPUNIT_ASSERT(stat_->ask(now_));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{12}, free_of(*question));
    gate_->set_free("/a", 13);
    tick();
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{12}, free_of(*question));
    CPPUNIT_ASSERT(stat_->ask(now_));
    wait_for_calls("/a", 2);
    tick();
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{13}, free_of(*question));
  }

  void hands_on_failures() {
    const auto question = stat_->add("/a");
    gate_->fail("/a", true);
    CPPUNIT_ASSERT(stat_->ask(now_));
    wait_for_result(*question);
    const auto answer = stat_->answer(*question, now_);
    CPPUNIT_ASSERT(!*answer.result);
    CPPUNIT_ASSERT(Errc::denied == answer.result->error().code());
  }

  void forgets_an_answer_that_is_too_old() {
    const auto question = stat_->add("/a");
    CPPUNIT_ASSERT(stat_->ask(now_));
    wait_for_result(*question);
    tick();
    CPPUNIT_ASSERT(stat_->answer(*question, now_).result);
    tick();
    CPPUNIT_ASSERT(!stat_->answer(*question, now_).result);
  }

  void asks_the_others_while_one_hangs() {
    gate_->shut("/b");
    const Questions questions{stat_->add("/a"), stat_->add("/b"), stat_->add("/c")};
    CPPUNIT_ASSERT(stat_->ask(now_));
    for (int ticks = 0; ticks < 3; ++ticks) {
      CPPUNIT_ASSERT(gate_->wait_for_hanging(1));
      tick();
      CPPUNIT_ASSERT(stat_->ask(now_));
      wait_for_result(*questions[0]);
      wait_for_result(*questions[2]);
    }
    CPPUNIT_ASSERT_EQUAL(1, gate_->calls("/b"));
    const auto answer = stat_->answer(*questions[1], now_);
    CPPUNIT_ASSERT(!answer.result);
    CPPUNIT_ASSERT(answer.waiting && *answer.waiting >= 2 * kInterval);
    CPPUNIT_ASSERT(!stat_->answer(*questions[0], now_).waiting);
  }

  void asks_one_that_hung_again_when_it_is_back() {
    gate_->shut("/a");
    const auto question = stat_->add("/a");
    CPPUNIT_ASSERT(stat_->ask(now_));
    CPPUNIT_ASSERT(gate_->wait_for_hanging(1));
    for (int ticks = 0; ticks < 5; ++ticks) tick(), CPPUNIT_ASSERT(stat_->ask(now_));
    CPPUNIT_ASSERT(stat_->answer(*question, now_).waiting);
    gate_->open("/a");
    CPPUNIT_ASSERT(gate_->wait_for_hanging(0));
    wait_until([&] { return !stat_->answer(*question, now_).waiting; });
    CPPUNIT_ASSERT(!stat_->answer(*question, now_).result);  // too old
    tick();
    CPPUNIT_ASSERT(stat_->ask(now_));
    wait_for_result(*question);
  }

  void needs_one_thread_for_each_that_hangs_and_no_more() {
    const std::size_t before = threads();
    Questions questions;
    for (const char* path : {"/a", "/b", "/c", "/d", "/e"}) questions.push_back(stat_->add(path));
    CPPUNIT_ASSERT(stat_->ask(now_));
    for (const auto& question : questions) wait_for_result(*question);
    for (int ticks = 0; ticks < 5; ++ticks) {
      tick();
      CPPUNIT_ASSERT(stat_->ask(now_));
      for (const auto& question : questions) wait_for_result(*question);
    }
    CPPUNIT_ASSERT(threads() <= before + 2);
    for (const char* path : {"/a", "/c", "/d"}) gate_->shut(path);
    tick();
    CPPUNIT_ASSERT(stat_->ask(now_));
    wait_until(
        [&] { return gate_->hanging() >= 1; });  // each thread there is; somebody is left over
    for (int ticks = 0; ticks < 3; ++ticks) {
      tick();
      CPPUNIT_ASSERT(stat_->ask(now_));
      CPPUNIT_ASSERT(gate_->wait_for_hanging(3));
      wait_for_result(*questions[1]);
      wait_for_result(*questions[4]);
    }
    CPPUNIT_ASSERT(threads() <= before + 5);
    gate_->open_all();
    CPPUNIT_ASSERT(gate_->wait_for_hanging(0));
    ask_until_all_answer(questions);
    wait_until([&] { return threads() <= before + 2; });
  }

  void says_so_when_too_many_hang() {
    Questions questions;
    for (int i = 0; i < 20; ++i) {
      const std::string path = "/" + std::to_string(i);
      gate_->shut(path);
      questions.push_back(stat_->add(path));
    }
    questions.push_back(stat_->add("/healthy"));
    const std::size_t before = threads();
    wait_until([&] {
      tick();
      static_cast<void>(stat_->ask(now_));
      return gate_->hanging() == 16;
    });
    CPPUNIT_ASSERT(threads() <= before + 16);
    wait_until([&] { return !stat_->ask(now_); });
    CPPUNIT_ASSERT(Errc::limit == stat_->ask(now_).error().code());
    gate_->open_all();
    CPPUNIT_ASSERT(gate_->wait_for_hanging(0));
    ask_until_all_answer(questions);
  }

  void forgets_what_is_taken_away() {
    gate_->shut("/a");
    auto question = stat_->add("/a");
    CPPUNIT_ASSERT(stat_->ask(now_));
    CPPUNIT_ASSERT(gate_->wait_for_hanging(1));
    question = stat_->add("/b");
    tick();
    CPPUNIT_ASSERT(stat_->ask(now_));
    wait_for_result(*question);
    gate_->open("/a");
    CPPUNIT_ASSERT(gate_->wait_for_hanging(0));
    tick();
    CPPUNIT_ASSERT(stat_->ask(now_));
    wait_for_result(*question);
    CPPUNIT_ASSERT_EQUAL(1, gate_->calls("/a"));
  }

  void is_gone_at_once_while_calls_hang() {
    gate_->shut("/a");
    auto question = stat_->add("/a");
    CPPUNIT_ASSERT(stat_->ask(now_));
    CPPUNIT_ASSERT(gate_->wait_for_hanging(1));
    const auto begin = std::chrono::steady_clock::now();
    stat_.reset();
    question.reset();
    CPPUNIT_ASSERT(std::chrono::steady_clock::now() - begin < std::chrono::seconds{5});
    gate_->open("/a");
    CPPUNIT_ASSERT(gate_->wait_for_hanging(0));
  }

  void allocates_nothing_from_tick_to_tick() {
    const Questions questions{stat_->add("/a"), stat_->add("/b")};
    for (int ticks = 0; ticks < 3; ++ticks) {
      CPPUNIT_ASSERT(stat_->ask(now_));
      for (const auto& question : questions) wait_for_result_of_this_tick(*question);
      tick();
    }
    const NoAllocation guard;
    static_cast<void>(stat_->ask(now_));
    static_cast<void>(stat_->answer(*questions[0], now_));
    const std::uint64_t count = guard.count();
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, count);
  }

 private:
  void tick() { now_ += kInterval; }

  std::uint64_t free_of(const df::PatientStat::Question& question) {
    wait_for_result(question);
    return (*stat_->answer(question, now_).result)->f_bavail;
  }

  void wait_for_result(const df::PatientStat::Question& question) {
    wait_until([&] { return stat_->answer(question, now_).result.has_value(); });
  }

  /// The last tick's result is still good in this one, but will not be in the next.
  void wait_for_result_of_this_tick(const df::PatientStat::Question& question) {
    wait_until([&] { return stat_->answer(question, now_ + kInterval).result.has_value(); });
  }

  /// One whose call is just coming back is asked by the next tick only.
  void ask_until_all_answer(const Questions& questions) {
    wait_until([&] {
      tick();
      return stat_->ask(now_) && have_results_soon(questions);
    });
  }

  bool have_results_soon(const Questions& questions) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::milliseconds{200};
    const auto has_result = [&](const auto& question) {
      return stat_->answer(*question, now_).result.has_value();
    };
    while (!std::all_of(questions.begin(), questions.end(), has_result)) {
      if (std::chrono::steady_clock::now() > limit) return false;
      std::this_thread::yield();
    }
    return true;
  }

  void wait_for_calls(const std::string& path, int calls) {
    wait_until([&] { return gate_->calls(path) == calls; });
  }

  /// Other threads have work to do; what they do is looked for, not timed.
  template <typename Condition>
  static void wait_until(Condition&& condition) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (!condition()) {
      CPPUNIT_ASSERT(std::chrono::steady_clock::now() < limit);
      std::this_thread::yield();
    }
  }

  static std::size_t threads() { return Root{}.list("proc/self/task")->size(); }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PatientStatTest);

}  // namespace vital::test

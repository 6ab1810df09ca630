// SPDX-License-Identifier: MIT
#include "df/patient_stat.h"

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <mutex>

namespace vital::df {

Result<struct statvfs> ask_kernel(const std::string& path) noexcept {
  struct statvfs fs {};
  while (::statvfs(path.c_str(), &fs) != 0)
    if (errno != EINTR) return Error::system("statvfs");
  return fs;
}

class PatientStat::Question {
 public:
  explicit Question(std::string path) : path_{std::move(path)} {}

 private:
  friend class PatientStat;
  enum class Phase { idle, waiting, running };

  const std::string path_;
  // All below is guarded by the state's mutex.
  Phase phase_ = Phase::idle;
  Steady asked_{};    // the tick for which it waits or runs
  Steady started_{};  // the tick in which it began to run
  std::optional<Result<struct statvfs>> result_;
  Steady answered_{};  // the tick for which result_ was asked
};

struct PatientStat::State {
  explicit State(AskFileSystem function) : ask{std::move(function)} {}

  // All of them with the lock held.
  std::size_t let_all_wait() noexcept;
  std::shared_ptr<Question> next_waiting() noexcept;
  /// How many threads to keep for the next tick: a second one goes on when the first hangs.
  std::size_t wanted() const noexcept { return std::min<std::size_t>(questions.size(), 2); }
  std::size_t unused() const noexcept { return workers - busy; }

  const AskFileSystem ask;
  std::mutex mutex;  // guards all below
  std::condition_variable changed;
  std::vector<std::weak_ptr<Question>> questions;
  std::size_t turn = 0;               // whose it is next
  std::size_t waiting = 0;            // questions
  std::size_t workers = 0, busy = 0;  // threads, and those that are in a call
  Steady now{};
  bool stop = false;
};

/// A thread's body. It knows no clock and no log: it may outlive them, if it hangs.
void PatientStat::work(State& state) {
  std::unique_lock lock{state.mutex};
  while (true) {
    state.changed.wait(
        lock, [&] { return state.stop || state.waiting > 0 || state.unused() > state.wanted(); });
    if (state.stop || state.waiting == 0) break;
    const auto question = state.next_waiting();
    if (!question) continue;
    if (state.waiting > 0) state.changed.notify_one();
    question->started_ = state.now;
    const Steady asked = question->asked_;
    ++state.busy;
    lock.unlock();
    const auto result = state.ask(question->path_);
    lock.lock();
    --state.busy;
    question->result_ = result;
    question->answered_ = asked;
    question->phase_ = Question::Phase::idle;
  }
  --state.workers;
}

std::shared_ptr<PatientStat::Question> PatientStat::State::next_waiting() noexcept {
  for (std::size_t tried = 0; tried < questions.size(); ++tried) {
    auto question = questions[turn++ % questions.size()].lock();
    if (!question || question->phase_ != Question::Phase::waiting) continue;
    question->phase_ = Question::Phase::running;
    --waiting;
    return question;
  }
  waiting = 0;  // the others were taken away
  return nullptr;
}

/// All that are not being asked, for the tick that is now. How many had been waiting for the last
/// one in vain.
std::size_t PatientStat::State::let_all_wait() noexcept {
  std::erase_if(questions, [](const auto& known) { return known.expired(); });
  std::size_t left_over = 0;
  waiting = 0;
  for (const auto& known : questions) {
    const auto question = known.lock();
    if (question->phase_ == Question::Phase::running) continue;
    if (question->phase_ == Question::Phase::waiting) ++left_over;
    question->phase_ = Question::Phase::waiting;
    question->asked_ = now;
    ++waiting;
  }
  return left_over;
}

PatientStat::PatientStat(AskFileSystem ask, Nanoseconds interval, Nanoseconds patience)
    : interval_{interval}, patience_{patience}, state_{std::make_shared<State>(std::move(ask))} {}

PatientStat::~PatientStat() {
  constexpr std::chrono::milliseconds kFarewell{100};
  {
    const std::lock_guard lock{state_->mutex};
    state_->stop = true;
  }
  state_->changed.notify_all();
  const Steady deadline = std::chrono::steady_clock::now() + kFarewell;
  for (Thread& thread : threads_) {
    const Nanoseconds left = deadline - std::chrono::steady_clock::now();
    if (!thread.join_for(std::max(left, Nanoseconds::zero()))) thread.abandon();
  }
}

std::shared_ptr<PatientStat::Question> PatientStat::add(std::string path) {
  auto question = std::make_shared<Question>(std::move(path));
  const std::lock_guard lock{state_->mutex};
  state_->questions.push_back(question);
  return question;
}

PatientStat::Answer PatientStat::answer(const Question& question, Steady now) const noexcept {
  const std::lock_guard lock{state_->mutex};
  Answer answer;
  if (question.result_ && now - question.answered_ <= interval_ + interval_ / 2)
    answer.result = question.result_;
  if (question.phase_ == Question::Phase::running && now - question.started_ >= patience_)
    answer.waiting = now - question.started_;
  return answer;
}

Status PatientStat::ask(Steady now) noexcept {
  std::size_t missing = 0, room = 0;
  {
    const std::lock_guard lock{state_->mutex};
    State& state = *state_;
    state.now = now;
    const std::size_t left_over = state.let_all_wait();
    if (state.unused() > 0) state.changed.notify_one();
    if (state.waiting == 0 || state.unused() >= state.wanted()) return {};
    missing = std::max(state.wanted() - state.unused(), left_over);
    room = kMostThreads - state.workers;
    if (room == 0 && state.unused() == 0)
      return Error{Errc::limit, "too many file systems hang at once"};
  }
  join_finished();
  for (missing = std::min(missing, room); missing > 0; --missing)
    if (auto status = start_thread(); !status) return status;
  return {};
}

Status PatientStat::start_thread() noexcept {
  {
    const std::lock_guard lock{state_->mutex};
    ++state_->workers;
  }
  auto thread = Thread::start("df", [state = state_] { work(*state); });
  if (thread) {
    threads_.push_back(std::move(*thread));
    return {};
  }
  const std::lock_guard lock{state_->mutex};
  --state_->workers;
  return thread.error();
}

void PatientStat::join_finished() noexcept {
  std::erase_if(threads_, [](Thread& thread) { return thread.join_for(Nanoseconds::zero()); });
}

}  // namespace vital::df

// SPDX-License-Identifier: MIT
#include "exec/supervisor.h"

#include <algorithm>

namespace vital::exec {
namespace {

using namespace std::chrono_literals;

constexpr Nanoseconds kTermMayTake = 1s;  // when the daemon stops

}  // namespace

Supervisor::Supervisor(const Surroundings& around, std::vector<ProgramPlan> programs,
                       std::vector<ProgramPlan> errands)
    : around_{around}, log_{around.host.log_hub(), "exec"}, plans_{std::move(errands)} {
  for (ProgramPlan& plan : programs)
    programs_.push_back(std::make_unique<Program>(std::move(plan), around));
}

Supervisor::~Supervisor() { stop(); }

Status Supervisor::start() {
  auto thread = Thread::start("exec", [this] { run(); });
  if (!thread) return thread.error();
  thread_ = std::move(*thread);
  return {};
}

void Supervisor::stop() noexcept {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  bell_.ring();
  thread_.join();
}

void Supervisor::tick() noexcept {
  const std::lock_guard lock{mutex_};
  ticked_ = true;
  bell_.ring();
}

Status Supervisor::notify(std::string text) noexcept {
  const std::lock_guard lock{mutex_};
  if (waiting_.size() >= kMostWaiting)
    return Error{Errc::limit, "too many notifications wait for their programs"};
  waiting_.push(std::move(text));
  bell_.ring();
  return {};
}

void Supervisor::run() {
  while (true) {
    bell_.clear();
    tick_all();
    begin_errands();
    {
      const std::lock_guard lock{mutex_};
      if (stopping_) break;
    }
    wait(Steady::max());
    look();
  }
  end_all();
}

void Supervisor::tick_all() {
  {
    const std::lock_guard lock{mutex_};
    if (!std::exchange(ticked_, false)) return;
  }
  for (const auto& program : programs_) program->tick();
}

void Supervisor::begin_errands() {
  while (errands_.size() + plans_.size() <= kMostErrands) {
    std::string text;
    {
      const std::lock_guard lock{mutex_};
      if (waiting_.empty() || stopping_) return;
      text = waiting_.pop();
    }
    for (const ProgramPlan& plan : plans_) {
      auto errand = Errand::begin(plan, around_, text);
      const std::string what = "NotificationExec " + plan.path;
      if (!errand) {
        errand_trouble_.begins(log_, what, errand.error(), Severity::error);
        continue;
      }
      errand_trouble_.ends(log_, what);
      errands_.push_back(std::move(*errand));
    }
  }
}

/// Until something is there to be read, has ended, or is overdue, or until then.
void Supervisor::wait(Steady deadline) {
  fds_.assign(1, {.fd = bell_.fd(), .events = POLLIN, .revents = 0});
  const auto watch = [&](int fd) {
    if (fd >= 0) fds_.push_back({.fd = fd, .events = POLLIN, .revents = 0});
  };
  for (const auto& program : programs_) {
    for (const int fd : {program->output_fd(), program->errors_fd(), program->end_fd()}) watch(fd);
    deadline = std::min(deadline, program->deadline());
  }
  for (const auto& errand : errands_) {
    for (const int fd : {errand->errors_fd(), errand->end_fd()}) watch(fd);
    deadline = std::min(deadline, errand->deadline());
  }
  int timeout = -1;
  if (deadline != Steady::max()) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - around_.host.clock().now());
    timeout = static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
  }
  (void)::poll(fds_.data(), fds_.size(), timeout);
}

void Supervisor::look() {
  for (const auto& program : programs_) program->look();
  const Steady now = around_.host.clock().now();
  std::erase_if(errands_, [&](const auto& errand) { return !errand->look(now); });
}

void Supervisor::end_all() {
  for (const auto& program : programs_) program->terminate();
  for (const auto& errand : errands_) errand->terminate();
  const Steady end = around_.host.clock().now() + kTermMayTake;
  const auto any = [&] {
    return !errands_.empty() || std::any_of(programs_.begin(), programs_.end(),
                                            [](const auto& program) { return program->running(); });
  };
  for (bell_.clear(); any() && around_.host.clock().now() < end; look()) wait(end);
  for (const auto& program : programs_) program->kill();
  errands_.clear();
}

}  // namespace vital::exec

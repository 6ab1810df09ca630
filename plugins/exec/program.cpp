// SPDX-License-Identifier: MIT
#include "exec/program.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "base/strings.h"

extern char** environ;

namespace vital::exec {
namespace {

using namespace std::chrono_literals;

constexpr unsigned kLongestRest = 360;    // ticks: an hour of the usual ones
constexpr Nanoseconds kTermMayTake = 2s;  // from SIGTERM to SIGKILL
constexpr int kMostReads = 16;            // at a time: others want to be served as well
constexpr std::size_t kMostBatches = 16;

/// The daemon's own environment with two variables more.
std::vector<std::string> environment(const Surroundings& around) {
  constexpr std::string_view kInterval = "COLLECTD_INTERVAL=", kHost = "COLLECTD_HOSTNAME=";
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text{*entry};
    if (!text.starts_with(kInterval) && !text.starts_with(kHost)) all.emplace_back(text);
  }
  Text<32> interval;
  interval.add_fixed(seconds(around.interval), 3);
  all.push_back(std::string{kInterval}.append(interval.view()));
  all.push_back(std::string{kHost} + around.host.host_name());
  return all;
}

/// A name without a slash is looked for where the shell would.
std::string found(const std::string& program) {
  if (program.find('/') != std::string::npos) return program;
  const char* const path = std::getenv("PATH");
  for (const std::string_view directory : split(path != nullptr ? path : "/bin:/usr/bin", ":")) {
    std::string candidate = std::string{directory} + "/" + program;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return program;
}

}  // namespace

Result<Child> start(const ProgramPlan& plan, const Surroundings& around, int input, int output) {
  auto rights = rights_of(plan.account);
  if (!rights) return rights.error();
  ChildSpec spec{.program = found(plan.path),
                 .arguments = plan.arguments,
                 .environment = environment(around),
                 .run_as = std::move(*rights)};
  if (input >= 0) spec.fds.emplace_back(input, STDIN_FILENO);
  if (output >= 0) spec.fds.emplace_back(output, STDOUT_FILENO);
  return Child::start(spec);
}

Program::Program(ProgramPlan plan, const Surroundings& around)
    : plan_{std::move(plan)},
      around_{around},
      log_{around.host.log_hub(), "exec/" + plan_.name},
      account_{around.host.children(), "exec/" + plan_.name},
      errors_{log_},
      commands_{around.host.types()} {}

void Program::tick() {
  printed_ = 0;
  complaints_ = 0;
  if (child_.alive()) return;
  if (rest_ != 0) {
    --rest_;
    return;
  }
  start_it();
}

void Program::start_it() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return failed(Error::system("pipe"));
  Fd reading{ends[0]}, writing{ends[1]};
  ::fcntl(reading.get(), F_SETFL, O_NONBLOCK);
  auto child = start(plan_, around_, -1, writing.get());
  if (!child) return failed(child.error());
  child_ = std::move(*child);
  account_.started(child_.pid());
  output_ = std::move(reading);
  lines_.clear();
  errors_open_ = true;
  gave_ = flooded_ = terminated_ = false;
  deadline_ = Steady::max();
}

/// It is not started at 1, 3, 7, ... ticks.
void Program::failed(const Error& error) {
  account_.failed(error.message().view());
  trouble_.begins(log_, "the program", error, Severity::error);
  rest_ = std::min(kLongestRest, (1u << std::min<std::uint64_t>(trouble_.failures(), 16)) - 1);
}

void Program::look() {
  if (!child_.alive()) return;
  if (output_) read_output();
  if (may_complain()) read_errors();
  if (const auto end = child_.reap()) return ended(*end);
  look_at_deadline();
}

void Program::read_output() {
  for (int i = 0; i < kMostReads && may_print(); ++i) {
    const std::span<char> room = lines_.room();
    const ssize_t count = ::read(output_.get(), room.data(), room.size());
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) break;
    if (count <= 0) {
      output_ended();
      break;
    }
    printed_ += static_cast<std::size_t>(count);
    lines_.filled(static_cast<std::size_t>(count));
    take_lines();
  }
  submit();
  if (output_ && printed_ >= kMostBytes && !std::exchange(flooded_, true))
    log_.warning("it prints more than ", kMostBytes >> 20,
                 " MiB in an interval; the rest waits until the next one");
}

void Program::take_lines() {
  std::span<char> line;
  const Time now = around_.host.clock().wall();
  while (lines_.next(line)) commands_.take(line, now, *this);
  if (lines_.too_long() == std::exchange(too_long_seen_, lines_.too_long())) return;
  too_long_.say(log_, this->now(), "a line is longer than ", LineBuffer::kLongest >> 10,
                " KiB and is left out");
}

/// It lives on without an output: nothing can come from it any more. It may have something to do
/// yet, but when the interval is over it is ended.
void Program::output_ended() {
  output_.reset();
  if (deadline_ == Steady::max()) deadline_ = now() + nanoseconds(around_.interval);
}

void Program::look_at_deadline() {
  if (now() < deadline_) return;
  if (!std::exchange(terminated_, true)) {
    failed(Error{Errc::timed_out, "it closed its output and lives on, so it is ended"});
    child_.signal(SIGTERM);
    deadline_ = now() + kTermMayTake;
  } else {
    child_.signal(SIGKILL);
    deadline_ = now() + kTermMayTake;
  }
}

void Program::read_errors() {
  ++complaints_;
  errors_open_ = errors_.drain(child_.output_fd(), now());
}

/// What is left in its pipes is all there will be: its group has ended with it.
void Program::ended(const ChildEnd& end) {
  account_.ended(end);
  printed_ = 0;
  while (output_ && may_print()) {
    const std::size_t before = printed_;
    read_output();
    if (printed_ == before) break;
  }
  const bool chosen = WIFEXITED(end.status);  // by itself, and with what status is its own affair
  std::span<char> line;                       // half a line is whole when nothing has cut it
  if (lines_.rest(line) && chosen) commands_.take(line, around_.host.clock().wall(), *this);
  submit();
  if (errors_open_) read_errors();
  errors_.end(now());
  errors_open_ = false;
  output_.reset();
  deadline_ = Steady::max();
  if (terminated_) return;  // said when that began
  if (end.orderly() || (gave_ && chosen)) return trouble_.ends(log_, "the program");
  failed(Error{Errc::refused, end.text()});
  if (gave_) rest_ = 0;
}

/// The daemon stops: that it ends now is no failure of its own.
void Program::terminate() noexcept {
  terminated_ = true;
  child_.signal(SIGTERM);
}

void Program::kill() noexcept { child_.kill(); }

/// A batch for what comes now, if there is none.
void Program::values(const PutvalParser& values) {
  if (!batch_) {
    const auto free = std::find_if(batches_.begin(), batches_.end(), is_free);
    batch_ = free != batches_.end() ? *free : std::make_shared<Batch>();
    if (free == batches_.end() && batches_.size() < kMostBatches) batches_.push_back(batch_);
    batch_->begin(around_.host.clock().wall(), around_.interval, around_.host.series().era());
  }
  gave_ = true;
  if (const auto status = values.add_to(*batch_, around_.host.series(), around_.interval); !status)
    wrong({}, status.error().message().view());
}

void Program::submit() {
  if (!batch_) return;
  around_.host.submit(std::exchange(batch_, nullptr));
  around_.host.publish();
}

void Program::notification(Notification notification) {
  gave_ = true;
  submit();
  around_.host.notify(std::move(notification));
}

void Program::wrong(std::string_view line, std::string_view why) {
  constexpr std::size_t kShown = 120;
  wrong_.say(log_, now(), "a line is not understood: ", why, ": ", line.substr(0, kShown));
}

}  // namespace vital::exec

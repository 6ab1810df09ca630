// SPDX-License-Identifier: MIT
#include "base/child.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "base/fields.h"

extern char** environ;

namespace vital {
namespace {

constexpr int kFirstFree = 64;  // no child is given a descriptor with such a number

/// What posix_spawn(3) is told, taken apart again whatever happens.
class SpawnPlan {
 public:
  SpawnPlan() {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }

  /// A group of its own, no signal blocked, each as a new program expects it.
  void detach() {
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    ::posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
  }
  void give(int here, int there) { ::posix_spawn_file_actions_adddup2(&actions_, here, there); }
  void open_nothing(int there) {
    ::posix_spawn_file_actions_addopen(&actions_, there, "/dev/null", O_RDONLY, 0);
  }
  void close_from(int first) { ::posix_spawn_file_actions_addclosefrom_np(&actions_, first); }

  int start(pid_t& pid, const char* program, char* const* arguments, char* const* environment) {
    return ::posix_spawn(&pid, program, &actions_, &attributes_, arguments, environment);
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (const std::string& text : texts) result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

Nanoseconds length_of(const timeval& time) noexcept {
  return std::chrono::seconds{time.tv_sec} + std::chrono::microseconds{time.tv_usec};
}

/// The same with other rights; `given` are the descriptors in the order of spec.fds, its output
/// last.
int start_with_rights(pid_t& pid, const ChildSpec& spec, const std::vector<Fd>& given, int last,
                      char* const* arguments, char* const* environment) {
  const Fd nothing{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
  const Fd input = Fd{::fcntl(nothing.get(), F_DUPFD_CLOEXEC, kFirstFree)};
  if (!input) return errno;
  std::vector<std::pair<int, int>> fds{{input.get(), STDIN_FILENO},
                                       {given.back().get(), STDOUT_FILENO},
                                       {given.back().get(), STDERR_FILENO}};
  for (std::size_t i = 0; i < spec.fds.size(); ++i)
    fds.emplace_back(given[i].get(), spec.fds[i].second);
  return start_as(pid, {spec.program.c_str(), arguments, environment, fds, last + 1, *spec.run_as});
}

/// A copy with a number that nothing in the child is moved onto before it is used itself.
Fd out_of_the_way(int fd) noexcept { return Fd{::fcntl(fd, F_DUPFD_CLOEXEC, kFirstFree)}; }

}  // namespace

std::string ChildEnd::text() const {
  if (WIFEXITED(status)) return "ended with status " + std::to_string(WEXITSTATUS(status));
  const int number = WTERMSIG(status);
  const char* const name = ::sigdescr_np(number);
  return "was ended by signal " + std::to_string(number) + " (" + (name ? name : "unknown") + ")";
}

std::optional<ProcessUsage> usage_of(pid_t pid) noexcept {
  const std::string directory = "/proc/" + std::to_string(pid);
  const auto stat = read_file(directory + "/stat", 4096);
  const auto statm = read_file(directory + "/statm", 4096);
  if (!stat || !statm) return std::nullopt;
  const auto name_end = stat->rfind(')');  // the name before it may hold anything
  if (name_end == std::string::npos) return std::nullopt;
  constexpr int kFieldsBefore = 11;  // state to cmajflt
  Fields fields{std::string_view{*stat}.substr(name_end + 1)};
  std::string_view skipped;
  for (int i = 0; i < kFieldsBefore; ++i)
    if (!fields.next(skipped)) return std::nullopt;
  std::uint64_t user = 0, system = 0, total = 0, resident = 0, shared = 0;
  if (!fields.next(user) || !fields.next(system)) return std::nullopt;
  Fields pages{*statm};
  if (!pages.next(total) || !pages.next(resident) || !pages.next(shared)) return std::nullopt;
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  const auto tick = Nanoseconds{std::chrono::seconds{1}} / ::sysconf(_SC_CLK_TCK);
  return ProcessUsage{.cpu = tick * static_cast<std::int64_t>(user + system),
                      .resident_bytes = resident * page,
                      .own_bytes = (resident - std::min(shared, resident)) * page};
}

void add_usage(ChildReport& report, pid_t pid) noexcept {
  const auto usage = usage_of(pid);
  if (!usage) return;
  report.cpu += usage->cpu;
  report.resident_bytes = usage->resident_bytes;
  report.own_bytes = usage->own_bytes;
}

Result<Child> Child::start(const ChildSpec& spec) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return Error::system("pipe");
  Child child;
  child.output_ = Fd{ends[0]};
  const Fd its_output{ends[1]};
  ::fcntl(child.output_.get(), F_SETFL, O_NONBLOCK);
  SpawnPlan plan;
  plan.detach();
  std::vector<Fd> given;
  int last = STDERR_FILENO;
  plan.open_nothing(STDIN_FILENO);
  for (const auto& [here, there] : spec.fds) {
    given.push_back(out_of_the_way(here));
    if (!given.back()) return Error::system("a descriptor for " + spec.program);
    last = std::max(last, there);
  }
  given.push_back(out_of_the_way(its_output.get()));
  if (!given.back()) return Error::system("a descriptor for " + spec.program);
  for (const int fd : {STDOUT_FILENO, STDERR_FILENO}) plan.give(given.back().get(), fd);
  for (std::size_t i = 0; i < spec.fds.size(); ++i) plan.give(given[i].get(), spec.fds[i].second);
  plan.close_from(last + 1);
  auto arguments = pointers(spec.arguments);
  auto environment = pointers(spec.environment);
  char* const* const its_environment = spec.environment.empty() ? environ : environment.data();
  const int failed =
      spec.run_as
          ? start_with_rights(child.pid_, spec, given, last, arguments.data(), its_environment)
          : plan.start(child.pid_, spec.program.c_str(), arguments.data(), its_environment);
  if (failed != 0) {
    child.pid_ = 0;
    return Error::system(spec.program, failed);
  }
  child.end_ = Fd{static_cast<int>(::syscall(SYS_pidfd_open, child.pid_, 0))};
  if (!child.end_) return Error::system("pidfd_open");  // the destructor ends the child
  if (spec.most_data_bytes != 0) {
    const rlimit limit{spec.most_data_bytes, spec.most_data_bytes};
    if (::prlimit(child.pid_, RLIMIT_DATA, &limit, nullptr) != 0)
      return Error::system("a memory limit");
  }
  return child;
}

Child::Child(Child&& other) noexcept
    : pid_{std::exchange(other.pid_, 0)},
      end_{std::move(other.end_)},
      output_{std::move(other.output_)} {}

Child& Child::operator=(Child&& other) noexcept {
  if (this == &other) return *this;
  kill();
  pid_ = std::exchange(other.pid_, 0);
  end_ = std::move(other.end_);
  output_ = std::move(other.output_);
  return *this;
}

Child::~Child() { kill(); }

void Child::signal(int number) const noexcept {
  if (alive()) ::kill(-pid_, number);
}

std::optional<ChildEnd> Child::reap() noexcept {
  if (!alive()) return std::nullopt;
  siginfo_t info{};
  const int waited = ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT);
  if (waited != 0 || info.si_pid == 0) return std::nullopt;
  signal(SIGKILL);  // while the leader is not reaped the group's number is nobody else's
  ChildEnd end;
  rusage used{};
  ::wait4(pid_, &end.status, 0, &used);
  end.cpu = length_of(used.ru_utime) + length_of(used.ru_stime);
  pid_ = 0;
  return end;
}

void Child::kill() noexcept {
  if (!alive()) return;
  constexpr int kPatience = 200;  // milliseconds; one that hangs in the kernel is left to init
  signal(SIGKILL);
  pollfd ended{.fd = end_.get(), .events = POLLIN, .revents = 0};
  if (!end_ || ::poll(&ended, 1, kPatience) > 0) ::wait4(pid_, nullptr, 0, nullptr);
  pid_ = 0;
}

}  // namespace vital

// SPDX-License-Identifier: MIT
#include "base/run_as.h"

#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace vital {
namespace {

constexpr std::size_t kStackBytes = std::size_t{64} << 10;

struct Start {
  const StartAs& start;
  int failed = 0;
};

// From here to the end of run() everything runs in the child, in borrowed memory: system calls
// alone. Those that change rights are made without the C library, which would change them for all
// threads of what it takes for its process.

bool reset_signals() noexcept {
  struct sigaction usual {};
  usual.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) (void)::sigaction(number, &usual, nullptr);
  sigset_t none;
  sigemptyset(&none);
  return ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, nullptr, NSIG / 8) == 0;
}

bool move_descriptors(const StartAs& start) noexcept {
  for (const auto& [here, there] : start.fds)
    if (::dup2(here, there) < 0) return false;
  return ::syscall(SYS_close_range, start.first_closed, ~0u, 0) == 0;
}

bool take_rights(const RunAs& as) noexcept {
  if (as.groups && ::syscall(SYS_setgroups, as.groups->size(), as.groups->data()) != 0)
    return false;
  if (::syscall(SYS_setresgid, as.gid, as.effective_gid, as.gid) != 0) return false;
  return ::syscall(SYS_setresuid, as.uid, as.uid, as.uid) == 0;
}

int run(void* argument) noexcept {
  auto& task = *static_cast<Start*>(argument);
  if (::setpgid(0, 0) == 0 && move_descriptors(task.start) && take_rights(task.start.as) &&
      reset_signals())
    ::execve(task.start.program, task.start.arguments, task.start.environment);
  task.failed = errno;
  ::_exit(127);
}

}  // namespace

int start_as(pid_t& pid, const StartAs& start) noexcept {
  void* const stack = ::mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (stack == MAP_FAILED) return errno;
  Start task{.start = start};
  sigset_t all, before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, &before);  // no handler of ours may run in the child
  pid = ::clone(run, static_cast<char*>(stack) + kStackBytes, CLONE_VM | CLONE_VFORK | SIGCHLD,
                &task);
  const int failed = pid < 0 ? errno : task.failed;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (pid > 0 && failed != 0) ::waitpid(pid, nullptr, 0);
  ::munmap(stack, kStackBytes);
  return failed;
}

}  // namespace vital

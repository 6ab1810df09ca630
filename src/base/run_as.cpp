// SPDX-License-Identifier: MIT
#include "base/run_as.h"

#include <linux/capability.h>
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
// alone, and made without the C library, which would change the rights of all threads of what it
// takes for its process, and behind which sanitizers watch.

#if defined(__clang__)
#define VITAL_UNWATCHED __attribute__((no_sanitize("address", "thread", "undefined")))
#else
#define VITAL_UNWATCHED \
  __attribute__((no_sanitize_address, no_sanitize_thread, no_sanitize_undefined))
#endif

VITAL_UNWATCHED bool reset_signals() noexcept {
  const unsigned long usual[4] = {};  // the kernel's sigaction: SIG_DFL
  for (int number = 1; number < NSIG; ++number)
    (void)::syscall(SYS_rt_sigaction, number, usual, nullptr, sizeof usual[0]);
  const unsigned long none = 0;
  return ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, nullptr, sizeof none) == 0;
}

VITAL_UNWATCHED bool move_descriptors(const StartAs& start) noexcept {
  const auto* const fds = start.fds.data();
  for (std::size_t i = 0; i < start.fds.size(); ++i)
    if (::syscall(SYS_dup3, fds[i].first, fds[i].second, 0) < 0) return false;
  return ::syscall(SYS_close_range, start.first_closed, ~0u, 0) == 0;
}

VITAL_UNWATCHED bool take_rights(const RunAs& as) noexcept {
  if (as.groups && ::syscall(SYS_setgroups, as.groups->size(), as.groups->data()) != 0)
    return false;
  if (::syscall(SYS_setresgid, as.gid, as.effective_gid, as.gid) != 0) return false;
  return ::syscall(SYS_setresuid, as.uid, as.uid, as.uid) == 0;
}

VITAL_UNWATCHED int run(void* argument) noexcept {
  auto& task = *static_cast<Start*>(argument);
  const StartAs& start = task.start;
  if (::syscall(SYS_setpgid, 0, 0) == 0 && move_descriptors(start) && take_rights(start.as) &&
      reset_signals())
    ::syscall(SYS_execve, start.program, start.arguments, start.environment);
  task.failed = errno;
  ::syscall(SYS_exit_group, 127);
  return 127;
}

#undef VITAL_UNWATCHED

}  // namespace

bool may_run_as_others() noexcept {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  __user_cap_data_struct held[_LINUX_CAPABILITY_U32S_3]{};
  constexpr unsigned kBoth = (1u << CAP_SETUID) | (1u << CAP_SETGID);
  return ::syscall(SYS_capget, &header, held) == 0 && (held[0].effective & kBoth) == kBoth;
}

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

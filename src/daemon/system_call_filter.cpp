// SPDX-License-Identifier: MIT
#include "daemon/system_call_filter.h"

#include <poll.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

#include "base/strings.h"

namespace vital {
namespace {

using Filter = std::unique_ptr<void, decltype([](void* filter) { ::seccomp_release(filter); })>;

// What a daemon with threads, files and sockets calls, or a library may call for it. Names that an
// architecture or this version of the library does not know are passed over.
constexpr std::string_view kUsual =
    // memory and threads
    "arch_prctl brk clone clone3 exit exit_group futex futex_time64 futex_waitv "
    "get_robust_list get_thread_area getcpu getpid getppid gettid madvise membarrier "
    "mincore mlock mlock2 mmap mmap2 mprotect mremap msync munlock munmap prctl "
    "restart_syscall rseq sched_getaffinity sched_getattr sched_getparam "
    "sched_getscheduler sched_get_priority_max sched_get_priority_min sched_setaffinity "
    "sched_setscheduler sched_yield set_robust_list set_thread_area set_tid_address "
    "getpriority setpriority "
    // signals, children, limits
    "getpgid getpgrp getsid kill pause pidfd_open pidfd_send_signal rt_sigaction "
    "rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend "
    "rt_sigtimedwait rt_sigtimedwait_time64 setpgid setsid sigaltstack signalfd signalfd4 "
    "sigreturn tgkill tkill wait4 waitid waitpid getrlimit getrusage prlimit64 setrlimit "
    "ugetrlimit times "
    // who we are
    "capget capset getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups "
    "getgroups32 getresgid getresgid32 getresuid getresuid32 getuid getuid32 setfsgid "
    "setfsuid setgid setgid32 setgroups setgroups32 setregid setresgid setresgid32 "
    "setresuid setresuid32 setreuid setuid setuid32 umask seccomp "
    // files
    "access chdir chmod chown chown32 close close_range copy_file_range creat dup dup2 "
    "dup3 faccessat faccessat2 fadvise64 fadvise64_64 fallocate fchdir fchmod fchmodat "
    "fchmodat2 fchown fchown32 fchownat fcntl fcntl64 fdatasync flock fstat fstat64 "
    "fstatat64 fstatfs fstatfs64 fsync ftruncate ftruncate64 futimesat getcwd getdents "
    "getdents64 getxattr fgetxattr lgetxattr listxattr flistxattr llistxattr "
    "inotify_add_watch inotify_init inotify_init1 inotify_rm_watch ioctl lchown lchown32 "
    "link linkat _llseek lseek lstat lstat64 memfd_create mkdir mkdirat mknod mknodat "
    "name_to_handle_at newfstatat open openat openat2 pipe pipe2 pread64 preadv preadv2 "
    "pwrite64 pwritev pwritev2 quotactl read readahead readlink readlinkat readv rename "
    "renameat renameat2 rmdir sendfile sendfile64 splice stat stat64 statfs statfs64 "
    "statx symlink symlinkat sync sync_file_range syncfs tee truncate truncate64 unlink "
    "unlinkat utime utimensat utimensat_time64 utimes vmsplice write writev "
    // waiting
    "epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 "
    "epoll_wait epoll_wait_old eventfd eventfd2 poll ppoll ppoll_time64 pselect6 "
    "pselect6_time64 select _newselect clock_getres clock_getres_time64 clock_gettime "
    "clock_gettime64 clock_nanosleep clock_nanosleep_time64 getitimer gettimeofday "
    "nanosleep alarm setitimer time timer_create timer_delete timer_getoverrun "
    "timer_gettime timer_gettime64 timer_settime timer_settime64 timerfd_create "
    "timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64 "
    // sockets, System V's memory, the machine
    "accept accept4 bind connect getpeername getsockname getsockopt listen recv recvfrom "
    "recvmmsg recvmmsg_time64 recvmsg send sendmmsg sendmsg sendto setsockopt shutdown "
    "socket socketcall socketpair shmat shmctl shmdt shmget semget semop semctl ipc "
    "getrandom sysinfo syslog uname adjtimex clock_adjtime ioprio_get ioprio_set";

constexpr std::string_view kStartItself = "execve execveat fork vfork";

// What changes the whole machine, and no script that gathers numbers has to.
constexpr std::string_view kNobodys =
    "acct clock_settime clock_settime64 create_module delete_module finit_module "
    "init_module ioperm iopl kexec_file_load kexec_load pivot_root reboot settimeofday "
    "stime swapoff swapon uselib userfaultfd vhangup vm86 vm86old";

Status add(void* filter, std::uint32_t action, const std::string& name) {
  const int number = ::seccomp_syscall_resolve_name(name.c_str());
  if (number == __NR_SCMP_ERROR) return {};
  const int failed = ::seccomp_rule_add(filter, action, number, 0);
  if (failed != 0 && failed != -EDOM && failed != -EACCES) return Error::system(name, -failed);
  return {};
}

Status add_all(void* filter, std::uint32_t action, std::string_view names) {
  for (const std::string_view name : split(names, " "))
    if (auto status = add(filter, action, std::string{name}); !status) return status;
  return {};
}

/// A thread may have a working directory of its own (see StartDirectory), and nothing else apart.
Status allow_own_directories(void* filter) {
  const scmp_arg_cmp only{.arg = 0, .op = SCMP_CMP_EQ, .datum_a = CLONE_FS, .datum_b = 0};
  const int failed = ::seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(unshare), 1, &only);
  return failed == 0 ? Status{} : Error::system("unshare", -failed);
}

/// Lets through what is listed.
Status allow(void* filter, const SystemCallPlan& plan) {
  for (const std::string& name : plan.more)
    if (auto status = add(filter, SCMP_ACT_ALLOW, name); !status) return status;
  if (auto status = add_all(filter, SCMP_ACT_ALLOW, kUsual); !status) return status;
  if (auto status = allow_own_directories(filter); !status) return status;
  return plan.runs_itself ? add_all(filter, SCMP_ACT_ALLOW, kStartItself) : Status{};
}

Result<Filter> make_filter(const SystemCallPlan& plan, std::uint32_t otherwise) {
  Filter filter{::seccomp_init(plan.runs_programs ? SCMP_ACT_ALLOW : otherwise)};
  if (!filter) return Error{Errc::unsupported, "system call filters"};
  (void)::seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_NNP, 0);  // that is decided elsewhere
  // Kernels before 5.11 walk through the filter at each call: a tree of it is a tenth of the way.
  constexpr std::uint32_t kTree = 2;
  (void)::seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_OPTIMIZE, kTree);
  const Status status = plan.runs_programs ? add_all(filter.get(), SCMP_ACT_ERRNO(EPERM), kNobodys)
                                           : allow(filter.get(), plan);
  if (!status) return status.error();
  return filter;
}

}  // namespace

SystemCallFilter::~SystemCallFilter() {
  bell_.ring();
  thread_.join();
}

bool SystemCallFilter::known() noexcept { return true; }

Status SystemCallFilter::load(const SystemCallPlan& plan) {
  // The kernel asks us what becomes of a forbidden call, so that we hear of it. Where it cannot do
  // that it says ENOSYS by itself.
  for (const std::uint32_t otherwise : {SCMP_ACT_NOTIFY, SCMP_ACT_ERRNO(ENOSYS)}) {
    auto filter = make_filter(plan, otherwise);
    if (!filter) return filter.error();
    const int failed = ::seccomp_load(filter->get());
    if (failed == 0) {
      if (plan.runs_programs || otherwise != SCMP_ACT_NOTIFY) return {};
      refused_ = Fd{::seccomp_notify_fd(filter->get())};
      auto thread = Thread::start("forbidden calls", [this] { listen(); });
      if (!thread) {
        refused_.reset();  // then the kernel says ENOSYS
        return thread.error();
      }
      thread_ = std::move(*thread);
      return {};
    }
    if (plan.runs_programs || otherwise != SCMP_ACT_NOTIFY)
      return Error::system("a system call filter", -failed);
  }
  return {};
}

void SystemCallFilter::listen() {
  while (true) {
    std::array<pollfd, 2> events{{{bell_.fd(), POLLIN, 0}, {refused_.get(), POLLIN, 0}}};
    (void)::poll(events.data(), events.size(), -1);
    if (events[0].revents != 0) return refused_.reset();
    if ((events[1].revents & POLLIN) != 0) answer();
    if ((events[1].revents & (POLLERR | POLLNVAL)) != 0) return refused_.reset();
  }
}

/// First the answer, then the word: whoever waits may hold what the log needs.
void SystemCallFilter::answer() {
  seccomp_notif* question = nullptr;
  seccomp_notif_resp* answer = nullptr;
  if (::seccomp_notify_alloc(&question, &answer) != 0) return;
  if (::seccomp_notify_receive(refused_.get(), question) == 0) {
    answer->id = question->id;
    answer->error = -ENOSYS;
    (void)::seccomp_notify_respond(refused_.get(), answer);
    const int number = question->data.nr;
    if (std::find(said_.begin(), said_.end(), number) == said_.end()) {
      said_.push_back(number);
      const std::unique_ptr<char, decltype([](char* text) { std::free(text); })> name{
          ::seccomp_syscall_resolve_num_arch(question->data.arch, number)};
      log_.warning("the system call ", std::string_view{name ? name.get() : "without a name"}, " (",
                   number, ") of thread ", question->pid,
                   " is forbidden and fails; if something misses it, set SystemCallFilter false");
    }
  }
  ::seccomp_notify_free(question, answer);
}

}  // namespace vital

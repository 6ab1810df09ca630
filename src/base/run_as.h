// SPDX-License-Identifier: MIT
#pragma once
#include <sys/types.h>

#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace vital {

/// Whose rights a child process is to have.
struct RunAs {
  uid_t uid = 0;                               // real, effective and saved
  gid_t gid = 0;                               // real and saved
  gid_t effective_gid = 0;                     // the child may go back to gid
  std::optional<std::vector<gid_t>> groups{};  // supplementary ones; empty: they stay as they are
};

/// What start_as() is told.
struct StartAs {
  const char* program;
  char* const* arguments;
  char* const* environment;
  std::span<const std::pair<int, int>> fds;  // a descriptor here, and its number there
  int first_closed;                          // all descriptors from here on are closed
  const RunAs& as;
};

/// This thread may give a child the rights of any user: CAP_SETUID and CAP_SETGID, capabilities(7).
bool may_run_as_others() noexcept;

/// Starts a program with other rights, in a process group of its own and with no signal blocked or
/// ignored: what posix_spawn(3) does, which knows no other user. Like it, the child borrows the
/// caller's memory until the program runs, so that nothing is copied and no lock of another
/// thread's is left locked. The number of what failed, or 0.
///
/// Threads  any
int start_as(pid_t& pid, const StartAs& start) noexcept;

}  // namespace vital

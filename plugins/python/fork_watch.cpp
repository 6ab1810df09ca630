// SPDX-License-Identifier: MIT
#include "python/fork_watch.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace vital::python {

ForkWatch::ForkWatch() noexcept : home_{::getpid()} {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return;  // they end, and nobody waits for them
  read_ = Fd{ends[0]};
  write_ = Fd{ends[1]};
}

bool ForkWatch::at_home() const noexcept { return ::getpid() == home_; }

void ForkWatch::end_fork() const noexcept {
  const pid_t self = ::getpid();
  if (self == home_) return;
  (void)!::write(write_.get(), &self, sizeof self);
  ::_exit(0);
}

/// A fork of a fork is not ours to wait for.
std::size_t ForkWatch::reap() const noexcept {
  std::size_t count = 0;
  for (pid_t pid = 0; ::read(read_.get(), &pid, sizeof pid) == sizeof pid; ++count)
    (void)::waitpid(pid, nullptr, 0);
  return count;
}

}  // namespace vital::python

// SPDX-License-Identifier: MIT
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"

namespace vital {

/// Which system calls are let through.
struct SystemCallPlan {
  bool runs_itself = false;       // starts processes of its own for plugins
  bool runs_programs = false;     // and programs of others, of which nobody knows what they need
  std::vector<std::string> more;  // what plugins need beyond the usual
  bool no_new_privileges = true;  // as the process has it: without it only root may have a filter
};

/// Forbids this process, its threads to come and its children the system calls that none of them
/// needs. A forbidden call fails with ENOSYS, as one that the kernel does not know, and each is
/// logged once, with its name: that something is missing is never the end of the daemon.
///
/// Threads  load() the main thread, while there is no other
/// Source   seccomp(2), through libseccomp
class SystemCallFilter {
 public:
  explicit SystemCallFilter(Log log) : log_{std::move(log)} {}
  SystemCallFilter(const SystemCallFilter&) = delete;
  SystemCallFilter& operator=(const SystemCallFilter&) = delete;
  ~SystemCallFilter();

  /// Whether this build can forbid any.
  static bool known() noexcept;
  /// Errors  unsupported: this kernel knows no filters; denied: only root may
  Status load(const SystemCallPlan& plan);

 private:
  void listen();
  void answer();

  const Log log_;
  Bell bell_;
  Fd refused_;  // where the kernel asks what becomes of a forbidden call
  std::vector<int> said_;
  Thread thread_;
};

}  // namespace vital

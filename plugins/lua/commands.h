// SPDX-License-Identifier: MIT
#pragma once
#include <lua.hpp>

#include <sys/types.h>

#include <mutex>
#include <vector>

#include "base/fd.h"

namespace vital::lua {

/// The commands that a script has started and that run: each in a process group of its own, with no
/// signal blocked and no descriptor of the daemon's, so that they can be ended when the daemon
/// stops.
///
/// Threads  any
class Commands {
 public:
  struct Started {
    pid_t pid = 0;
    Fd pipe;  // the script's end; empty: it has none
  };

  /// `mode`: 'r' reads what it prints, 'w' writes what it reads, 0 neither.
  ///
  /// Errors  stopped: the daemon stops; the system's
  Result<Started> start(const char* command, char mode) noexcept;
  /// Waits for its end; as waitpid(2) has it.
  int wait(pid_t pid) noexcept;
  /// Ends all, and starts no more.
  void stop() noexcept;

 private:
  std::mutex mutex_;  // guards all below
  std::vector<pid_t> running_;
  bool stopping_ = false;
};

/// Puts its own io.popen() and os.execute() in the place of Lua's. Raises Lua errors.
void replace_commands(lua_State* state, Commands& commands);

}  // namespace vital::lua

// SPDX-License-Identifier: MIT
#pragma once
#include <sys/types.h>

#include "base/fd.h"

namespace vital::python {

/// Scripts may fork. What a fork does by itself is the script's matter; one that comes back from
/// the script into the plugin would be a second plugin that talks to the same daemon, so it ends
/// there.
///
/// Threads  any
class ForkWatch {
 public:
  ForkWatch() noexcept;

  /// False: this process is a fork of the one where the watch was made.
  bool at_home() const noexcept;
  /// Where control comes back from a script: ends a fork.
  void end_fork() const noexcept;
  /// At home: waits for those that were ended so. How many.
  std::size_t reap() const noexcept;

 private:
  const pid_t home_;
  Fd read_, write_;  // the ids of those that ended
};

}  // namespace vital::python

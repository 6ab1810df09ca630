// SPDX-License-Identifier: MIT
#pragma once
#include <sys/types.h>

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace vital {

/// How a child process is doing, for people.
struct ChildReport {
  std::string name;   // whose process it is: "curl", "exec/queue.sh"
  std::string state;  // "running", "starting", "ending", "waiting", "parked", "stopped"
  pid_t pid = 0;      // 0: there is none just now
  std::uint64_t starts = 0, faults = 0;
  Nanoseconds cpu{};  // of all that were started, together
  std::uint64_t resident_bytes = 0, own_bytes = 0;
  std::uint64_t memory_limit = 0;  // 0: none
  std::string last_fault;          // empty: there was none yet
};

/// Somebody who runs a child process.
///
/// Threads  any
class ChildOwner {
 public:
  virtual ~ChildOwner() = default;
  virtual ChildReport report() const = 0;
  /// Ends the process and starts it anew, also when it was parked. False: that is not how it lives.
  virtual bool restart() noexcept = 0;
};

/// All child processes of the daemon, for its status.
///
/// Threads  any; remove() waits for questions that are being answered
class Children {
 public:
  void add(ChildOwner& owner);
  void remove(ChildOwner& owner) noexcept;
  std::vector<ChildReport> reports() const;
  /// Restarts those of that name; how many there were.
  std::size_t restart(std::string_view name) noexcept;

 private:
  mutable std::mutex mutex_;
  std::vector<ChildOwner*> owners_;  // guarded by mutex_
};

}  // namespace vital

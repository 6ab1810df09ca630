// SPDX-License-Identifier: MIT
#pragma once
#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/children.h"
#include "base/fd.h"
#include "base/run_as.h"
#include "base/time.h"

namespace vital {

/// What a child process is started with.
struct ChildSpec {
  std::string program;                     // a path; it is not searched for
  std::vector<std::string> arguments;      // its own name first
  std::vector<std::string> environment{};  // NAME=VALUE; empty: that of the daemon
  std::vector<std::pair<int, int>> fds{};  // a descriptor here, and its number there
  std::uint64_t most_data_bytes = 0;       // of memory that is its own; 0: no limit
  std::optional<RunAs> run_as{};           // nothing: with the daemon's rights
};

/// How a child ended, and what it cost.
struct ChildEnd {
  int status = 0;  // as waitpid(2) has it
  Nanoseconds cpu{};

  bool orderly() const noexcept { return status == 0; }
  /// "ended with status 3", "was ended by signal 11 (Segmentation fault)".
  std::string text() const;
};

/// What a process costs by now.
///
/// Source  /proc/PID/stat, see proc(5)
struct ProcessUsage {
  Nanoseconds cpu{};
  std::uint64_t resident_bytes = 0, own_bytes = 0;  // own: what no file stands behind
};
std::optional<ProcessUsage> usage_of(pid_t pid) noexcept;
/// Adds what the process costs by now, if it is still there.
void add_usage(ChildReport& report, pid_t pid) noexcept;

/// A child process, in a process group of its own, with no descriptor but those that it was given:
/// its standard input is empty, and what it writes to standard output and error can be read here.
/// Its end is waited for by its descriptor, so that no signal handler and no other child are
/// concerned. Ended with its whole group when its owner goes.
///
/// Threads  none of its own: whoever owns it serialises
class Child {
 public:
  Child() noexcept = default;
  /// Errors  the system's: no such program, no more processes
  static Result<Child> start(const ChildSpec& spec);
  Child(Child&& other) noexcept;
  Child& operator=(Child&& other) noexcept;
  ~Child();

  /// It was started and has not been reaped.
  bool alive() const noexcept { return pid_ > 0; }
  pid_t pid() const noexcept { return pid_; }
  /// Readable when it has ended.
  int end_fd() const noexcept { return end_.get(); }
  /// What it says on standard output and error; not blocking.
  int output_fd() const noexcept { return output_.get(); }

  /// Sends a signal to the child and all that it started and that stayed in its group.
  void signal(int number) const noexcept;
  /// Nothing while it runs. What is left of its group is ended with it.
  std::optional<ChildEnd> reap() noexcept;
  /// Ends it and its group at once. One that hangs in the kernel is not waited for.
  void kill() noexcept;

 private:
  pid_t pid_ = 0;
  Fd end_, output_;
};

}  // namespace vital

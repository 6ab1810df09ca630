// SPDX-License-Identifier: MIT
#pragma once
#include <sys/statvfs.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/thread.h"
#include "base/time.h"

namespace vital::df {

/// How full the file system at a path is.
using AskFileSystem = std::function<Result<struct statvfs>(const std::string& path)>;

/// As the kernel says it. May wait for ever for a network or FUSE file system.
Result<struct statvfs> ask_kernel(const std::string& path) noexcept;

/// Asks file systems that may never answer, in threads of its own and one after the other. While
/// one hangs the others are asked by a further thread, up to a limit; the one that hangs is asked
/// again when its call has come back.
///
/// Threads  one owner, its reader's; no call ever waits for a file system
class PatientStat {
 public:
  class Question;
  struct Answer {
    std::optional<Result<struct statvfs>> result{};  // the last one, if it is young enough
    std::optional<Nanoseconds> waiting{};  // how long the call has not come back, if it hangs
  };

  /// An answer may be as old as `interval`; a call hangs when it lasts `patience`.
  PatientStat(AskFileSystem ask, Nanoseconds interval, Nanoseconds patience);
  PatientStat(const PatientStat&) = delete;
  PatientStat& operator=(const PatientStat&) = delete;
  ~PatientStat();  // waits for no call that hangs

  /// A file system to be asked, until the handle goes.
  std::shared_ptr<Question> add(std::string path);
  Answer answer(const Question& question, Steady now) const noexcept;

  /// Has every file system asked anew that is not being asked. Called once per tick, after the
  /// answers were taken.
  ///
  /// Errors   limit: so many calls hang that those left over are not made; temporary: no thread
  Status ask(Steady now) noexcept;

 private:
  struct State;
  static constexpr std::size_t kMostThreads = 16;

  static void work(State& state);
  Status start_thread() noexcept;
  void join_finished() noexcept;

  const Nanoseconds interval_, patience_;
  const std::shared_ptr<State> state_;  // shared with the threads, those that were given up as well
  std::vector<Thread> threads_;
};

}  // namespace vital::df

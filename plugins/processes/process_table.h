// SPDX-License-Identifier: MIT
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "processes/member.h"
#include "processes/pid_files.h"
#include "processes/proc_directory.h"

namespace vital::processes {

/// What is remembered of a process from tick to tick.
struct Process {
  explicit Process(int number) noexcept : pid{number} {}

  int pid;
  bool gone = false;
  bool hidden = false;  // was there when its stat file could not be read, so it is not new
  KeptFile stat;
  std::uint64_t start_ticks = 0;  // 0: not read yet, or as old as the kernel
  Title title;
  std::unique_ptr<Member> member;  // of a configured group; none: of no group
};

/// All processes below a root, one record each, in the order of their PIDs.
///
/// Errors   a process that ends while it is looked at is left out and is no error
/// Threads  none of its own: its reader's
class ProcessTable {
 public:
  explicit ProcessTable(ProcDirectory& directory) noexcept : directory_{directory} {}

  /// Reads every process's stat file and hands both to `visit(Process&, const PidStat&)`. `forks`
  /// is the kernel's count of processes started so far, as of before this call: while it stands
  /// still there can be no new ones to look for.
  ///
  /// Errors  of the directory; or the first file that could not be read or understood, once all
  ///         the others were visited
  template <typename Visit>
  Status scan(std::optional<std::uint64_t> forks, Visit&& visit) noexcept;

  /// From the last scan until the next; they do not move meanwhile.
  std::vector<Process>& processes() noexcept { return processes_; }

 private:
  Status refresh(std::optional<std::uint64_t> forks) noexcept;
  void merge();
  Result<PidStat> read(Process& process) noexcept;

  ProcDirectory& directory_;
  std::vector<Process> processes_, merged_;
  std::vector<int> pids_;
  std::optional<std::uint64_t> forks_;
  int rounds_ = 0;  // since the directory was read
  std::array<char, 4096> text_;
};

template <typename Visit>
Status ProcessTable::scan(std::optional<std::uint64_t> forks, Visit&& visit) noexcept {
  if (auto status = refresh(forks); !status) return status;
  Status outcome;
  bool any_gone = false;
  for (Process& process : processes_) {
    const auto stat = read(process);
    if (stat) {
      visit(process, *stat);
    } else if (stat.error().code() == Errc::absent) {
      process.gone = any_gone = true;
    } else {
      process.hidden = true;
      if (outcome) outcome = stat.error();
    }
  }
  if (any_gone) std::erase_if(processes_, [](const Process& process) { return process.gone; });
  return outcome;
}

}  // namespace vital::processes

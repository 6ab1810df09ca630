// SPDX-License-Identifier: MIT
#pragma once
#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "processes/delay_accounting.h"
#include "processes/group.h"
#include "processes/process_table.h"

namespace vital::processes {

/// Decides which processes belong to which groups, reads what their groups want to know, and keeps
/// the groups' accounts.
///
/// A process is placed when it is first seen, and again when its name changes, when it runs another
/// program, when it ends, and when it is found to have rewritten its command line.
///
/// Threads  none of its own: its reader's
class Groups {
 public:
  /// Throws SetupError.
  Groups(const Setup& setup, ProcDirectory& directory, std::vector<GroupPlan> plans);

  bool empty() const noexcept { return groups_.empty(); }

  void begin() noexcept;
  /// Once for each process, as the table's scan visits it.
  void visit(Process& process, const PidStat& stat) noexcept;
  /// Once all were visited.
  void finish(std::vector<Process>& processes) noexcept;
  Status submit(Batch& batch) const noexcept;

 private:
  void watch(Process& process, const PidStat& stat) noexcept;
  std::string_view line_of(const Process& process, const PidStat& stat) noexcept;
  void place(Process& process, std::string_view name, std::string_view line, bool whole);

  void collect(Process& process, const PidStat& stat) noexcept;
  void collect_io(const Process& process, Member& member) noexcept;
  void collect_switches(const Process& process, Member& member, const PidStat& stat,
                        const PidStatus& status) noexcept;
  template <typename Add>
  bool each_thread(const Process& process, Add&& add) noexcept;
  void collect_files(const Process& process, const Member& member) noexcept;
  void credit(Member& member, TotalRange range, const std::uint64_t* now,
              bool whole_allowed = true) noexcept;
  template <typename Give>
  void give(const Member& member, bool Extras::*extra, Give&& give) noexcept;

  void note(const Error& error) noexcept;
  void ask_delays(std::vector<Process>& processes) noexcept;
  void take_delays(Member& member, const std::optional<Delays>& delays, Steady now) noexcept;

  const Clock& clock_;
  const Log log_;
  ProcDirectory& directory_;
  std::vector<Group> groups_;
  bool any_expression_ = false;
  bool warm_ = false;  // there was a tick before this one
  std::uint64_t tick_ = 0;
  std::optional<Error> failure_;  // the first of this tick
  Trouble trouble_;

  std::unique_ptr<DelayAccounting> accounting_;  // while delays are wanted and can be had
  std::vector<Process*> asked_;
  std::vector<int> asked_pids_;
  std::vector<std::optional<Delays>> answers_;

  std::vector<Member::Share> shares_;
  std::vector<int> threads_;
  std::array<char, kLongestCommandLine> line_;
  std::array<char, 16384> text_;
};

}  // namespace vital::processes

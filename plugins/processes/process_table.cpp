// SPDX-License-Identifier: MIT
#include "processes/process_table.h"

#include <algorithm>

namespace vital::processes {
namespace {

// With hidepid a process may become visible that was there all along.
constexpr int kMostRounds = 16;

}  // namespace

Status ProcessTable::refresh(std::optional<std::uint64_t> forks) noexcept {
  const bool counted = forks && *forks != 0;  // some sandboxes print a 0 and leave it so
  if (directory_.kernel_made() && counted && forks_ == forks && ++rounds_ < kMostRounds) return {};
  rounds_ = 0;
  forks_.reset();
  if (auto status = directory_.list(pids_); !status) return status;
  forks_ = forks;
  merge();
  return {};
}

void ProcessTable::merge() {
  if (std::equal(processes_.begin(), processes_.end(), pids_.begin(), pids_.end(),
                 [](const Process& process, int pid) { return process.pid == pid; }))
    return;
  merged_.clear();
  auto known = processes_.begin();
  for (const int pid : pids_) {
    while (known != processes_.end() && known->pid < pid) ++known;
    if (known != processes_.end() && known->pid == pid)
      merged_.push_back(std::move(*known++));
    else
      merged_.emplace_back(pid);
  }
  processes_.swap(merged_);
  merged_.clear();
}

Result<PidStat> ProcessTable::read(Process& process) noexcept {
  const auto text = directory_.read(process.stat, process.pid, "stat", text_);
  if (!text) return text.error();
  const auto stat = parse_pid_stat(*text);
  if (!stat || stat->start_ticks == process.start_ticks) return stat;
  if (process.start_ticks != 0) {  // the PID belongs to another one by now
    KeptFile file = std::move(process.stat);
    process = Process{process.pid};
    process.stat = std::move(file);
  }
  process.start_ticks = stat->start_ticks;
  return stat;
}

}  // namespace vital::processes

// SPDX-License-Identifier: MIT
#include <linux/capability.h>

#include <algorithm>
#include <array>
#include <optional>

#include "lib/proc_stat.h"
#include "plugin/plugin.h"
#include "processes/groups.h"

namespace vital::processes {
namespace {

/// What /proc/stat tells of processes; a kernel that lacks one says nothing of it.
struct Counts {
  std::optional<std::uint64_t> forks, running;
};

Result<Counts> parse_counts(std::string_view text) noexcept {
  const auto number = [&](std::string_view keyword, std::optional<std::uint64_t>& value) -> Status {
    const auto found = parse_stat_number(text, keyword);
    if (!found && found.error().code() != Errc::absent) return found.error();
    if (found) value = *found;
    return {};
  };
  Counts counts;
  if (auto status = number("processes", counts.forks); !status) return status.error();
  if (auto status = number("procs_running", counts.running); !status) return status.error();
  return counts;
}

/// The states that are counted. How many run the kernel itself knows better: whoever reads all
/// their states one after the other finds only itself running.
enum State : std::size_t { kBlocked, kPaging, kSleeping, kStopped, kZombies, kStates };

constexpr std::array<std::string_view, kStates> kStateNames{"blocked", "paging", "sleeping",
                                                            "stopped", "zombies"};

std::optional<State> state_of(char letter) noexcept {
  switch (letter) {
    case 'D':
      return kBlocked;
    case 'W':
      return kPaging;
    case 'S':
      return kSleeping;
    case 'T':
      return kStopped;
    case 'Z':
      return kZombies;
    default:
      return std::nullopt;
  }
}

}  // namespace

class ProcessesReader final : public Reader {
 public:
  explicit ProcessesReader(Setup& setup)
      : log_{setup.log()},
        stat_{setup.root().open("proc/stat")},
        directory_{setup.root().path("proc"), ProcDirectory::fair_share()},
        table_{directory_},
        groups_{setup, directory_, plan_groups(setup.options(), setup.log())},
        fork_rate_{setup.declare({.type = "fork_rate"})},
        running_{setup.declare({.type = "ps_state", .type_instance = "running"})} {
    for (std::size_t i = 0; i < kStates; ++i)
      states_[i] = setup.declare({.type = "ps_state", .type_instance = kStateNames[i]});
  }

  Status read(Batch& batch) noexcept override {
    const auto counts = stat_.read(parse_counts);
    Status outcome;
    if (!counts) outcome = counts.error();
    if (auto status = read_processes(batch, counts ? counts->forks : std::nullopt); !status)
      return status;
    if (counts && counts->running) (void)batch.add(running_, *counts->running);
    if (counts && counts->forks) (void)batch.add(fork_rate_, *counts->forks);
    return outcome;
  }

 private:
  Status read_processes(Batch& batch, std::optional<std::uint64_t> forks) noexcept {
    std::array<std::uint64_t, kStates> states{};
    groups_.begin();
    bool any = false;
    const auto status = table_.scan(forks, [&](Process& process, const PidStat& stat) {
      any = true;
      if (const auto state = state_of(stat.state)) ++states[*state];
      if (!groups_.empty()) groups_.visit(process, stat);
    });
    if (!status && !any) return status;
    if (status)
      trouble_.ends(log_, "a process's stat file");
    else
      trouble_.begins(log_, "a process's stat file", status.error());
    groups_.finish(table_.processes());
    for (std::size_t i = 0; i < kStates; ++i)
      if (auto added = batch.add(states_[i], states[i]); !added) return added;
    return groups_.submit(batch);
  }

  const Log log_;
  KernelFile stat_;
  ProcDirectory directory_;  // must outlive the table's files
  ProcessTable table_;
  Groups groups_;
  Series fork_rate_, running_;
  std::array<Series, kStates> states_;
  Trouble trouble_;
};

}  // namespace vital::processes

extern "C" void vital_register(vital::Registry& registry) {
  auto& plugin = registry.reader<vital::processes::ProcessesReader>(
      "processes",
      "Processes: how many are in each state, how many begin, what groups of them use.");
  vital::processes::declare_groups(plugin);
  // Of other users' processes: that they are there (where /proc is mounted with hidepid), what they
  // read and wrote, their open files and their maps; of all processes how long they were delayed.
  plugin.needs_capability(CAP_SYS_PTRACE)
      .needs_capability(CAP_DAC_READ_SEARCH)
      .needs_capability(CAP_NET_ADMIN, vital::processes::wants_delays);
  plugin
      .reports("processes/ps_state-STATE",
               "processes that are blocked, paging, running, sleeping, stopped or zombies")
      .reports("processes/fork_rate", "processes and threads begun, a second")
      .reports("processes-GROUP/ps_count", "the group's processes and threads")
      .reports("processes-GROUP/ps_vm", "bytes of virtual memory")
      .reports("processes-GROUP/ps_rss", "bytes of memory held in RAM")
      .reports("processes-GROUP/ps_data", "bytes of private writable memory, the stack left out")
      .reports("processes-GROUP/ps_code", "bytes of code, of programs and libraries")
      .reports("processes-GROUP/ps_stacksize",
               "where stacks begin less where they have got to. The kernel has not told the latter "
               "since Linux 4.13, so this is no size any more")
      .reports("processes-GROUP/ps_cputime", "microseconds of CPU time a second, user and system")
      .reports("processes-GROUP/ps_pagefaults",
               "page faults a second, without and with a disk read")
      .reports("processes-GROUP/io_octets", "bytes read and written a second, from and to anything")
      .reports("processes-GROUP/io_ops", "calls that read and that wrote, a second")
      .reports("processes-GROUP/disk_octets", "bytes read from and written to storage, a second")
      .reports("processes-GROUP/file_handles", "file descriptors open")
      .reports("processes-GROUP/file_handles-mapped", "mappings of memory")
      .reports("processes-GROUP/contextswitch-KIND", "context switches a second, (in)voluntary")
      .reports("processes-GROUP/delay_rate-delay-KIND",
               "seconds waited a second for cpu, blkio, swapin, freepages")
      .note(
          "A process counts with its group from the moment that it is seen: what it did before "
          "the first reading is left out, and one that comes later brings all that it has done. "
          "A zombie counts as no process. Values that the daemon may not know (the files of "
          "other users, when it is not root) are left out.")
      .note(
          "A process that rewrites its command line is asked for it at every reading from the "
          "first change that is seen. One that never did is asked less and less, every sixteenth "
          "time in the end.");
}

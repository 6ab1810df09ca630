// SPDX-License-Identifier: MIT
#include "processes/groups.h"

#include <algorithm>

#include "base/hash.h"

namespace vital::processes {
namespace {

/// Whether a process runs another program than when it was last seen. Each program has its stack
/// elsewhere; where that is not ours to know, another name must do.
bool has_executed(const Title& title, const PidStat& stat, std::uint64_t name) noexcept {
  if (!title.known || stat.kernel_thread) return false;
  if (stat.stack_start != 0) return stat.stack_start != title.stack_start;
  return title.stack_start == 0 && name != title.name;
}

}  // namespace

Groups::Groups(const Setup& setup, ProcDirectory& directory, std::vector<GroupPlan> plans)
    : clock_{setup.clock()}, log_{setup.log()}, directory_{directory} {
  bool delays = false;
  groups_.reserve(plans.size());
  for (GroupPlan& plan : plans) {
    delays = delays || plan.wanted.delays;
    any_expression_ = any_expression_ || plan.expression;
    groups_.emplace_back(setup, std::move(plan));
  }
  if (!delays) return;
  if (setup.root().is_host())
    accounting_ = std::make_unique<DelayAccounting>();
  else
    log_.warning("no delays: the kernel tells only of processes that this one can see by PID, ",
                 "and proc is another one's here");
}

void Groups::begin() noexcept {
  ++tick_;
  failure_.reset();
  for (Group& group : groups_) group.begin();
}

void Groups::visit(Process& process, const PidStat& stat) noexcept {
  watch(process, stat);
  if (process.member) collect(process, stat);
}

void Groups::finish(std::vector<Process>& processes) noexcept {
  if (accounting_) ask_delays(processes);
  warm_ = true;
  if (failure_)
    trouble_.begins(log_, "reading what a process uses", *failure_);
  else
    trouble_.ends(log_, "reading what a process uses");
}

Status Groups::submit(Batch& batch) const noexcept {
  for (const Group& group : groups_)
    if (auto status = group.submit(batch); !status) return status;
  return {};
}

// --- which groups a process belongs to --------------------------------------------------------

void Groups::watch(Process& process, const PidStat& stat) noexcept {
  Title& title = process.title;
  const std::uint64_t name = hash_bytes(stat.name);
  const bool first = !title.known;
  const bool executed = has_executed(title, stat, name);
  const bool changed = first || executed || name != title.name || stat.zombie() != title.zombie;
  const bool may_rewrite = any_expression_ && !stat.kernel_thread && !stat.zombie();
  if (!changed && !(may_rewrite && title.due())) return;

  const std::string_view line = any_expression_ ? line_of(process, stat) : std::string_view{};
  const std::uint64_t line_hash = hash_bytes(line);
  const bool rewritten = !changed && line_hash != title.line;
  if (changed || rewritten) place(process, stat.name, line, (first && !process.hidden) || executed);

  title.restless = title.restless || rewritten;
  title.rest(changed || title.restless ? 1 : std::min(2 * title.pause, Title::kLongestPause));
  title.known = true;
  title.name = name;
  title.line = line_hash;
  title.zombie = stat.zombie();
  if (stat.stack_start != 0) title.stack_start = stat.stack_start;
}

std::string_view Groups::line_of(const Process& process, const PidStat& stat) noexcept {
  std::optional<std::string_view> arguments{""};
  if (!stat.kernel_thread && !stat.zombie()) {
    const auto text = directory_.read(process.pid, "cmdline", text_);
    arguments = text ? std::optional{*text} : std::nullopt;
  }
  return command_line(arguments, stat.name, line_);
}

void Groups::place(Process& process, std::string_view name, std::string_view line, bool whole) {
  shares_.clear();
  Extras wanted;
  for (std::uint32_t i = 0; i < groups_.size(); ++i) {
    if (!groups_[i].matches(name, line)) continue;
    const bool was_in =
        process.member && std::any_of(process.member->shares.begin(), process.member->shares.end(),
                                      [i](const Member::Share& share) { return share.group == i; });
    shares_.push_back({.group = i, .whole = warm_ && whole && !was_in});
    wanted |= groups_[i].wanted();
  }
  if (shares_.empty()) {
    process.member.reset();
    return;
  }
  if (!process.member) process.member = std::make_unique<Member>();
  process.member->shares = shares_;
  process.member->wanted = wanted;
}

// --- what its groups get ----------------------------------------------------------------------

void Groups::collect(Process& process, const PidStat& stat) noexcept {
  Member& member = *process.member;
  PidStatus status;
  if (!stat.zombie() || member.wanted.switches) {
    const auto text = directory_.read(member.status, process.pid, "status", text_);
    const auto parsed = text ? parse_pid_status(*text) : text.error();
    if (!parsed) return note(parsed.error());
    status = *parsed;
  }
  member.seen_in = tick_;
  if (!stat.zombie())
    for (const Member::Share& share : member.shares) groups_[share.group].add(stat, status);
  const std::uint64_t spent[]{stat.user_ticks, stat.system_ticks, stat.minor_faults,
                              stat.major_faults};
  credit(member, kStatTotals, spent, !stat.zombie());
  collect_io(process, member);
  if (member.wanted.switches) collect_switches(process, member, stat, status);
  collect_files(process, member);
  for (Member::Share& share : member.shares) share.whole = false;
}

void Groups::collect_io(const Process& process, Member& member) noexcept {
  const auto text = directory_.read(member.io, process.pid, "io", text_);
  const auto io = text ? parse_pid_io(*text) : text.error();
  if (!io) return note(io.error());
  const std::uint64_t moved[]{io->read_bytes, io->written_bytes,      io->reads,
                              io->writes,     io->storage_read_bytes, io->storage_written_bytes};
  credit(member, kIoTotals, moved);
}

void Groups::collect_switches(const Process& process, Member& member, const PidStat& stat,
                              const PidStatus& status) noexcept {
  std::uint64_t sum[]{0, 0};
  const auto add = [&](const PidStatus& thread) {
    if (!thread.voluntary_switches || !thread.involuntary_switches) return false;
    sum[0] += *thread.voluntary_switches;
    sum[1] += *thread.involuntary_switches;
    return true;
  };
  // the status of a process tells of its first thread only
  if (stat.threads <= 1 ? add(status) : each_thread(process, add))
    credit(member, kSwitchTotals, sum);
}

/// Whether `add` liked one of the threads.
template <typename Add>
bool Groups::each_thread(const Process& process, Add&& add) noexcept {
  threads_.clear();
  if (auto listed = directory_.list(process.pid, "task", threads_); !listed) note(listed.error());
  bool any = false;
  for (const int thread : threads_) {
    Text<32> name;
    name.add("task/").add(thread).add("/status");
    const auto text = directory_.read(process.pid, name.view(), text_);
    const auto status = text ? parse_pid_status(*text) : text.error();
    if (!status)
      note(status.error());
    else if (add(*status))
      any = true;
  }
  return any;
}

template <typename Give>
void Groups::give(const Member& member, bool Extras::*extra, Give&& give) noexcept {
  for (const Member::Share& share : member.shares)
    if (groups_[share.group].wanted().*extra) give(groups_[share.group]);
}

void Groups::collect_files(const Process& process, const Member& member) noexcept {
  if (member.wanted.descriptors) {
    const auto count = directory_.count_descriptors(process.pid);
    if (!count) note(count.error());
    if (count)
      give(member, &Extras::descriptors, [&](Group& group) {
        group.add_descriptors(std::max<std::size_t>(*count, 1));  // as collectd has it
      });
  }
  if (member.wanted.maps) {
    const auto count = directory_.count_lines(process.pid, "maps", text_);
    if (!count) note(count.error());
    if (count) give(member, &Extras::maps, [&](Group& group) { group.add_maps(*count); });
  }
}

/// That a process has ended, or that another user's files are not ours to read, is no failure.
void Groups::note(const Error& error) noexcept {
  if (error.code() != Errc::absent && error.code() != Errc::denied && !failure_) failure_ = error;
}

/// Gives the groups what the totals have grown by. A total that is known for the first time has
/// grown by nothing, but a process that is new brings all that it has done. One that has shrunk
/// (threads took their context switches with them) has grown by nothing either.
void Groups::credit(Member& member, TotalRange range, const std::uint64_t* now,
                    bool whole_allowed) noexcept {
  const bool known = std::exchange(member.known[range.first], true);
  for (std::size_t i = 0; i < range.count; ++i) {
    const auto total = static_cast<Total>(range.first + i);
    const std::uint64_t last = std::exchange(member.last[total], now[i]);
    for (const Member::Share& share : member.shares) {
      if (share.whole && whole_allowed)
        groups_[share.group].add_total(total, now[i]);
      else if (known)
        groups_[share.group].add_total(total, now[i] > last ? now[i] - last : 0);
    }
  }
}

// --- how long it has waited -------------------------------------------------------------------

void Groups::ask_delays(std::vector<Process>& processes) noexcept {
  asked_.clear();
  asked_pids_.clear();
  for (Process& process : processes) {
    if (!process.member || process.member->seen_in != tick_ || !process.member->wanted.delays)
      continue;
    asked_.push_back(&process);
    asked_pids_.push_back(process.pid);
  }
  answers_.resize(asked_.size());
  const Steady now = clock_.now();
  if (const auto status = accounting_->ask(asked_pids_, answers_); !status) {
    if (status.error().code() == Errc::temporary) return note(status.error());
    log_.warning("no delays, from now on: ", status.error(),
                 status.error().code() == Errc::denied ? "; it takes CAP_NET_ADMIN" : "");
    accounting_.reset();
    return;
  }
  for (std::size_t i = 0; i < asked_.size(); ++i) take_delays(*asked_[i]->member, answers_[i], now);
}

void Groups::take_delays(Member& member, const std::optional<Delays>& delays, Steady now) noexcept {
  if (delays && member.delays && now > member.delays_at) {
    const double passed = std::chrono::duration<double, std::nano>{now - member.delays_at}.count();
    for (std::size_t kind = 0; kind < delays->kinds; ++kind) {
      const std::uint64_t before = member.delays->waited[kind], after = delays->waited[kind];
      if (after < before) continue;
      give(member, &Extras::delays, [&](Group& group) {
        group.add_delay(kind, static_cast<double>(after - before) / passed);
      });
    }
  }
  member.delays = delays;
  member.delays_at = now;
}

}  // namespace vital::processes

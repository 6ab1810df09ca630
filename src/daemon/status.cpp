// SPDX-License-Identifier: MIT
#include "daemon/status.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "base/fd.h"
#include "base/fields.h"
#include "base/thread_cost.h"
#include "daemon/reply_line.h"
#include "daemon/startup.h"

namespace vital {
namespace {

std::size_t count_entries(const char* directory) {
  const std::unique_ptr<DIR, decltype([](DIR* d) { ::closedir(d); })> entries{::opendir(directory)};
  std::size_t count = 0;
  while (entries && ::readdir(entries.get()) != nullptr) ++count;
  return count > 3 ? count - 3 : 0;  // ".", ".." and this directory's own
}

std::string_view state_of(const ReadStatus& read) noexcept {
  if (read.running && read.duration > nanoseconds(read.interval)) return "hanging";
  if (read.resting) return "resting";
  return read.reads == 0 ? "waiting" : "ok";
}

std::string reader_line(const ReadStatus& read) {
  ReplyLine line{"reader", read.name};
  line.add("state", state_of(read)).add("interval", seconds(read.interval));
  line.add("last", seconds(read.last)).add("duration_ms", seconds(read.duration) * 1000);
  if (read.cpu > Nanoseconds::zero()) line.add("cpu_ms", seconds(read.cpu) * 1000);
  if (read.transfers) line.add("calls", *read.transfers);
  line.add("reads", read.reads).add("values", read.values).add("failures", read.failures);
  line.add("missed", read.missed).add("overruns", read.overruns);
  if (!read.last_error.empty()) line.add("error", read.last_error);
  return line.take();
}

/// What a notifier's outlet counts are notifications.
std::string writer_line(const OutletStatus& outlet) {
  ReplyLine line{outlet.takes_values ? "writer" : "notifier", outlet.name};
  line.add("state", std::string_view{outlet.away            ? "away"
                                     : outlet.failures != 0 ? "failing"
                                                            : "ok"});
  line.add("submitted", outlet.values.submitted).add("delivered", outlet.values.delivered);
  line.add("queued", outlet.values.queued).add("dropped", outlet.values.all_dropped());
  for (std::size_t i = 0; i < kLosses; ++i)
    if (outlet.values.dropped[i] != 0)
      line.add("dropped_" + std::string{name_of(static_cast<Loss>(i))}, outlet.values.dropped[i]);
  line.add("breaker", name_of(outlet.breaker));
  if (outlet.breaker == Breaker::State::open) line.add("next_probe", seconds(outlet.next_probe));
  line.add("lag", seconds(outlet.lag)).add("write_ms", seconds(outlet.last_write) * 1000);
  if (outlet.journal)
    line.add("journal_values", outlet.journal->values_waiting)
        .add("journal_bytes", outlet.journal->bytes);
  if (!outlet.last_error.empty()) line.add("error", outlet.last_error);
  return line.take();
}

std::string process_line(const ChildReport& child) {
  ReplyLine line{"process", child.name};
  line.add("state", std::string_view{child.state})
      .add("pid", static_cast<std::uint64_t>(child.pid));
  line.add("starts", child.starts).add("faults", child.faults);
  line.add("cpu", seconds(child.cpu)).add("rss", child.resident_bytes).add("own", child.own_bytes);
  if (child.memory_limit != 0) line.add("limit", child.memory_limit);
  if (!child.last_fault.empty()) line.add("error", child.last_fault);
  return line.take();
}

std::string service_line(const Pipeline::Counted& counted) {
  ReplyLine line{"service", counted.name};
  for (const Figure& figure : counted.figures) line.add(figure.name, figure.value);
  return line.take();
}

/// A line of each thread: the writers have one each, which bears their name.
std::vector<std::string> thread_lines() {
  std::vector<std::string> lines;
  const std::string all = "/proc/self/task";
  const std::unique_ptr<DIR, decltype([](DIR* d) { ::closedir(d); })> tasks{::opendir(all.c_str())};
  while (const dirent* const task = tasks ? ::readdir(tasks.get()) : nullptr) {
    if (task->d_name[0] == '.') continue;
    const std::string path = all + "/" + task->d_name;
    const auto name = read_file(path + "/comm");
    const auto used = read_file(path + "/schedstat");
    const auto status = read_file(path + "/status");
    std::uint64_t nanoseconds_used = 0;
    if (!name || !used || !status || !Fields{*used}.next(nanoseconds_used)) continue;
    ReplyLine line{"thread", task->d_name};
    line.add("name", std::string_view{*name}.substr(0, name->find('\n')));
    line.add("cpu", static_cast<double>(nanoseconds_used) * 1e-9);
    constexpr std::string_view kKey = "\nvoluntary_ctxt_switches:";
    std::uint64_t wakeups = 0;
    if (const auto at = status->find(kKey); at != std::string::npos)
      if (Fields{std::string_view{*status}.substr(at + kKey.size())}.next(wakeups))
        line.add("wakeups", wakeups);
    if (const auto io = read_file(path + "/io"))
      if (const auto calls = parse_transfers(*io)) line.add("calls", *calls);
    if (const auto stat = read_file(path + "/stat"))
      if (const auto faults = parse_minor_faults(*stat)) line.add("faults", *faults);
    lines.push_back(line.take());
  }
  return lines;
}

}  // namespace

OwnUsage own_usage() {
  OwnUsage usage;
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto in_seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  usage.user_seconds = in_seconds(used.ru_utime);
  usage.system_seconds = in_seconds(used.ru_stime);
  usage.wakeups = static_cast<std::uint64_t>(used.ru_nvcsw);
  usage.preemptions = static_cast<std::uint64_t>(used.ru_nivcsw);
  if (const auto statm = read_file("/proc/self/statm")) {
    std::uint64_t total = 0, resident = 0, shared = 0;
    Fields fields{*statm};
    const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    if (fields.next(total) && fields.next(resident) && fields.next(shared)) {
      usage.resident_bytes = resident * page;
      usage.anonymous_bytes = (resident - std::min(shared, resident)) * page;
    }
  }
  usage.threads = count_entries("/proc/self/task") + 1;
  usage.descriptors = count_entries("/proc/self/fd");
  return usage;
}

std::string status_reply(const std::string& host, Time started, Time now,
                         const Scheduler& scheduler, const Pipeline& pipeline,
                         const Children& children, const Problems& problems) {
  std::vector<std::string> lines;
  const OwnUsage usage = own_usage();
  const Pipeline::Counts counts = pipeline.counts();
  lines.push_back(ReplyLine{"daemon", "vitald"}
                      .add("version", std::string_view{kVersion})
                      .add("pid", static_cast<std::uint64_t>(::getpid()))
                      .add("host", host)
                      .add("uptime", seconds(now - started))
                      .add("cpu_user", usage.user_seconds)
                      .add("cpu_system", usage.system_seconds)
                      .add("wakeups", usage.wakeups)
                      .add("rss", usage.resident_bytes)
                      .add("anonymous", usage.anonymous_bytes)
                      .add("threads", usage.threads)
                      .add("descriptors", usage.descriptors)
                      .take());
  lines.push_back(ReplyLine{"pipeline", "values"}
                      .add("passed", counts.values)
                      .add("too_old", counts.too_old)
                      .add("cached", counts.cached)
                      .add("expired", counts.expired)
                      .add("stopped", counts.stopped)
                      .add("unwritten", counts.unwritten)
                      .add("notifications", counts.notifications)
                      .add("silenced", counts.silenced)
                      .take());
  for (const ReadStatus& read : scheduler.status()) lines.push_back(reader_line(read));
  scheduler.weigh_next();
  for (const OutletStatus& outlet : pipeline.outlets()) lines.push_back(writer_line(outlet));
  for (const ChildReport& child : children.reports()) lines.push_back(process_line(child));
  for (const auto& counted : pipeline.counted()) lines.push_back(service_line(counted));
  for (std::string& line : thread_lines()) lines.push_back(std::move(line));
  for (const Problem& problem : problems)
    lines.push_back(ReplyLine{"problem", "configuration"}.add("text", problem.log_line()).take());
  std::string reply = std::to_string(lines.size()) + " Lines of status\n";
  for (const std::string& line : lines) reply += line + "\n";
  return reply;
}

std::string restart_reply(Children& children, std::string_view name) {
  const std::size_t count = children.restart(name);
  if (count != 0) return "0 Started anew: " + std::to_string(count) + "\n";
  return "-1 No process of that name: " + std::string{name} + "\n";
}

}  // namespace vital

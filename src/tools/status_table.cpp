// SPDX-License-Identifier: MIT
#include "tools/status_table.h"

#include <algorithm>

#include "base/clock.h"
#include "base/numbers.h"
#include "model/put.h"

namespace vital {
namespace {

using Row = std::vector<std::string>;

/// Columns as wide as their widest cell; the first is text, the others are set to the right.
std::string table(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths;
  for (const Row& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string fill(widths[i] - row[i].size(), ' ');
      const bool left = i == 0 || i + 1 == row.size();
      line += (i == 0 ? "" : "  ") + (left ? row[i] + fill : fill + row[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::string fixed(double number, int decimals) {
  Text<64> text;
  return std::string{text.add_fixed(number, decimals).view()};
}

std::string span(double seconds) {
  const auto whole = static_cast<std::uint64_t>(std::max(seconds, 0.0));
  if (whole < 120) return std::to_string(whole) + " s";
  if (whole < 7200) return std::to_string(whole / 60) + " min";
  if (whole < 172800) return std::to_string(whole / 3600) + " h";
  return std::to_string(whole / 86400) + " days";
}

std::string mebibytes(double bytes) { return fixed(bytes / 1048576, 1) + " MiB"; }

void daemon_lines(std::string& text, const StatusLine& daemon, const StatusLine& pipeline) {
  const double uptime = daemon.number("uptime");
  const double cpu = daemon.number("cpu_user") + daemon.number("cpu_system");
  text += "vitald " + daemon.get("version") + " on " + daemon.get("host") + ", process " +
          daemon.get("pid") + ", up " + span(uptime) + "\n";
  text += "cost      " + fixed(cpu, 2) + " s CPU (" +
          fixed(uptime > 0 ? 100 * cpu / uptime : 0, 3) + " %), " + daemon.get("wakeups") +
          " wake-ups, " + mebibytes(daemon.number("rss")) + " resident (" +
          mebibytes(daemon.number("anonymous")) + " its own), " + daemon.get("threads") +
          " threads, " + daemon.get("descriptors") + " files\n";
  text += "values    " + pipeline.get("passed") + " passed, " + pipeline.get("cached") +
          " series in the cache, " + pipeline.get("too_old") + " too old, " +
          pipeline.get("expired") + " series went missing, " + pipeline.get("notifications") +
          " notifications";
  for (const auto& [key, what] : {std::pair{"stopped", " stopped by chains"},
                                  std::pair{"unwritten", " written to nobody by chains"},
                                  std::pair{"silenced", " notifications silenced"}})
    if (pipeline.number(key) > 0) text += ", " + pipeline.get(key) + what;
  text += "\n";
}

std::string or_dash(const std::string& text) { return text.empty() ? "-" : text; }

Row reader_row(const StatusLine& line) {
  const double last = line.number("last");
  const std::string when = last > 0 ? std::string{local_time(time_of(last)).view()} : "-";
  return {line.name,
          line.get("state"),
          fixed(line.number("interval"), 1),
          when,
          fixed(line.number("duration_ms"), 2),
          or_dash(line.get("cpu_ms").empty() ? "" : fixed(line.number("cpu_ms"), 3)),
          or_dash(line.get("calls")),
          line.get("reads"),
          line.get("values"),
          line.get("failures"),
          line.get("missed"),
          line.get("overruns"),
          line.get("error")};
}

Row writer_row(const StatusLine& line) {
  std::string why;
  for (const auto& [key, value] : line.values)
    if (key.starts_with("dropped_")) why += (why.empty() ? "" : ", ") + key.substr(8) + " " + value;
  if (line.number("journal_values") > 0)
    why += (why.empty() ? "" : "; ") + line.get("journal_values") + " in the journal";
  if (line.get("breaker") == "open")
    why += (why.empty() ? "" : "; ") + ("next try in " + line.get("next_probe") + " s");
  if (line.get("breaker") == "probing") why += (why.empty() ? "" : "; ") + std::string{"trying"};
  if (!line.get("error").empty()) why += (why.empty() ? "" : "; ") + line.get("error");
  return {line.name,
          line.get("state"),
          line.get("submitted"),
          line.get("delivered"),
          line.get("queued"),
          line.get("dropped"),
          fixed(line.number("lag"), 1),
          fixed(line.number("write_ms"), 2),
          why};
}

Row process_row(const StatusLine& line) {
  const double limit = line.number("limit");
  return {line.name,
          line.get("state"),
          line.get("pid") == "0" ? "-" : line.get("pid"),
          line.get("starts"),
          line.get("faults"),
          fixed(line.number("cpu"), 2),
          mebibytes(line.number("own")),
          limit > 0 ? mebibytes(limit) : "-",
          line.get("error")};
}

/// "network  2 packets, 74 values; dropped: 3 malformed, 1 unknown_user".
Row service_row(const StatusLine& line) {
  constexpr std::string_view kDropped = "dropped_";
  std::string done, lost;
  for (const auto& [key, value] : line.values) {
    std::string& list = key.starts_with(kDropped) ? lost : done;
    const std::string what = key.starts_with(kDropped) ? key.substr(kDropped.size()) : key;
    list += (list.empty() ? "" : ", ") + value + " " + what;
  }
  return {line.name, done + (lost.empty() ? "" : "; dropped: " + lost)};
}

/// What a thread has used of a CPU since the start, and how much of its time that is.
Row thread_row(const StatusLine& line, double uptime) {
  const double cpu = line.number("cpu");
  return {line.get("name"),
          fixed(cpu, 3),
          fixed(uptime > 0 ? 100 * cpu / uptime : 0, 3),
          line.get("wakeups"),
          or_dash(line.get("calls")),
          or_dash(line.get("faults"))};
}

}  // namespace

StatusLine::StatusLine(std::string_view line) {
  std::string copy{line};
  CommandFields fields{copy};
  std::string_view field;
  if (fields.next(field)) kind = field;
  if (fields.next(field)) name = field;
  while (fields.next(field)) {
    const auto sign = field.find('=');
    if (sign != std::string_view::npos)
      values.emplace_back(field.substr(0, sign), field.substr(sign + 1));
  }
}

std::string StatusLine::get(std::string_view key) const {
  for (const auto& [name_of_value, value] : values)
    if (name_of_value == key) return value;
  return {};
}

double StatusLine::number(std::string_view key) const {
  std::size_t used = 0;
  return c_strtod(get(key), used);
}

std::string status_table(const std::vector<std::string>& lines) {
  StatusLine daemon{""}, pipeline{""};
  std::vector<Row> readers{{"reader", "state", "every s", "last read", "took ms", "CPU ms", "calls",
                            "reads", "values", "failed", "missed", "overrun", ""}};
  std::vector<Row> writers{
      {"writer", "state", "submitted", "delivered", "queued", "dropped", "lag s", "took ms", ""}};
  std::vector<Row> notifiers{writers};
  notifiers.front().front() = "notifier";
  std::vector<Row> processes{
      {"process", "state", "pid", "starts", "faults", "CPU s", "memory", "limit", ""}};
  std::vector<Row> services{{"service", ""}};
  std::vector<Row> threads{{"thread", "CPU s", "CPU %", "wake-ups", "calls", "faults"}};
  std::string problems;
  for (const std::string& text : lines) {
    StatusLine line{text};
    if (line.kind == "daemon")
      daemon = std::move(line);
    else if (line.kind == "pipeline")
      pipeline = std::move(line);
    else if (line.kind == "reader")
      readers.push_back(reader_row(line));
    else if (line.kind == "writer")
      writers.push_back(writer_row(line));
    else if (line.kind == "notifier")
      notifiers.push_back(writer_row(line));
    else if (line.kind == "process")
      processes.push_back(process_row(line));
    else if (line.kind == "service")
      services.push_back(service_row(line));
    else if (line.kind == "thread")
      threads.push_back(thread_row(line, daemon.number("uptime")));
    else if (line.kind == "problem")
      problems += "  " + line.get("text") + "\n";
  }
  std::string text;
  daemon_lines(text, daemon, pipeline);
  text += "\n" + table(readers);
  if (writers.size() > 1) text += "\n" + table(writers);
  if (notifiers.size() > 1) text += "\n" + table(notifiers);
  if (processes.size() > 1) text += "\n" + table(processes);
  if (services.size() > 1) text += "\n" + table(services);
  if (threads.size() > 1) text += "\n" + table(threads);
  if (!problems.empty()) text += "\nproblems of the configuration\n" + problems;
  return text;
}

}  // namespace vital

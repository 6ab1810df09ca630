// SPDX-License-Identifier: MIT
#include "lib/proc_stat.h"

#include <algorithm>

#include "base/strings.h"
#include "lib/take_number.h"

namespace vital {
namespace {

constexpr std::string_view kCpu = "cpu";
constexpr std::size_t kFewestStates = 4;  // as Linux 2.4 has it

/// False for the line of all CPUs together, and for what is no line of a CPU.
bool parse_cpu(std::string_view line, CpuTimes& cpu) noexcept {
  line.remove_prefix(kCpu.size());
  cpu.number = line.substr(0, line.find(' '));
  if (cpu.number.empty() || !std::all_of(cpu.number.begin(), cpu.number.end(), is_digit))
    return false;
  line.remove_prefix(cpu.number.size());
  cpu.states = 0;
  while (cpu.states < CpuTimes::kStates && take_number(line, cpu.ticks[cpu.states])) ++cpu.states;
  if (cpu.states == CpuTimes::kStates) return true;
  return cpu.states >= kFewestStates && line.find_first_not_of(" \t\n") == std::string_view::npos;
}

}  // namespace

Result<std::uint64_t> parse_stat_number(std::string_view text, std::string_view keyword) noexcept {
  Lines lines{text};
  std::string_view line;
  while (lines.next(line)) {
    if (!line.starts_with(keyword)) continue;
    Fields fields{line};
    std::string_view word;
    std::uint64_t number = 0;
    if (!fields.next(word) || word != keyword) continue;
    if (!fields.next(number)) return Error{Errc::malformed, line};
    return number;
  }
  if (lines.truncated()) return Error{Errc::malformed, lines.rest()};
  return Error{Errc::absent, keyword};
}

bool CpuLines::next(CpuTimes& cpu) noexcept {
  std::string_view line;
  while (!behind_ && lines_.next(line)) {
    if (!line.starts_with(kCpu)) {
      behind_ = begun_;
      continue;
    }
    begun_ = true;
    if (parse_cpu(line, cpu)) return true;
  }
  return false;
}

}  // namespace vital

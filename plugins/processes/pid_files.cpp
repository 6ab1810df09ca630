// SPDX-License-Identifier: MIT
#include "processes/pid_files.h"

#include <algorithm>

#include "base/fields.h"
#include "base/strings.h"

namespace vital::processes {
namespace {

constexpr std::uint64_t kKernelThread = 0x00200000;  // PF_KTHREAD among the kernel's task flags

/// The columns of a stat file behind the name, each with one blank before it. They are some fifty
/// and read for every process at every tick, so they are not looked at twice.
class Columns {
 public:
  explicit Columns(std::string_view text) noexcept
      : at_{text.data()}, end_{text.data() + text.size()} {}

  bool next(char& letter) noexcept {
    if (end_ - at_ < 2 || *at_ != ' ') return false;
    letter = at_[1];
    at_ += 2;
    return ends_here();
  }

  bool next(std::uint64_t& number) noexcept {
    if (at_ == end_ || *at_++ != ' ') return false;
    const char* const first = at_;
    std::uint64_t sum = 0;
    for (; at_ != end_ && is_digit(*at_); ++at_)
      if (__builtin_mul_overflow(sum, std::uint64_t{10}, &sum) ||
          __builtin_add_overflow(sum, std::uint64_t(*at_ - '0'), &sum))
        return false;
    number = sum;
    return at_ != first && ends_here();
  }

  bool skip(int count) noexcept {
    for (; count > 0; --count) {
      if (at_ == end_ || *at_++ != ' ') return false;
      while (at_ != end_ && *at_ != ' ' && *at_ != '\n') ++at_;
    }
    return ends_here();
  }

 private:
  bool ends_here() const noexcept { return at_ != end_ && (*at_ == ' ' || *at_ == '\n'); }

  const char* at_;
  const char* end_;
};

bool parse_columns(std::string_view text, PidStat& stat) noexcept {
  Columns columns{text};
  std::uint64_t flags = 0;
  const bool complete = columns.next(stat.state) && columns.skip(5) && columns.next(flags) &&
                        columns.next(stat.minor_faults) && columns.skip(1) &&
                        columns.next(stat.major_faults) && columns.skip(1) &&
                        columns.next(stat.user_ticks) && columns.next(stat.system_ticks) &&
                        columns.skip(4) && columns.next(stat.threads) && columns.skip(1) &&
                        columns.next(stat.start_ticks) && columns.next(stat.virtual_bytes) &&
                        columns.next(stat.resident_pages) && columns.skip(3) &&
                        columns.next(stat.stack_start) && columns.next(stat.stack_pointer);
  stat.kernel_thread = (flags & kKernelThread) != 0;
  return complete;
}

/// The number behind `key` if the line begins with it. False: there is no number.
bool take(std::string_view line, std::string_view key,
          std::optional<std::uint64_t>& number) noexcept {
  if (!line.starts_with(key)) return true;
  std::uint64_t value = 0;
  if (!Fields{line.substr(key.size())}.next(value)) return false;
  number = value;
  return true;
}

constexpr std::string_view kWhite{" \t\n\v\f\r\0", 7};

}  // namespace

Result<PidStat> parse_pid_stat(std::string_view text) noexcept {
  const auto open = text.find(" (");
  const auto close = text.rfind(')');
  PidStat stat;
  if (open == std::string_view::npos || close == std::string_view::npos || close < open + 2 ||
      !text.ends_with('\n') || !parse_columns(text.substr(close + 1), stat))
    return Error{Errc::malformed, text};
  stat.name = text.substr(open + 2, close - open - 2);
  return stat;
}

Result<PidStatus> parse_pid_status(std::string_view text) noexcept {
  std::optional<std::uint64_t> data, program, libraries, threads, voluntary, involuntary;
  Lines lines{text};
  std::string_view line;
  while (lines.next(line)) {
    const bool sound = line.front() == 'V'
                           ? take(line, "VmData:", data) && take(line, "VmExe:", program) &&
                                 take(line, "VmLib:", libraries)
                           : take(line, "Threads:", threads) &&
                                 take(line, "voluntary_ctxt_switches:", voluntary) &&
                                 take(line, "nonvoluntary_ctxt_switches:", involuntary);
    if (!sound) return Error{Errc::malformed, line};
  }
  if (!threads) return Error{Errc::malformed, text};
  return PidStatus{.data_bytes = data.value_or(0) * 1024,
                   .code_bytes = (program.value_or(0) + libraries.value_or(0)) * 1024,
                   .voluntary_switches = voluntary,
                   .involuntary_switches = involuntary};
}

Result<PidIo> parse_pid_io(std::string_view text) noexcept {
  constexpr std::array<std::string_view, 6> kKeys{
      "rchar:", "wchar:", "syscr:", "syscw:", "read_bytes:", "write_bytes:"};
  std::array<std::uint64_t, kKeys.size()> numbers{};
  Lines lines{text};
  for (std::size_t i = 0; i < kKeys.size(); ++i) {
    std::string_view line, key;
    if (!lines.next(line)) return Error{Errc::malformed, text};
    Fields fields{line};
    if (!fields.next(key) || key != kKeys[i] || !fields.next(numbers[i]))
      return Error{Errc::malformed, line};
  }
  return PidIo{.read_bytes = numbers[0],
               .written_bytes = numbers[1],
               .reads = numbers[2],
               .writes = numbers[3],
               .storage_read_bytes = numbers[4],
               .storage_written_bytes = numbers[5]};
}

std::string_view command_line(std::optional<std::string_view> arguments, std::string_view name,
                              std::span<char, kLongestCommandLine> room) noexcept {
  if (!arguments || arguments->starts_with('\0')) return name;
  if (arguments->empty()) {
    const std::string_view inner = name.substr(0, room.size() - 2);
    room[0] = '[';
    std::copy(inner.begin(), inner.end(), room.begin() + 1);
    room[inner.size() + 1] = ']';
    return {room.data(), inner.size() + 2};
  }
  std::string_view shown = arguments->substr(0, room.size());
  const auto last = shown.find_last_not_of(kWhite);
  shown = shown.substr(0, last == std::string_view::npos ? 1 : last + 1);
  std::replace_copy(shown.begin(), shown.end(), room.begin(), '\0', ' ');
  return {room.data(), shown.size()};
}

}  // namespace vital::processes

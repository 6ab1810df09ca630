// SPDX-License-Identifier: MIT
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"

namespace vital::processes {

/// A process as its stat file tells, as far as we want to know. All threads count together.
///
/// Units    ticks of user mode's clock (sysconf(_SC_CLK_TCK) a second), bytes, pages, addresses
/// Errors   malformed: the text is cut short, or a column is not a number
/// Threads  a plain value; `name` points into the text. parse_pid_stat() is pure
/// Source   /proc/PID/stat, see proc(5). The name may hold anything: blanks, brackets, newlines
struct PidStat {
  std::string_view name;  // as the kernel cuts it: 15 bytes, more for its own threads
  char state = '?';
  bool kernel_thread = false;
  std::uint64_t minor_faults = 0, major_faults = 0;
  std::uint64_t user_ticks = 0, system_ticks = 0;
  std::uint64_t threads = 0;
  std::uint64_t start_ticks = 0;  // since boot; with the PID it names a process for good
  std::uint64_t virtual_bytes = 0, resident_pages = 0;
  std::uint64_t stack_start = 0;    // 0: this reader may not know
  std::uint64_t stack_pointer = 0;  // 0 since Linux 4.13, but for a process that dumps core

  bool zombie() const noexcept { return state == 'Z'; }
};

Result<PidStat> parse_pid_stat(std::string_view text) noexcept;

/// What the status file of a process or thread adds to its stat file.
///
/// Units    bytes; context switches since the thread began
/// Errors   malformed: cut short before "Threads:", or a number is none. What is cut off behind it,
///          or missing in an old kernel, is absent
/// Threads  a plain value; parse_pid_status() is pure
/// Source   /proc/PID/status, /proc/PID/task/TID/status, see proc(5)
struct PidStatus {
  std::uint64_t data_bytes = 0;  // a kernel thread, and a zombie, have no memory of their own
  std::uint64_t code_bytes = 0;  // of the program and its libraries
  std::optional<std::uint64_t> voluntary_switches, involuntary_switches;  // since Linux 2.6.23
};

Result<PidStatus> parse_pid_status(std::string_view text) noexcept;

/// What a process has read and written.
///
/// Units    bytes through read(2) and write(2) and how many such calls; bytes of storage
/// Errors   malformed: a line is missing or cut short
/// Threads  a plain value; parse_pid_io() is pure
/// Source   /proc/PID/io, see proc(5); only the process's own user and root may read it
struct PidIo {
  std::uint64_t read_bytes, written_bytes;
  std::uint64_t reads, writes;
  std::uint64_t storage_read_bytes, storage_written_bytes;
};

Result<PidIo> parse_pid_io(std::string_view text) noexcept;

/// The longest part of a command line that is looked at.
constexpr std::size_t kLongestCommandLine = 4095;

/// What an expression of ProcessMatch is tried on: the arguments with a blank after each, without
/// white space at their end; "[NAME]" where there are no arguments (threads of the kernel,
/// zombies); the plain name where they cannot be read or begin with an empty one.
///
/// Threads  pure; the result lies in `room` or is `name`
/// Source   /proc/PID/cmdline, see proc(5); no value: it could not be read
std::string_view command_line(std::optional<std::string_view> arguments, std::string_view name,
                              std::span<char, kLongestCommandLine> room) noexcept;

}  // namespace vital::processes

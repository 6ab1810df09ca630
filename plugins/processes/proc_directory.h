// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/fd.h"

namespace vital::processes {

/// A file below /proc/PID that may stay open from tick to tick: to read it again then costs half.
/// An open one speaks of its process only, never of a later one with the same PID.
///
/// Threads  none of its own: its reader's
class KeptFile {
 public:
  KeptFile() noexcept = default;
  KeptFile(KeptFile&& other) noexcept
      : fd_{std::move(other.fd_)}, budget_{std::exchange(other.budget_, nullptr)} {}
  KeptFile& operator=(KeptFile&& other) noexcept {
    close();
    fd_ = std::move(other.fd_);
    budget_ = std::exchange(other.budget_, nullptr);
    return *this;
  }
  ~KeptFile() { close(); }

 private:
  friend class ProcDirectory;

  void close() noexcept;

  Fd fd_;
  std::size_t* budget_ = nullptr;  // where the descriptor came from and goes back to
};

/// The directory proc below a root: which processes there are, and their files.
///
/// Errors   absent: the process has ended; denied: its files are not ours to read; else what the
///          system said
/// Threads  none of its own: its reader's. Must outlive the files that were read through it
/// Source   proc(5)
class ProcDirectory {
 public:
  /// Keeps at most that many files open.
  ProcDirectory(std::string path, std::size_t most_kept);
  ProcDirectory(const ProcDirectory&) = delete;
  ProcDirectory& operator=(const ProcDirectory&) = delete;

  /// How many files it may keep, so that the rest of the daemon has descriptors to spare.
  static std::size_t fair_share() noexcept;

  /// The PIDs of all processes, ascending.
  Status list(std::vector<int>& pids) noexcept;
  /// The numbers that are names in proc/PID/NAME: threads in "task", descriptors in "fd".
  Status list(int pid, std::string_view name, std::vector<int>& numbers) noexcept;

  /// The text of proc/PID/NAME, as much as there is room for.
  Result<std::string_view> read(int pid, std::string_view name, std::span<char> room) noexcept;
  Result<std::string_view> read(KeptFile& file, int pid, std::string_view name,
                                std::span<char> room) noexcept;
  /// How many lines proc/PID/NAME has.
  Result<std::size_t> count_lines(int pid, std::string_view name, std::span<char> room) noexcept;
  /// How many descriptors the process has open.
  Result<std::size_t> count_descriptors(int pid) noexcept;

  /// The kernel's own procfs, not a copy: what stands in it follows from the kernel's counters.
  bool kernel_made() const noexcept { return kernel_made_; }

 private:
  using Path = Text<64>;

  Status open_directory() noexcept;
  Result<Fd> open(Path& path, int flags) const noexcept;
  Status numbers_in(int fd, std::vector<int>& numbers) noexcept;

  const std::string path_;
  Fd directory_;
  bool kernel_made_ = false;
  bool size_is_count_ = false;  // since Linux 6.2 the size of proc/PID/fd is how many are open
  std::size_t budget_;
  std::vector<char> entries_;
  std::vector<int> descriptors_;
};

}  // namespace vital::processes

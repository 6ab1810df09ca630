// SPDX-License-Identifier: MIT
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"
#include "processes/plan.h"
#include "processes/proc_directory.h"
#include "processes/taskstats.h"

namespace vital::processes {

/// What a process has done since it began, each a total that only grows. Those from one file stand
/// together.
enum Total : std::size_t {
  kUserTicks,
  kSystemTicks,
  kMinorFaults,
  kMajorFaults,  // of the file stat
  kReadBytes,
  kWrittenBytes,
  kReads,
  kWrites,
  kStorageRead,
  kStorageWritten,  // io
  kVoluntary,
  kInvoluntary,  // status, of each thread
  kTotals
};

/// The totals of one file: the first of them and how many.
struct TotalRange {
  Total first;
  std::size_t count;
};
constexpr TotalRange kStatTotals{kUserTicks, 4}, kIoTotals{kReadBytes, 6},
    kSwitchTotals{kVoluntary, 2};

using Totals = std::array<std::uint64_t, kTotals>;

/// What a process calls itself, so that a change is seen, and when to look again. Its name and the
/// start of its stack, which an exec changes, stand in the file stat; its command line it may
/// rewrite at any time, and that costs a read. So one that never did is asked ever more rarely, one
/// that did each time.
struct Title {
  static constexpr int kLongestPause = 16;  // ticks

  std::uint64_t name = 0, line = 0;  // hashes
  std::uint64_t stack_start = 0;
  bool known = false;
  bool zombie = false;
  bool restless = false;
  int pause = 1, left = 1;  // ticks between two reads of the command line, and until the next

  bool due() noexcept { return --left <= 0; }
  void rest(int ticks) noexcept { left = pause = ticks; }
};

/// A process in its groups.
struct Member {
  struct Share {
    std::uint32_t group;
    bool whole;  // the group also gets what the process did before it was seen in it
  };

  std::vector<Share> shares;
  Extras wanted;              // by any of the groups
  std::uint64_t seen_in = 0;  // the tick

  KeptFile status, io;
  Totals last{};
  std::array<bool, kTotals> known{};  // for the first of each file: the totals in `last` are valid
  std::optional<Delays> delays;
  Steady delays_at{};
};

}  // namespace vital::processes

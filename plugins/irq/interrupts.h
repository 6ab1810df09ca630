// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/fields.h"

namespace vital::irq {

/// One line of /proc/interrupts: an interrupt by its number, or a kind of them by its name.
///
/// Threads  a plain value over bytes that must outlive it
struct Interrupt {
  std::string_view name;  // "24", "LOC", "ERR"
  std::string_view rest;  // the counts of the CPUs, then what it is
  std::size_t cpus;       // how many counts there are at most

  /// How often it happened since boot, on all CPUs that are online. Some, such as ERR, are counted
  /// once for all of them. Absent: the line has no count at all, as FIQ has not.
  std::optional<std::uint64_t> total() const noexcept;
};

/// The lines of /proc/interrupts behind the one that names the CPUs.
///
/// Errors   none of its own: a line that is cut short is not given out, and truncated() tells
/// Threads  a plain value over bytes that must outlive it
/// Source   /proc/interrupts, see proc(5)
class InterruptLines {
 public:
  explicit InterruptLines(std::string_view text) noexcept;

  bool next(Interrupt& interrupt) noexcept;
  /// False: the line that names the CPUs is not there, and nothing else can be told.
  bool headed() const noexcept { return cpus_ != 0; }
  bool truncated() const noexcept { return lines_.truncated(); }

 private:
  Lines lines_;
  std::size_t cpus_ = 0;
};

}  // namespace vital::irq

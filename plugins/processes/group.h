// SPDX-License-Identifier: MIT
#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/plugin.h"
#include "processes/expression.h"
#include "processes/member.h"
#include "processes/pid_files.h"
#include "processes/plan.h"

namespace vital::processes {

/// What the processes of a group use now, and what they have done since the first tick.
///
/// Totals begin with what happens after the first tick; a process that comes later brings all that
/// it has done. What its members did goes on counting when they end, so a total never steps back.
///
/// Threads  none of its own: its reader's
class Group {
 public:
  /// Throws SetupError.
  Group(const Setup& setup, GroupPlan plan);

  bool matches(std::string_view name, std::string_view line) const noexcept;
  const Extras& wanted() const noexcept { return plan_.wanted; }

  void begin() noexcept;
  void add(const PidStat& stat, const PidStatus& status) noexcept;
  void add_descriptors(std::size_t count) noexcept { descriptors_ += count; }
  void add_maps(std::size_t count) noexcept { maps_ += count; }
  /// Seconds waited for, a second.
  void add_delay(std::size_t kind, double rate) noexcept;
  void add_total(Total total, std::uint64_t more) noexcept;

  Status submit(Batch& batch) const noexcept;

 private:
  struct Machine {  // constants of the hardware and the kernel's interface
    Machine() noexcept;
    std::uint64_t microseconds_per_tick, page_bytes;
  };

  Status submit_sizes(Batch& batch) const noexcept;
  Status submit_totals(Batch& batch) const noexcept;
  Status submit_extras(Batch& batch) const noexcept;

  const GroupPlan plan_;
  const Machine machine_;
  std::optional<Expression> expression_;
  Series count_, virtual_, resident_, data_, code_, stack_, cpu_, faults_;
  Series io_octets_, io_ops_, disk_octets_;
  Series descriptors_series_, maps_series_, voluntary_, involuntary_;
  std::array<Series, Delays::kKinds> delay_series_;

  // of this tick
  std::uint64_t processes_ = 0, threads_ = 0;
  std::uint64_t virtual_bytes_ = 0, resident_bytes_ = 0, data_bytes_ = 0, code_bytes_ = 0,
                stack_bytes_ = 0;
  std::size_t descriptors_ = 0, maps_ = 0;
  std::array<std::optional<double>, Delays::kKinds> delays_;

  Totals totals_{};
  std::array<bool, kTotals> known_{};
};

}  // namespace vital::processes

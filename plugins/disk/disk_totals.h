// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>

#include "disk/diskstats.h"

namespace vital::disk {

/// A running total of a counter that may wrap at 32 bits, as times do on every kernel and all else
/// on 32-bit ones: what the counter held when it was first seen and all that it grew by since.
class Total {
 public:
  /// Where it went back and did not wrap, the total is the counter again.
  void advance(std::uint64_t counter) noexcept;

  bool would_go_back(std::uint64_t counter) const noexcept { return counter < counter_; }
  bool would_wrap(std::uint64_t counter) const noexcept;

  std::uint64_t value() const noexcept { return value_; }
  /// By how much the counter grew last.
  std::uint64_t step() const noexcept { return step_; }

 private:
  std::uint64_t counter_ = 0, value_ = 0, step_ = 0;
};

/// What is reported of one device, summed up from reading to reading.
///
/// Units    bytes, operations, milliseconds, each since the device appeared
/// Threads  a plain value
class DiskTotals {
 public:
  struct Pair {
    std::uint64_t read, write;
    bool any() const noexcept { return read != 0 || write != 0; }
  };

  /// Takes in a reading, `interval` seconds after the last. False: there is nothing to report yet,
  /// for the device is new, or another one bears its name now and all begins anew.
  bool advance(const BlockDevice& device, double interval) noexcept;

  Pair octets() const noexcept;
  Pair operations() const noexcept { return {reads_.value(), writes_.value()}; }
  /// Its rate is how long one operation took on average.
  Pair time() const noexcept { return time_; }
  Pair merged() const noexcept { return {reads_merged_.value(), writes_merged_.value()}; }
  std::uint64_t busy_time() const noexcept { return busy_time_.value(); }
  std::uint64_t weighted_time() const noexcept { return weighted_time_.value(); }
  /// Operations have been seen under way.
  bool has_pending() const noexcept { return has_pending_; }

 private:
  bool is_another(const BlockDevice& device) const noexcept;
  void advance(const Queue& queue, double interval) noexcept;

  Total reads_, writes_, read_sectors_, written_sectors_;
  Total reads_merged_, writes_merged_, read_time_, write_time_, busy_time_, weighted_time_;
  Pair time_{};
  bool has_pending_ = false;
  bool seen_ = false;
};

}  // namespace vital::disk

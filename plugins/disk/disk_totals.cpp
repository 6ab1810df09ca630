// SPDX-License-Identifier: MIT
#include "disk/disk_totals.h"

#include <cmath>
#include <initializer_list>
#include <limits>
#include <utility>

namespace vital::disk {
namespace {

constexpr std::uint64_t kSectorBytes = 512;  // the kernel's unit, whatever the device's is

std::uint32_t step32(std::uint64_t from, std::uint64_t to) noexcept {
  return static_cast<std::uint32_t>(to - from);
}

/// The average duration of an operation, once for each second that passed.
std::uint64_t average_time(const Total& time, const Total& operations, double interval) noexcept {
  if (operations.step() == 0) return 0;
  const double average = static_cast<double>(time.step()) / static_cast<double>(operations.step());
  return static_cast<std::uint64_t>(std::llround(interval * average));
}

}  // namespace

bool Total::would_wrap(std::uint64_t counter) const noexcept {
  constexpr std::uint32_t kFar = std::uint32_t{1} << 31;  // nobody gets that far in an interval
  return counter < counter_ && counter_ <= std::numeric_limits<std::uint32_t>::max() &&
         step32(counter_, counter) < kFar;
}

void Total::advance(std::uint64_t counter) noexcept {
  if (counter >= counter_)
    step_ = counter - counter_;
  else if (would_wrap(counter))
    step_ = step32(counter_, counter);
  else
    step_ = 0, value_ = counter;
  value_ += step_;
  counter_ = counter;
}

bool DiskTotals::advance(const BlockDevice& device, double interval) noexcept {
  if (is_another(device)) *this = DiskTotals{};
  reads_.advance(device.reads.operations);
  writes_.advance(device.writes.operations);
  read_sectors_.advance(device.reads.sectors);
  written_sectors_.advance(device.writes.sectors);
  if (device.queue) advance(*device.queue, interval);
  return std::exchange(seen_, true);
}

/// One counter that wraps is this device's; several that go back at once are another's.
bool DiskTotals::is_another(const BlockDevice& device) const noexcept {
  int back = 0, wrapped = 0;
  for (const auto& [total, counter] :
       {std::pair{&reads_, device.reads.operations}, std::pair{&writes_, device.writes.operations},
        std::pair{&read_sectors_, device.reads.sectors},
        std::pair{&written_sectors_, device.writes.sectors}}) {
    if (total->would_go_back(counter)) ++back;
    if (total->would_wrap(counter)) ++wrapped;
  }
  return back > 1 || back > wrapped;
}

void DiskTotals::advance(const Queue& queue, double interval) noexcept {
  reads_merged_.advance(queue.reads_merged);
  writes_merged_.advance(queue.writes_merged);
  read_time_.advance(queue.read_time);
  write_time_.advance(queue.write_time);
  busy_time_.advance(queue.busy_time);
  weighted_time_.advance(queue.weighted_time);
  time_.read += average_time(read_time_, reads_, interval);
  time_.write += average_time(write_time_, writes_, interval);
  if (queue.pending > 0) has_pending_ = true;
}

DiskTotals::Pair DiskTotals::octets() const noexcept {
  return {kSectorBytes * read_sectors_.value(), kSectorBytes * written_sectors_.value()};
}

}  // namespace vital::disk

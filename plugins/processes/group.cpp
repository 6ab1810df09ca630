// SPDX-License-Identifier: MIT
#include "processes/group.h"

#include <unistd.h>

#include <algorithm>

namespace vital::processes {
namespace {

constexpr std::array<std::string_view, Delays::kKinds> kDelayNames{
    "delay-cpu", "delay-blkio", "delay-swapin", "delay-freepages"};

std::uint64_t distance(std::uint64_t a, std::uint64_t b) noexcept { return a > b ? a - b : b - a; }

}  // namespace

Group::Machine::Machine() noexcept
    : microseconds_per_tick{static_cast<std::uint64_t>(1'000'000 / ::sysconf(_SC_CLK_TCK))},
      page_bytes{static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE))} {}

Group::Group(const Setup& setup, GroupPlan plan) : plan_{std::move(plan)} {
  if (plan_.expression) expression_.emplace(*plan_.expression);
  const auto declare = [&](std::string_view type, std::string_view instance = {}) {
    return setup.declare({.plugin_instance = plan_.name, .type = type, .type_instance = instance});
  };
  count_ = declare("ps_count");
  virtual_ = declare("ps_vm");
  resident_ = declare("ps_rss");
  data_ = declare("ps_data");
  code_ = declare("ps_code");
  stack_ = declare("ps_stacksize");
  cpu_ = declare("ps_cputime");
  faults_ = declare("ps_pagefaults");
  io_octets_ = declare("io_octets");
  io_ops_ = declare("io_ops");
  disk_octets_ = declare("disk_octets");
  if (plan_.wanted.descriptors) descriptors_series_ = declare("file_handles");
  if (plan_.wanted.maps) maps_series_ = declare("file_handles", "mapped");
  if (plan_.wanted.switches) {
    voluntary_ = declare("contextswitch", "voluntary");
    involuntary_ = declare("contextswitch", "involuntary");
  }
  if (plan_.wanted.delays)
    for (std::size_t kind = 0; kind < Delays::kKinds; ++kind)
      delay_series_[kind] = declare("delay_rate", kDelayNames[kind]);
}

bool Group::matches(std::string_view name, std::string_view line) const noexcept {
  return expression_ ? expression_->matches(line) : name == plan_.name;
}

void Group::begin() noexcept {
  processes_ = threads_ = 0;
  virtual_bytes_ = resident_bytes_ = data_bytes_ = code_bytes_ = stack_bytes_ = 0;
  descriptors_ = maps_ = 0;
  delays_.fill(std::nullopt);
}

void Group::add(const PidStat& stat, const PidStatus& status) noexcept {
  ++processes_;
  threads_ += stat.threads;
  virtual_bytes_ += stat.virtual_bytes;
  resident_bytes_ += stat.resident_pages * machine_.page_bytes;
  data_bytes_ += status.data_bytes;
  code_bytes_ += status.code_bytes;
  stack_bytes_ += distance(stat.stack_start, stat.stack_pointer);
}

void Group::add_delay(std::size_t kind, double rate) noexcept {
  delays_[kind] = delays_[kind].value_or(0) + rate;
}

void Group::add_total(Total total, std::uint64_t more) noexcept {
  totals_[total] += more;
  known_[total] = true;
}

Status Group::submit(Batch& batch) const noexcept {
  if (auto status = submit_sizes(batch); !status) return status;
  if (auto status = submit_totals(batch); !status) return status;
  return submit_extras(batch);
}

Status Group::submit_sizes(Batch& batch) const noexcept {
  Status status = batch.add(count_, {processes_, threads_});
  const auto add = [&](const Series& series, std::uint64_t bytes) {
    if (status) status = batch.add(series, bytes);
  };
  add(virtual_, virtual_bytes_);
  add(resident_, resident_bytes_);
  add(data_, data_bytes_);
  add(code_, code_bytes_);
  add(stack_, stack_bytes_);
  return status;
}

Status Group::submit_totals(Batch& batch) const noexcept {
  const std::uint64_t tick = machine_.microseconds_per_tick;
  Status status = batch.add(cpu_, {totals_[kUserTicks] * tick, totals_[kSystemTicks] * tick});
  if (status) status = batch.add(faults_, {totals_[kMinorFaults], totals_[kMajorFaults]});
  if (!known_[kReadBytes] || !status) return status;
  status = batch.add(io_octets_, {totals_[kReadBytes], totals_[kWrittenBytes]});
  if (status) status = batch.add(io_ops_, {totals_[kReads], totals_[kWrites]});
  if (status) status = batch.add(disk_octets_, {totals_[kStorageRead], totals_[kStorageWritten]});
  return status;
}

Status Group::submit_extras(Batch& batch) const noexcept {
  Status status;
  const auto add = [&](const Series& series, bool known, Number number) {
    if (known && status) status = batch.add(series, number);
  };
  const Extras& wanted = plan_.wanted;
  add(descriptors_series_, wanted.descriptors && descriptors_ != 0, descriptors_);
  add(maps_series_, wanted.maps && maps_ != 0, maps_);
  const bool switches = wanted.switches && known_[kVoluntary];
  add(voluntary_, switches, totals_[kVoluntary]);
  add(involuntary_, switches, totals_[kInvoluntary]);
  for (std::size_t kind = 0; kind < Delays::kKinds; ++kind)
    add(delay_series_[kind], delays_[kind].has_value(), delays_[kind].value_or(0));
  return status;
}

}  // namespace vital::processes

// SPDX-License-Identifier: MIT
#include "base/fields.h"
#include "cpu/usage.h"
#include "disk/diskstats.h"
#include "disk/udev_names.h"
#include "entropy/entropy_avail.h"
#include "fuzz/fuzz.h"
#include "interface/net_dev.h"
#include "irq/interrupts.h"
#include "lib/meminfo.h"
#include "lib/mount_table.h"
#include "lib/proc_stat.h"
#include "lib/vmstat.h"
#include "load/loadavg.h"
#include "processes/pid_files.h"
#include "processes/taskstats.h"
#include "swap/swaps.h"
#include "thermal/temperature.h"
#include "uptime/proc_uptime.h"
#include "users/utmp.h"
#include "vmem/vmpage.h"

using namespace vital;

namespace {

/// A piece of what was parsed lies in what was parsed.
void promise_inside(std::string_view text, std::string_view piece) {
  fuzz::promise(piece.empty() || (piece.data() >= text.data() &&
                                  piece.data() + piece.size() <= text.data() + text.size()));
}

void whole_files(std::string_view text) {
  (void)load::parse_loadavg(text);
  (void)uptime::parse_uptime(text);
  (void)entropy::parse_entropy(text);
  (void)entropy::stays_full(text);
  (void)parse_meminfo(text);
  (void)parse_swap_pages(text);
  for (const std::string_view keyword : {"ctxt", "intr", "processes"})
    (void)parse_stat_number(text, keyword);
  (void)thermal::parse_zone_temperature(text);
  (void)thermal::parse_cooling_state(text);
  (void)thermal::parse_acpi_temperature(text);
  (void)users::count_users(text);
  promise_inside(text, disk::udev_property(text, "DM_NAME"));
  (void)find_mount_number(text, "/");
}

void lines(std::string_view text) {
  CpuLines cpus{text};
  cpu::Meter meter;
  for (CpuTimes cpu; cpus.next(cpu);) {
    promise_inside(text, cpu.number);
    fuzz::promise(cpu.states <= CpuTimes::kStates);
    cpu::Usage usage;
    cpu::count(cpu::Guests::separate, cpu);
    if (meter.advance(cpu, usage)) fuzz::promise(usage.states <= CpuTimes::kStates);
  }
  VmstatLines vmstat{text};
  for (VmstatLines::Line line; vmstat.next(line);) {
    std::uint64_t number = 0;
    promise_inside(text, line.name);
    (void)line.number(number);
    (void)vmem::classify(line.name, true);
  }
  irq::InterruptLines interrupts{text};
  for (irq::Interrupt interrupt{}; interrupts.next(interrupt);) {
    promise_inside(text, interrupt.name);
    (void)interrupt.total();
  }
  swap::SwapLines swaps{text};
  for (swap::SwapDevice device{}; swaps.next(device);) promise_inside(text, device.name);
  (void)disk::for_each_block_device(text, [&](const disk::BlockDevice& device) {
    promise_inside(text, device.name);
    return Status{};
  });
  (void)interface::for_each_net_device(text, [&](const interface::NetDevice& device) {
    promise_inside(text, device.name);
    return Status{};
  });
  Lines mounts{text};
  for (std::string_view line; mounts.next(line);)
    if (const auto mount = parse_mount(line)) fuzz::promise(mount->directory.size() <= line.size());
}

void processes_files(std::string_view text) {
  if (const auto stat = processes::parse_pid_stat(text)) promise_inside(text, stat->name);
  (void)processes::parse_pid_status(text);
  (void)processes::parse_pid_io(text);
  std::array<char, processes::kLongestCommandLine> room;
  fuzz::promise(processes::command_line(text, "name", room).size() <= room.size());
  std::string_view bytes = text;
  for (processes::Message message; processes::next_message(bytes, message);) {
    promise_inside(text, message.payload);
    int number = 0;
    (void)processes::refuses(message, number);
    (void)processes::parse_family(message);
    if (const auto delays = processes::parse_delays(message))
      fuzz::promise(delays->kinds <= processes::Delays::kKinds);
  }
}

}  // namespace

/// Whatever a file below proc or sys says, parsers neither crash nor look beside it. The files of
/// the fixtures are the seeds.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  whole_files(text);
  lines(text);
  processes_files(text);
  return 0;
}

// SPDX-License-Identifier: MIT
#include <array>

#include "cpu/usage.h"
#include "lib/device_table.h"
#include "lib/late_series.h"
#include "plugin/plugin.h"

namespace vital::cpu {
namespace {

constexpr std::array<std::string_view, CpuTimes::kStates> kNames{
    "user",      "nice",    "system", "idle",  "wait",
    "interrupt", "softirq", "steal",  "guest", "guest_nice"};
constexpr std::string_view kActive = "active";

Guests guests_of(const Options& options) {
  if (!options.flag("ReportGuestState")) return Guests::hidden;
  return options.flag("SubtractGuestState") ? Guests::separate : Guests::included;
}

}  // namespace

/// Reports the time that CPUs spend in each state, as totals or as shares of the time between two
/// reads.
class CpuReader final : public Reader {
 public:
  explicit CpuReader(Setup& setup)
      : by_cpu_{setup.options().flag("ReportByCpu")},
        by_state_{setup.options().flag("ReportByState")},
        totals_{by_cpu_ && by_state_ && !setup.options().flag("ValuesPercentage")},
        type_{totals_ ? "cpu" : "percent"},
        guests_{guests_of(setup.options())},
        namer_{setup.namer()},
        file_{setup.root().open("proc/stat")} {
    setup.need_types({type_});
    if (setup.options().flag("ReportNumCpu")) count_ = setup.declare({.type = "count"});
  }

  Status read(Batch& batch) noexcept override {
    return file_.read([&](std::string_view text) { return report(text, batch); });
  }

 private:
  /// A series for each state; when states are not told apart only that of idle's opposite.
  using StateSeries = std::array<Series, CpuTimes::kStates>;

  struct Cpu {
    Meter meter{};
    StateSeries series{};
  };

  Status report(std::string_view text, Batch& batch) noexcept {
    CpuLines lines{text};
    CpuTimes times;
    Usage together;
    std::size_t cpus = 0;
    Status outcome;
    cpus_.begin();
    for (; lines.next(times); ++cpus)
      if (auto status = report(times, together, batch); !status) outcome = status;
    cpus_.end();
    if (lines.truncated()) return Error{Errc::malformed, "the lines of CPUs are cut short"};
    if (cpus == 0) return Error{Errc::absent, "lines of CPUs"};
    if (auto status = add_shares(batch, all_, {}, together); !status) outcome = status;
    if (count_)
      if (auto status = batch.add(count_, cpus); !status) outcome = status;
    return outcome;
  }

  Status report(CpuTimes& times, Usage& together, Batch& batch) noexcept {
    count(guests_, times);
    Cpu* known = cpus_.find(times.number);
    Cpu& cpu = known != nullptr ? *known : cpus_.add(times.number, {});
    if (totals_) return add_totals(batch, cpu.series, times);
    Usage usage;
    if (!cpu.meter.advance(times, usage)) return {};
    if (by_cpu_) return add_shares(batch, cpu.series, times.number, usage);
    together.add(usage);
    return {};
  }

  Status add_totals(Batch& batch, StateSeries& series, const CpuTimes& times) noexcept {
    Status outcome;
    for (std::size_t state = 0; state < times.states; ++state)
      if (auto status = add(batch, series[state], times.number, kNames[state], times.ticks[state]);
          !status)
        outcome = status;
    return outcome;
  }

  /// Nothing when no time was spent: it has no shares then.
  Status add_shares(Batch& batch, StateSeries& series, std::string_view cpu,
                    const Usage& usage) noexcept {
    const auto total = static_cast<double>(usage.total());
    if (!(total > 0)) return {};
    if (!by_state_) {
      const double active = total - static_cast<double>(usage.ticks[CpuTimes::idle]);
      return add(batch, series[CpuTimes::idle], cpu, kActive, 100 * active / total);
    }
    Status outcome;
    for (std::size_t state = 0; state < usage.states; ++state) {
      const auto spent = static_cast<double>(usage.ticks[state]);
      if (auto status = add(batch, series[state], cpu, kNames[state], 100 * spent / total); !status)
        outcome = status;
    }
    return outcome;
  }

  Status add(Batch& batch, Series& series, std::string_view cpu, std::string_view state,
             Number number) noexcept {
    return add_late(batch, series, namer_,
                    {.plugin_instance = cpu, .type = type_, .type_instance = state}, number);
  }

  const bool by_cpu_, by_state_;
  const bool totals_;  // rather than shares, which every sum over states or CPUs is reported as
  const std::string_view type_;
  const Guests guests_;
  const Namer namer_;
  KernelFile file_;
  Series count_;  // empty: not wanted
  DeviceTable<Cpu> cpus_;
  StateSeries all_;
};

}  // namespace vital::cpu

extern "C" void vital_register(vital::Registry& registry) {
  registry.reader<vital::cpu::CpuReader>("cpu", "How the CPUs spend their time.")
      .reports("cpu-CPU/cpu-STATE",
               "ticks of 1/100 s since boot: user, nice, system, idle, wait, interrupt, softirq, "
               "steal, and guest and guest_nice on request")
      .reports("cpu-CPU/percent-STATE", "the same as a share of the time since the last read")
      .reports("cpu-CPU/percent-active", "the share of all states but idle")
      .reports("cpu/percent-STATE", "shares of all CPUs together; also percent-active")
      .reports("cpu/count", "CPUs that are online")
      .note(
          "A percentage needs two reads. A CPU that was offline starts anew. A state whose count "
          "steps back, as the kernel's iowait may, is 0 % rather than negative.")
      .option("ReportByCpu", true, "Report each CPU; if not, all of them together, in percent.")
      .option("ReportByState", true,
              "Report each state; if not, all but idle together as active, in percent.")
      .option("ValuesPercentage", false,
              "Report each CPU's states in percent. Sums over CPUs or states always are.")
      .option("ReportNumCpu", false, "Report how many CPUs are online.")
      .option("ReportGuestState", false,
              "Report the time that CPUs run virtual machines: guest and guest_nice.")
      .option("SubtractGuestState", true,
              "The kernel counts guest as user too, and guest_nice as nice. With ReportGuestState: "
              "take it out there, so that nothing is counted twice.");
}

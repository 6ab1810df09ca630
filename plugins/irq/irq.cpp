// SPDX-License-Identifier: MIT
#include "irq/interrupts.h"
#include "lib/device_table.h"
#include "lib/ignore_list.h"
#include "lib/late_series.h"
#include "plugin/plugin.h"

namespace vital::irq {

/// Reports how often each interrupt happened.
class IrqReader final : public Reader {
 public:
  explicit IrqReader(Setup& setup)
      : ignored_{setup.options(), "Irq"},
        namer_{setup.namer()},
        file_{setup.root().open("proc/interrupts")} {
    setup.need_types({"irq"});
  }

  Status read(Batch& batch) noexcept override {
    return file_.read([&](std::string_view text) { return report(text, batch); });
  }

 private:
  struct Known {
    bool ignored;
    std::uint64_t reported_in = 0;  // the read that reported it last
    Series series{};
  };

  Status report(std::string_view text, Batch& batch) noexcept {
    InterruptLines lines{text};
    if (!lines.headed()) return Error{Errc::malformed, "no line that names the CPUs"};
    Interrupt interrupt{};
    Status outcome;
    ++reads_;
    known_.begin();
    while (lines.next(interrupt))
      if (auto status = report(interrupt, batch); !status) outcome = status;
    known_.end();
    if (lines.truncated()) return Error{Errc::malformed, "the list of interrupts is cut short"};
    return outcome;
  }

  Status report(const Interrupt& interrupt, Batch& batch) noexcept {
    Known* found = known_.find(interrupt.name);
    if (found == nullptr)
      found = &known_.add(interrupt.name, {.ignored = ignored_.ignores(interrupt.name)});
    if (found->ignored || found->reported_in == reads_)  // some kernels have a name twice
      return {};
    const auto total = interrupt.total();
    if (!total) return {};
    found->reported_in = reads_;
    return add_late(batch, found->series, namer_, {.type = "irq", .type_instance = interrupt.name},
                    *total);
  }

  const IgnoreList ignored_;
  const Namer namer_;
  KernelFile file_;
  DeviceTable<Known> known_;
  std::uint64_t reads_ = 0;
};

}  // namespace vital::irq

extern "C" void vital_register(vital::Registry& registry) {
  auto& irq =
      registry.reader<vital::irq::IrqReader>("irq", "How often each interrupt happens.")
          .reports("irq/irq-NAME",
                   "how often the interrupt of that number, or of that kind such as LOC, happened "
                   "since boot, on all CPUs together");
  vital::declare_ignore_list(irq, "Irq", "The number or name of an interrupt.");
}

// SPDX-License-Identifier: MIT
#include <array>
#include <iterator>
#include <optional>

#include "lib/device_table.h"
#include "lib/vmstat.h"
#include "plugin/plugin.h"
#include "vmem/vmpage.h"

namespace vital::vmem {

/// Reports what the kernel does with pages of memory.
class VmemReader final : public Reader {
 public:
  explicit VmemReader(Setup& setup)
      : verbose_{setup.options().flag("Verbose")},
        namer_{setup.namer()},
        file_{setup.root().open("proc/vmstat")} {
    setup.need_types({"vmpage_number", "vmpage_action"});
    for (std::size_t i = 0; i < pairs_.size(); ++i)
      pairs_[i] = setup.declare({.type = kPairs[i].type, .type_instance = kPairs[i].instance});
  }

  Status read(Batch& batch) noexcept override {
    return file_.read([&](std::string_view text) { return report(text, batch); });
  }

 private:
  struct Known {
    Vmpage::Kind kind;
    std::size_t pair, side;
    Series series{};  // of a number or an action
  };
  using Sides = std::array<std::array<std::optional<std::uint64_t>, 2>, std::size(kPairs)>;

  Status report(std::string_view text, Batch& batch) noexcept {
    VmstatLines lines{text};
    VmstatLines::Line line;
    Sides sides{};
    Status outcome;
    known_.begin();
    while (lines.next(line))
      if (auto status = report(line, sides, batch); !status) outcome = status;
    known_.end();
    if (auto status = add_pairs(sides, batch); !status) outcome = status;
    if (lines.truncated()) return Error{Errc::malformed, lines.rest()};
    return outcome;
  }

  Status report(const VmstatLines::Line& line, Sides& sides, Batch& batch) noexcept {
    Known* known = known_.find(line.name);
    if (known == nullptr) {
      auto made = make(line.name);
      if (!made) return made.error();
      known = &known_.add(line.name, std::move(*made));
    }
    std::uint64_t number = 0;
    if (known->kind == Vmpage::Kind::ignored || !line.number(number)) return {};
    if (known->kind != Vmpage::Kind::pair) return batch.add(known->series, number);
    sides[known->pair][known->side] = number;
    return {};
  }

  Result<Known> make(std::string_view name) const noexcept {
    const Vmpage page = classify(name, verbose_);
    Known known{.kind = page.kind, .pair = page.pair, .side = page.side};
    if (page.kind != Vmpage::Kind::number && page.kind != Vmpage::Kind::action) return known;
    const bool is_number = page.kind == Vmpage::Kind::number;
    auto series = namer_({.plugin_instance = page.zone,
                          .type = is_number ? "vmpage_number" : "vmpage_action",
                          .type_instance = page.instance});
    if (!series) return series.error();
    known.series = std::move(*series);
    return known;
  }

  Status add_pairs(const Sides& sides, Batch& batch) const noexcept {
    Status outcome;
    for (std::size_t i = 0; i < sides.size(); ++i)
      if (sides[i][0] && sides[i][1])
        if (auto status = batch.add(pairs_[i], {*sides[i][0], *sides[i][1]}); !status)
          outcome = status;
    return outcome;
  }

  const bool verbose_;
  const Namer namer_;
  KernelFile file_;
  std::array<Series, std::size(kPairs)> pairs_;
  DeviceTable<Known> known_;
};

}  // namespace vital::vmem

extern "C" void vital_register(vital::Registry& registry) {
  registry.reader<vital::vmem::VmemReader>("vmem", "What the kernel does with pages of memory.")
      .reports("vmem/vmpage_number-STATE", "pages in that state: free_pages, mapped, dirty, ...")
      .reports("vmem/vmpage_action-ACTION", "pages that were dirtied and written since boot")
      .reports("vmem/vmpage_io-memory", "kB read from and written to disks since boot: in, out")
      .reports("vmem/vmpage_io-swap", "pages read from and written to swap space: in, out")
      .reports("vmem/vmpage_faults", "faults since boot: all of them, and those that had to read")
      .reports("vmem-ZONE/vmpage_action-ACTION",
               "with Verbose: pages allocated, refilled, stolen, scanned in each zone; without a "
               "zone those freed, activated, deactivated")
      .option("Verbose", false, "Report all that is done to pages, much of it by zone of memory.");
}

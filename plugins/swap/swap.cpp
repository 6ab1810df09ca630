// SPDX-License-Identifier: MIT
#include <array>

#include "lib/device_table.h"
#include "lib/meminfo.h"
#include "lib/page_size.h"
#include "lib/shares.h"
#include "lib/vmstat.h"
#include "plugin/plugin.h"
#include "swap/swaps.h"

namespace vital::swap {
namespace {

constexpr std::array<std::string_view, 3> kNames{"used", "free", "cached"};
constexpr std::span<const std::string_view> kDeviceNames{kNames.data(), 2};
using Amounts = std::array<std::optional<double>, kNames.size()>;

/// Pages that are both in memory and on a device count as cached and not as used. Used is not known
/// when they are more than what is taken, for the kernel counts the two apart.
Result<Amounts> amounts_of(const Meminfo& memory) noexcept {
  if (!memory.swap_total || !memory.swap_free)
    return Error{Errc::absent, memory.swap_total ? "SwapFree" : "SwapTotal"};
  if (*memory.swap_free > *memory.swap_total)
    return Error{Errc::malformed, "SwapFree is more than SwapTotal"};
  const std::uint64_t taken = *memory.swap_total - *memory.swap_free;
  const std::uint64_t cached = memory.swap_cached.value_or(0);
  Amounts amounts;
  if (cached <= taken) amounts[0] = static_cast<double>(taken - cached);
  amounts[1] = static_cast<double>(*memory.swap_free);
  if (memory.swap_cached) amounts[2] = static_cast<double>(cached);
  return amounts;
}

Shares::Forms forms_of(const Options& options) {
  return {.absolute = options.flag("ValuesAbsolute"), .percent = options.flag("ValuesPercentage")};
}

std::string complaint(const Options& options) {
  if (forms_of(options).any() || options.flag("ReportIO")) return {};
  return "ValuesAbsolute, ValuesPercentage and ReportIO are all off, so there is nothing to report";
}

std::uint64_t size_of_page(const Root& root) {
  const auto size = page_size(root);
  if (!size)
    throw SetupError{"ReportBytes needs the size of a page: " +
                     std::string{size.error().message().view()}};
  return *size;
}

}  // namespace

/// How much of the swap space is taken, all devices together or each of them.
class Space {
 public:
  explicit Space(const Setup& setup)
      : namer_{setup.namer()},
        forms_{forms_of(setup.options())},
        by_device_{setup.options().flag("ReportByDevice")},
        together_{namer_, {}, "swap", kNames, forms_} {
    if (!forms_.any()) return;
    setup.need_types({"swap", "percent"});
    file_ = setup.root().open(by_device_ ? "proc/swaps" : "proc/meminfo");
  }

  bool wanted() const noexcept { return forms_.any(); }

  Status read(Batch& batch) noexcept {
    if (by_device_) return file_.read([&](std::string_view text) { return report(text, batch); });
    const auto memory = file_.read(parse_meminfo);
    if (!memory) return memory.error();
    const auto amounts = amounts_of(*memory);
    if (!amounts) return amounts.error();
    return together_.add(batch, *amounts);
  }

 private:
  Status report(std::string_view text, Batch& batch) noexcept {
    SwapLines lines{text};
    SwapDevice device{};
    Status outcome;
    devices_.begin();
    while (lines.next(device)) {
      Shares* const known = devices_.find(device.name);
      Shares& shares = known != nullptr ? *known : devices_.add(device.name, make(device.name));
      const std::array<std::optional<double>, 2> amounts{
          static_cast<double>(device.used), static_cast<double>(device.size - device.used)};
      if (auto status = shares.add(batch, amounts); !status) outcome = status;
    }
    devices_.end();
    if (lines.truncated()) return Error{Errc::malformed, "the list of swap devices is cut short"};
    return outcome;
  }

  Shares make(std::string_view device) const {
    return Shares{namer_, device, "swap", kDeviceNames, forms_};
  }

  const Namer namer_;
  const Shares::Forms forms_;
  const bool by_device_;
  KernelFile file_;
  Shares together_;
  DeviceTable<Shares> devices_;
};

/// What is read from and written to swap space.
class Traffic {
 public:
  explicit Traffic(const Setup& setup) {
    if (!setup.options().flag("ReportIO")) return;
    file_ = setup.root().open("proc/vmstat");
    unit_ = setup.options().flag("ReportBytes") ? size_of_page(setup.root()) : 1;
    in_ = setup.declare({.type = "swap_io", .type_instance = "in"});
    out_ = setup.declare({.type = "swap_io", .type_instance = "out"});
  }

  bool wanted() const noexcept { return static_cast<bool>(file_); }

  Status read(Batch& batch) noexcept {
    const auto pages = file_.read(parse_swap_pages);
    if (!pages) return pages.error();
    if (auto status = batch.add(in_, pages->in * unit_); !status) return status;
    return batch.add(out_, pages->out * unit_);
  }

 private:
  KernelFile file_;
  std::uint64_t unit_ = 1;
  Series in_, out_;
};

/// Reports the swap space. One half that fails does not cost the other its values.
class SwapReader final : public Reader {
 public:
  explicit SwapReader(Setup& setup) : space_{setup}, traffic_{setup}, log_{setup.log()} {}

  Status read(Batch& batch) noexcept override {
    const std::size_t before = batch.size();
    const Status space = space_.wanted() ? space_.read(batch) : Status{};
    const Status traffic = traffic_.wanted() ? traffic_.read(batch) : Status{};
    if (batch.size() == before) return space ? traffic : space;
    note(space_trouble_, "reading the swap space", space);
    note(traffic_trouble_, "reading the swap traffic", traffic);
    return {};
  }

 private:
  void note(Trouble& trouble, std::string_view what, const Status& status) const noexcept {
    if (status)
      trouble.ends(log_, what);
    else if (status.error().code() != Errc::absent)  // a kernel without swap is in no trouble
      trouble.begins(log_, what, status.error());
  }

  Space space_;
  Traffic traffic_;
  const Log log_;
  Trouble space_trouble_, traffic_trouble_;
};

}  // namespace vital::swap

extern "C" void vital_register(vital::Registry& registry) {
  registry.reader<vital::swap::SwapReader>("swap", "The swap space and what passes through it.")
      .reports("swap/swap-PART", "bytes on all devices together: used, free, cached")
      .reports("swap-DEVICE/swap-PART", "bytes on each device: used, free")
      .reports("swap/percent-PART",
               "the same in percent of their sum; also swap-DEVICE/percent-PART")
      .reports("swap/swap_io-in", "pages, or bytes, that were read from swap space since boot")
      .reports("swap/swap_io-out", "pages, or bytes, that were written to it")
      .option("ReportByDevice", false,
              "Report the space on each device or file rather than on all together.")
      .option("ReportBytes", false, "Report traffic in bytes rather than in pages.")
      .option("ValuesAbsolute", true, "Report bytes of space.")
      .option("ValuesPercentage", false, "Report percentages of space.")
      .option("ReportIO", true, "Report what is read from and written to swap space.")
      .check_all(vital::swap::complaint);
}

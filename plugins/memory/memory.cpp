// SPDX-License-Identifier: MIT
#include <array>

#include "lib/meminfo.h"
#include "lib/shares.h"
#include "plugin/plugin.h"

namespace vital::memory {
namespace {

enum Part : std::size_t { kUsed, kBuffered, kCached, kFree, kSlab, kReclaimable, kUnreclaimable };
constexpr std::array<std::string_view, 7> kNames{"used", "buffered",  "cached",     "free",
                                                 "slab", "slab_recl", "slab_unrecl"};
using Amounts = std::array<std::optional<double>, kNames.size()>;

std::optional<double> amount(const Meminfo::Bytes& bytes) noexcept {
  if (!bytes) return {};
  return static_cast<double>(*bytes);
}

/// Used is what the total leaves; it is not known when the others claim more than there is.
std::optional<double> used(const Meminfo& memory) noexcept {
  const std::uint64_t parts = memory.s_reclaimable.value_or(0) + memory.s_unreclaim.value_or(0);
  const double others = static_cast<double>(*memory.mem_free) +
                        static_cast<double>(memory.buffers.value_or(0)) +
                        static_cast<double>(memory.cached.value_or(0)) +
                        static_cast<double>(memory.slab.value_or(parts));
  const auto total = static_cast<double>(*memory.mem_total);
  if (others > total) return {};
  return total - others;
}

Result<Amounts> amounts_of(const Meminfo& memory) noexcept {
  if (!memory.mem_total || !memory.mem_free)
    return Error{Errc::absent, memory.mem_total ? "MemFree" : "MemTotal"};
  Amounts amounts;
  amounts[kUsed] = used(memory);
  amounts[kBuffered] = amount(memory.buffers);
  amounts[kCached] = amount(memory.cached);
  amounts[kFree] = amount(memory.mem_free);
  amounts[kReclaimable] = amount(memory.s_reclaimable);
  amounts[kUnreclaimable] = amount(memory.s_unreclaim);
  if (!memory.s_reclaimable && !memory.s_unreclaim) amounts[kSlab] = amount(memory.slab);
  return amounts;
}

std::string complaint(const Options& options) {
  if (options.flag("ValuesAbsolute") || options.flag("ValuesPercentage")) return {};
  return "ValuesAbsolute and ValuesPercentage are both off, so there is nothing to report";
}

}  // namespace

/// Reports what the physical memory is used for.
class MemoryReader final : public Reader {
 public:
  explicit MemoryReader(Setup& setup)
      : file_{setup.root().open("proc/meminfo")},
        shares_{setup.namer(),
                {},
                "memory",
                kNames,
                {.absolute = setup.options().flag("ValuesAbsolute"),
                 .percent = setup.options().flag("ValuesPercentage")}} {
    setup.need_types({"memory", "percent"});
  }

  Status read(Batch& batch) noexcept override {
    const auto memory = file_.read(parse_meminfo);
    if (!memory) return memory.error();
    const auto amounts = amounts_of(*memory);
    if (!amounts) return amounts.error();
    return shares_.add(batch, *amounts);
  }

 private:
  KernelFile file_;
  Shares shares_;
};

}  // namespace vital::memory

extern "C" void vital_register(vital::Registry& registry) {
  registry.reader<vital::memory::MemoryReader>("memory", "What the physical memory is used for.")
      .reports("memory/memory-PART",
               "bytes: used, buffered, cached, free, slab_recl and slab_unrecl; slab on kernels "
               "that do not tell these two apart. Used is what remains of the total")
      .reports("memory/percent-PART", "the same in percent of their sum")
      .option("ValuesAbsolute", true, "Report bytes.")
      .option("ValuesPercentage", false, "Report percentages.")
      .check_all(vital::memory::complaint);
}

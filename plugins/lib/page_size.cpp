// SPDX-License-Identifier: MIT
#include "lib/page_size.h"

#include <unistd.h>

#include "lib/meminfo.h"
#include "lib/vmstat.h"

namespace vital {
namespace {

constexpr std::uint64_t kSmallest = 4096, kLargest = 1 << 20;

std::uint64_t free_pages(std::string_view vmstat) noexcept {
  VmstatLines lines{vmstat};
  VmstatLines::Line line;
  std::uint64_t pages = 0;
  while (lines.next(line))
    if (line.name == "nr_free_pages" && line.number(pages)) return pages;
  return 0;
}

}  // namespace

Result<std::uint64_t> estimate_page_size(std::string_view meminfo,
                                         std::string_view vmstat) noexcept {
  const auto memory = parse_meminfo(meminfo);
  if (!memory) return memory.error();
  const double pages = static_cast<double>(free_pages(vmstat));
  const double bytes = static_cast<double>(memory->mem_free.value_or(0));
  for (std::uint64_t size = kSmallest; size <= kLargest; size *= 2) {
    const double right = bytes / static_cast<double>(size) / pages;  // NaN without pages
    if (right > 0.75 && right < 1.5) return size;
  }
  return Error{Errc::absent, "nr_free_pages"};
}

Result<std::uint64_t> page_size(const Root& root) {
  if (root.is_host()) return static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  const auto meminfo = root.text("proc/meminfo");
  if (!meminfo) return meminfo.error();
  const auto vmstat = root.text("proc/vmstat");
  if (!vmstat) return vmstat.error();
  return estimate_page_size(*meminfo, *vmstat);
}

}  // namespace vital

// SPDX-License-Identifier: MIT
#include "daemon/memory.h"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

namespace vital {
namespace {

/// What was never written is as it stands in the file, and may go.
int drop_unwritten(dl_phdr_info* object, std::size_t, void*) noexcept {
  static const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = object->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
    const std::uintptr_t begin = (object->dlpi_addr + segment.p_vaddr) & ~(page - 1);
    const std::uintptr_t end = object->dlpi_addr + segment.p_vaddr + segment.p_filesz;
    (void)::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
  }
  return 0;
}

}  // namespace

void share_one_heap() noexcept { ::mallopt(M_ARENA_MAX, 1); }

void return_memory_of_start() noexcept {
  ::malloc_trim(0);
  ::dl_iterate_phdr(drop_unwritten, nullptr);
}

}  // namespace vital

// SPDX-License-Identifier: MIT
#include "lib/meminfo.h"

#include <array>
#include <limits>

#include "base/fields.h"
#include "lib/take_number.h"

namespace vital {
namespace {

struct Field {
  std::string_view name;
  Meminfo::Bytes Meminfo::*bytes;
};

/// In the order in which every kernel prints them.
constexpr auto kFields = std::to_array<Field>({
    {"MemTotal:", &Meminfo::mem_total},
    {"MemFree:", &Meminfo::mem_free},
    {"Buffers:", &Meminfo::buffers},
    {"Cached:", &Meminfo::cached},
    {"SwapCached:", &Meminfo::swap_cached},
    {"SwapTotal:", &Meminfo::swap_total},
    {"SwapFree:", &Meminfo::swap_free},
    {"Slab:", &Meminfo::slab},
    {"SReclaimable:", &Meminfo::s_reclaimable},
    {"SUnreclaim:", &Meminfo::s_unreclaim},
});

constexpr std::uint32_t kAll = (std::uint32_t{1} << kFields.size()) - 1;

Meminfo::Bytes parse_bytes(std::string_view text) noexcept {
  std::uint64_t kilobytes = 0;
  if (!take_number(text, kilobytes) || text != " kB\n" ||
      kilobytes > std::numeric_limits<std::uint64_t>::max() / 1024)
    return {};
  return kilobytes * 1024;
}

/// The place of the line's field, looked for from the place where it is expected.
std::size_t find(std::string_view line, std::size_t expected) noexcept {
  for (std::size_t tried = 0; tried < kFields.size(); ++tried) {
    const std::size_t at = (expected + tried) % kFields.size();
    if (line.starts_with(kFields[at].name)) return at;
  }
  return kFields.size();
}

}  // namespace

Result<Meminfo> parse_meminfo(std::string_view text) noexcept {
  Meminfo memory;
  Lines lines{text};
  std::string_view line;
  std::uint32_t found = 0;  // a bit for each field
  std::size_t expected = 0;
  while (found != kAll && lines.next(line)) {
    const std::size_t at = find(line, expected);
    if (at == kFields.size()) continue;
    memory.*kFields[at].bytes = parse_bytes(line.substr(kFields[at].name.size()));
    expected = at + 1;
    found |= std::uint32_t{1} << at;
  }
  if (found == 0 || (found != kAll && lines.truncated()))
    return Error{Errc::malformed, lines.rest()};
  return memory;
}

}  // namespace vital

// SPDX-License-Identifier: MIT
#include "irq/interrupts.h"

#include "lib/take_number.h"

namespace vital::irq {

std::optional<std::uint64_t> Interrupt::total() const noexcept {
  std::string_view text = rest;
  std::uint64_t sum = 0, count = 0;
  std::size_t counts = 0;
  for (; counts < cpus && take_number(text, count); ++counts) sum += count;
  if (counts == 0) return {};
  return sum;
}

InterruptLines::InterruptLines(std::string_view text) noexcept : lines_{text} {
  std::string_view headline, cpu;
  if (!lines_.next(headline)) return;
  for (Fields names{headline}; names.next(cpu) && cpu.starts_with("CPU");) ++cpus_;
}

bool InterruptLines::next(Interrupt& interrupt) noexcept {
  std::string_view line;
  while (cpus_ != 0 && lines_.next(line)) {
    const auto begin = line.find_first_not_of(' ');
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || begin == colon) continue;
    const std::string_view name = line.substr(begin, colon - begin);
    if (name.find(' ') != std::string_view::npos) continue;
    interrupt = {.name = name, .rest = line.substr(colon + 1), .cpus = cpus_};
    return true;
  }
  return false;
}

}  // namespace vital::irq

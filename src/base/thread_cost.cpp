// SPDX-License-Identifier: MIT
#include "base/thread_cost.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <ctime>

#include "base/fd.h"
#include "base/fields.h"

namespace vital {

Nanoseconds thread_cpu() noexcept {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::chrono::seconds{used.tv_sec} + Nanoseconds{used.tv_nsec};
}

std::optional<std::uint64_t> thread_transfers() noexcept {
  const auto file = open_file("/proc/thread-self/io", O_RDONLY);
  std::array<char, 512> text;
  const ssize_t size = file ? ::read(file->get(), text.data(), text.size()) : -1;
  if (size <= 0) return {};
  return parse_transfers({text.data(), static_cast<std::size_t>(size)});
}

std::optional<std::uint64_t> parse_transfers(std::string_view text) noexcept {
  Lines lines{text};
  std::uint64_t sum = 0;
  unsigned found = 0;
  for (std::string_view line; lines.next(line);) {
    Fields fields{line};
    std::string_view key;
    std::uint64_t count = 0;
    if (!fields.next(key) || (key != "syscr:" && key != "syscw:")) continue;
    if (!fields.next(count)) return {};
    sum += count;
    ++found;
  }
  if (found != 2) return {};
  return sum;
}

std::optional<std::uint64_t> parse_minor_faults(std::string_view text) noexcept {
  constexpr int kBefore = 7;  // fields between the name, which may contain anything, and this one
  const auto name_end = text.rfind(')');
  if (name_end == std::string_view::npos) return {};
  Fields fields{text.substr(name_end + 1)};
  std::string_view passed;
  for (int i = 0; i < kBefore; ++i)
    if (!fields.next(passed)) return {};
  std::uint64_t faults = 0;
  if (!fields.next(faults)) return {};
  return faults;
}

}  // namespace vital

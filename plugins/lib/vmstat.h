// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <string_view>

#include "base/fields.h"
#include "base/result.h"

namespace vital {

/// The lines of /proc/vmstat, each a name and a number. A line that is no such pair is passed over.
///
/// Errors   none of its own: a line that is cut short is not given out, and truncated() tells
/// Threads  a plain value over bytes that must outlive it
/// Source   /proc/vmstat, see proc(5)
class VmstatLines {
 public:
  struct Line {
    std::string_view name;
    std::string_view rest;  // what stands behind the name

    bool number(std::uint64_t& number) const noexcept;
  };

  explicit VmstatLines(std::string_view text) noexcept : lines_{text} {}

  /// The number is not parsed: most lines are of no interest to most readers.
  bool next(Line& line) noexcept;
  bool truncated() const noexcept { return lines_.truncated(); }
  std::string_view rest() const noexcept { return lines_.rest(); }

 private:
  Lines lines_;
};

/// Pages that were read from and written to swap devices since boot.
struct SwapPages {
  std::uint64_t in, out;
};

/// Errors  absent: this kernel has no swap; malformed: the text is cut short
Result<SwapPages> parse_swap_pages(std::string_view text) noexcept;

}  // namespace vital

// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <string_view>

#include "base/fields.h"

namespace vital::swap {

/// A device or file that memory is swapped out to.
///
/// Units    bytes
/// Threads  a plain value; the name points into the text
struct SwapDevice {
  std::string_view name;  // blanks and the like as octal escapes, such as \040
  std::uint64_t size, used;
};

/// The lines of /proc/swaps behind the headline. A line that is malformed is passed over.
///
/// Errors   none of its own: a line that is cut short is not given out, and truncated() tells
/// Threads  a plain value over bytes that must outlive it
/// Source   /proc/swaps, see proc(5)
class SwapLines {
 public:
  explicit SwapLines(std::string_view text) noexcept;

  bool next(SwapDevice& device) noexcept;
  bool truncated() const noexcept { return !headed_ || lines_.truncated(); }

 private:
  Lines lines_;
  bool headed_;
};

}  // namespace vital::swap

// SPDX-License-Identifier: MIT
#pragma once
#include <string_view>

namespace vital::vmem {

/// What becomes of a line of /proc/vmstat.
///
/// Threads  a plain value; the texts point into the line's name or are constant
struct Vmpage {
  enum class Kind {
    ignored,
    number,  // vmpage_number: pages in some state
    action,  // vmpage_action: pages to which something was done, since boot
    pair,    // one side of a pair such as pgpgin and pgpgout
  };

  Kind kind = Kind::ignored;
  std::string_view zone{};      // the plugin instance of an action, empty for most
  std::string_view instance{};  // the type instance of a number or an action
  std::size_t pair = 0;         // which of kPairs
  std::size_t side = 0;         // 0: the first of the pair
};

/// Two lines that make one sample.
struct Pair {
  std::string_view names[2];
  std::string_view type, instance;
};
inline constexpr Pair kPairs[] = {
    {{"pgpgin", "pgpgout"}, "vmpage_io", "memory"},
    {{"pswpin", "pswpout"}, "vmpage_io", "swap"},
    {{"pgfault", "pgmajfault"}, "vmpage_faults", ""},
};

/// `verbose`: also what is done to pages other than to dirty and to write them.
Vmpage classify(std::string_view name, bool verbose) noexcept;

}  // namespace vital::vmem

// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <vector>

#include "base/log.h"

namespace vital::rrdtool {

/// Says once that files cannot be written, with the first one and the reason, and once that all of
/// them can be again: a full disk is one piece of news, and not one for each of a thousand files.
///
/// Threads  none of its own: whoever owns it serialises
class Faults {
 public:
  /// What a file remembers of its trouble; 0: it has none.
  using Mark = std::uint8_t;

  explicit Faults(const Log& log) : log_{log} {}

  void begins(Mark& mark, const std::string& path, const Error& error, Steady now);
  /// Values were lost because of it.
  void lost(Mark mark, std::uint64_t values) noexcept;
  /// The file can be written again, or nobody asks for it any more.
  void ends(Mark& mark);

 private:
  struct Kind {
    Errc code;
    int number;
    std::string reason;
    std::uint64_t failing = 0;            // files just now
    std::uint64_t files = 0, values = 0;  // since the first of them failed
    Steady next{};                        // not said again before
  };

  Kind& kind_of(const Error& error, Mark& mark);

  const Log log_;
  std::vector<Kind> kinds_;
};

}  // namespace vital::rrdtool

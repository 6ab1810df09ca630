// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace vital {

/// One count of something.
struct Figure {
  std::string name;  // as in "packets", "dropped_malformed"
  std::uint64_t value = 0;
};

/// What is neither read nor written by an outlet and yet counted: values that others send here, and
/// what of them was not used. `vitalctl status` shows it.
///
/// Threads  any
class Counting {
 public:
  virtual ~Counting() = default;
  /// A name that begins with "dropped_" tells of a loss, and why.
  virtual std::vector<Figure> figures() const { return {}; }
};

}  // namespace vital

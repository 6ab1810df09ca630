// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>

namespace vital::test {

/// Counts what this thread allocates while it lives.
class NoAllocation {
 public:
  NoAllocation() noexcept;
  std::uint64_t count() const noexcept;

 private:
  std::uint64_t before_;
};

}  // namespace vital::test

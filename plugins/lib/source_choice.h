// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/strings.h"

namespace vital {

/// The data sources that an option names, in any case; none named means all.
///
/// Threads  constant; any
class SourceChoice {
 public:
  explicit SourceChoice(std::vector<std::string> names) : names_{std::move(names)} {}

  bool includes(std::string_view source) const noexcept {
    return names_.empty() || std::any_of(names_.begin(), names_.end(),
                                         [&](const auto& name) { return iequals(name, source); });
  }

 private:
  std::vector<std::string> names_;
};

}  // namespace vital

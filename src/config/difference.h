// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <vector>

#include "config/options.h"

namespace vital {

/// One option that has another value in one configuration than in another.
struct Difference {
  std::string name;           // with the blocks that it stands in: "Node \"a\" Port"
  std::string before, after;  // as they are written; empty: not given, and there is no default
  Position position;          // of the new one, or of what it no longer stands in

  /// "NAME: BEFORE -> AFTER", on one line.
  std::string text() const;
};

/// What distinguishes the options of one declaration; nothing exactly when they are equal. What a
/// password is, is not said.
std::vector<Difference> differences(const Options& before, const Options& after);

}  // namespace vital

// SPDX-License-Identifier: MIT
#pragma once
#include <optional>

#include "base/time.h"
#include "model/data_set.h"

namespace vital::aggregation {

/// Makes of rates again what their type counts: a total that grows by them, with the fraction that
/// no integer can hold carried on.
///
/// Threads  a plain value
class Totals {
 public:
  /// Nothing: the first rate of a total, or one that it cannot have.
  std::optional<Value> add(Kind kind, double rate, Time time) noexcept;

 private:
  Time time_;  // Time{}: nothing yet
  Value total_{};
  double fraction_ = 0;
};

}  // namespace vital::aggregation

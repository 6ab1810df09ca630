// SPDX-License-Identifier: MIT
#pragma once
#include "plugin/setup.h"

namespace vital {

/// Adds a sample to a series that is named only when there is a value for it: for what not every
/// kernel has, and what comes and goes. `series` keeps the handle from then on.
///
/// Errors   unknown, too_long: the series cannot be named; what Batch::add() says
inline Status add_late(Batch& batch, Series& series, const Namer& namer,
                       const Identifier& identifier, Number number) noexcept {
  if (!series) {
    auto named = namer(identifier);
    if (!named) return named.error();
    series = std::move(*named);
  }
  return batch.add(series, number);
}

}  // namespace vital

// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <vector>

#include "config/configuration.h"

namespace vital {

/// A part of the running daemon that the configuration describes and that is no plugin. On a reload
/// it is asked in this order: prepare(), and when all sections and plugins are prepared commit();
/// when one of them cannot be, discard().
///
/// Threads  the main thread
class Section {
 public:
  virtual ~Section() = default;
  /// What would change, for a person, beside the options that differ. Nothing: it stays as it is.
  virtual std::vector<std::string> differences(const Configuration& /*running*/,
                                               const Configuration& /*wanted*/) const {
    return {};
  }
  /// Builds what `wanted` says beside what is there, or notes that nothing changes. Throws
  /// ConfigError, SetupError.
  virtual void prepare(const Configuration& running, const Configuration& wanted) = 0;
  /// Puts it in its place. Returns what there is to say, such as what did not work.
  virtual std::vector<std::string> commit() = 0;
  virtual void discard() noexcept = 0;
};

}  // namespace vital

// SPDX-License-Identifier: MIT
#pragma once
#include <string_view>

#include "base/log.h"
#include "config/declaration.h"

namespace vital {

/// The words that LogLevel takes, as collectd's log plugins know them and as people write them.
inline Choice log_levels() {
  return {"info", "notice", "warning", "err", "debug", "emerg", "alert", "crit", "warn", "error"};
}

/// The least grave severity that passes a LogLevel. As in collectd, what is graver than an error
/// counts as one.
inline Severity severity_of(std::string_view level) noexcept {
  if (level == "debug") return Severity::debug;
  if (level == "info") return Severity::info;
  if (level == "notice") return Severity::notice;
  return level.starts_with("warn") ? Severity::warning : Severity::error;
}

}  // namespace vital

// SPDX-License-Identifier: MIT
#pragma once
#include <optional>
#include <string>

#include "base/result.h"
#include "base/run_as.h"

namespace vital::exec {

/// "user", "user:" or "user:group", as the configuration has it.
struct Account {
  std::string user;
  std::optional<std::string> group{};  // empty text: the user's primary group

  static Account parse(const std::string& text);
};

/// Whose rights that is by now; asks the system's databases, which may wait. Nothing: those of the
/// daemon itself, which has no others to give.
///
/// Errors  unknown: no such user or group; denied: it is root, or the daemon may not become that
/// user
Result<std::optional<RunAs>> rights_of(const Account& account);

}  // namespace vital::exec

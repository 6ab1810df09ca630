// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <vector>

#include "base/result.h"

namespace vital::python {

/// Why a piece of a script came to no good end.
struct Fault {
  std::string what;                    // "ValueError: no such thing (spam.py:12, in read)"
  std::vector<std::string> traceback;  // as Python prints it, a line each
  bool expected = false;               // a CollectdError: the script says so itself

  Error error() const noexcept { return Error{Errc::refused, what}; }
};

/// Takes the exception that is set in this thread away.
Fault take_fault();

}  // namespace vital::python

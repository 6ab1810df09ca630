// SPDX-License-Identifier: MIT
// For a build without libseccomp.
#include "daemon/system_call_filter.h"

namespace vital {

SystemCallFilter::~SystemCallFilter() = default;
bool SystemCallFilter::known() noexcept { return false; }
Status SystemCallFilter::load(const SystemCallPlan&) {
  return Error{Errc::unsupported, "system call filters: built without libseccomp"};
}

}  // namespace vital

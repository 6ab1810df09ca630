// SPDX-License-Identifier: MIT
#include "base/child_account.h"

namespace vital {

ChildAccount::ChildAccount(Children& children, std::string name) : children_{children} {
  report_.name = std::move(name);
  report_.state = "waiting";
  children_.add(*this);
}

ChildAccount::~ChildAccount() { children_.remove(*this); }

void ChildAccount::started(pid_t pid) {
  const std::lock_guard lock{mutex_};
  report_.pid = pid;
  report_.state = "running";
  ++report_.starts;
}

void ChildAccount::ended(const ChildEnd& end) {
  const std::lock_guard lock{mutex_};
  report_.pid = 0;
  report_.state = "waiting";
  report_.cpu += end.cpu;
}

void ChildAccount::failed(std::string_view why) {
  const std::lock_guard lock{mutex_};
  ++report_.faults;
  report_.last_fault = why;
}

ChildReport ChildAccount::report() const {
  ChildReport report;
  {
    const std::lock_guard lock{mutex_};
    report = report_;
  }
  if (report.pid != 0) add_usage(report, report.pid);
  return report;
}

}  // namespace vital

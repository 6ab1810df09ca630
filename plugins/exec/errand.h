// SPDX-License-Identifier: MIT
#pragma once
#include <csignal>
#include <memory>
#include <string>

#include "exec/program.h"
#include "model/notification.h"

namespace vital::exec {

/// A notification as NotificationExec programs read it: a line for each name, an empty one, the
/// message.
///
/// Source  collectd-exec(5)
std::string text_of(const Notification& notification);

/// One program that was started for one notification.
///
/// Threads  one, the supervisor's
class Errand {
 public:
  /// Errors  those of start()
  static Result<std::unique_ptr<Errand>> begin(const ProgramPlan& plan, const Surroundings& around,
                                               const std::string& text);

  int errors_fd() const noexcept { return errors_open_ ? child_.output_fd() : -1; }
  int end_fd() const noexcept { return child_.end_fd(); }
  Steady deadline() const noexcept { return deadline_; }
  /// False: it has ended.
  bool look(Steady now);
  void terminate() noexcept { child_.signal(SIGTERM); }

  Errand(Child child, Log log, Steady deadline)
      : child_{std::move(child)}, log_{log}, errors_{std::move(log)}, deadline_{deadline} {}

  Child child_;
  Log log_;
  ChildOutput errors_;
  Steady deadline_;
  bool errors_open_ = true;
};

}  // namespace vital::exec

// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "model/notification.h"
#include "tools/nagios_check.h"

namespace vital {

/// One line that ALERTS answers: a threshold that is firing.
struct AlertLine {
  Level level = Level::failure;
  double since = 0;  // seconds since 1970
  std::string identifier;
  std::string message;
  bool silenced = false;
};

/// FAILURE since=1700000000 identifier="h/df-root/df" message="..." [silence=ID]; further names are
/// passed over.
///
/// Errors  malformed: no severity, or no identifier
Result<AlertLine> parse_alert(std::string_view line);

/// Which alerts a check is about; what is empty means all.
struct AlertScope {
  std::string host;
  std::string name;  // plugin: all instances; plugin-instance; plugin[-instance]/type[-instance]

  bool has(const std::string& identifier) const;
  bool all() const noexcept { return host.empty() && name.empty(); }
  /// As a message names it.
  std::string text() const;
};

/// The state is that of the worst that is not silenced. The first line tells of it, and of the
/// counts; behind it comes a line for each alert, the worst and oldest first, and those that are
/// silenced. As many as Nagios reads: how many more there are is said.
Verdict judge(std::vector<AlertLine> alerts);

}  // namespace vital

// SPDX-License-Identifier: MIT
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/nagios_range.h"

namespace vital {

/// What a check tells Nagios; the numbers are the exit codes.
enum class CheckState { okay = 0, warning = 1, critical = 2, unknown = 3 };

/// "OKAY", "WARNING", "CRITICAL", "UNKNOWN".
std::string_view name_of(CheckState state) noexcept;

/// What is printed, and what is exited with.
struct Verdict {
  CheckState state = CheckState::unknown;
  std::string text;
};

/// One data source and its value.
struct CheckValue {
  std::string name;
  double value;
};

/// How several data sources become one state.
enum class Consolidation { none, average, sum, percentage };
/// In any case.
std::optional<Consolidation> parse_consolidation(std::string_view text) noexcept;

/// What is asked of values.
struct ValueCheck {
  Consolidation how = Consolidation::none;
  NagiosRange warning, critical;
  bool nan_is_critical = false;
};

/// The values as the user named them in `wanted`; all when that is empty. A name without a value is
/// put into `missing`.
std::vector<CheckValue> select(const std::vector<CheckValue>& values,
                               const std::vector<std::string>& wanted, std::string& missing);

/// Output and exit code as collectd-nagios 5.12 has them, to the byte.
Verdict judge(const std::vector<CheckValue>& values, const ValueCheck& check);

}  // namespace vital

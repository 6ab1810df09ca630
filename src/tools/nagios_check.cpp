// SPDX-License-Identifier: MIT
#include "tools/nagios_check.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "base/strings.h"

namespace vital {
namespace {

constexpr std::array<std::string_view, 4> kStates{"OKAY", "WARNING", "CRITICAL", "UNKNOWN"};
constexpr std::array<std::string_view, 4> kFunctions{"none", "average", "sum", "percentage"};

/// A number by a printf format that has one conversion.
std::string number(const char* format, double value) {
  char text[400];  // the largest double has 309 digits before its point
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string performance(const std::vector<CheckValue>& values) {
  std::string text{" |"};
  for (const CheckValue& value : values)
    text += " " + value.name + "=" + number("%f", value.value) + ";;;;";
  return text;
}

CheckState state_of(double value, const ValueCheck& check) noexcept {
  if (check.critical.is_bad(value)) return CheckState::critical;
  return check.warning.is_bad(value) ? CheckState::warning : CheckState::okay;
}

Verdict verdict(CheckState state, const std::string& text) {
  return {state, std::string{name_of(state)} + ": " + text};
}

Verdict nothing_defined() { return verdict(CheckState::warning, "No defined values found\n"); }

Verdict not_a_number(const CheckValue& value) {
  return verdict(CheckState::critical, "Data source \"" + value.name + "\" is NaN\n");
}

Verdict judge_each(const std::vector<CheckValue>& values, const ValueCheck& check) {
  if (values.empty()) return nothing_defined();
  std::array<int, 3> counts{};
  for (const CheckValue& value : values) {
    const CheckState undefined = check.nan_is_critical ? CheckState::critical : CheckState::warning;
    ++counts[static_cast<std::size_t>(std::isnan(value.value) ? undefined
                                                              : state_of(value.value, check))];
  }
  const CheckState worst = counts[2] != 0   ? CheckState::critical
                           : counts[1] != 0 ? CheckState::warning
                                            : CheckState::okay;
  return verdict(worst, std::to_string(counts[2]) + " critical, " + std::to_string(counts[1]) +
                            " warning, " + std::to_string(counts[0]) + " okay" +
                            performance(values) + "\n");
}

/// The sum, or the average.
Verdict judge_total(const std::vector<CheckValue>& values, const ValueCheck& check) {
  double total = 0;
  int count = 0;
  for (const CheckValue& value : values) {
    if (std::isnan(value.value) && check.nan_is_critical) return not_a_number(value);
    if (std::isnan(value.value)) continue;
    total += value.value;
    ++count;
  }
  if (count == 0) return nothing_defined();
  const bool average = check.how == Consolidation::average;
  if (average) total /= count;
  return verdict(state_of(total, check), number("%g", total) + (average ? " average" : " sum") +
                                             performance(values) + "\n");
}

/// The first one's share of all. As there, this line has no end.
Verdict judge_share(const std::vector<CheckValue>& values, const ValueCheck& check) {
  if (values.empty() || std::isnan(values.front().value))
    return verdict(CheckState::warning, "The first value is not defined\n");
  double sum = 0;
  for (const CheckValue& value : values) {
    if (!std::isnan(value.value))
      sum += value.value;
    else if (check.nan_is_critical)
      return not_a_number(value);
  }
  if (sum == 0) return verdict(CheckState::warning, "Values sum up to zero\n");
  const double share = 100 * values.front().value / sum;
  return verdict(state_of(share, check), number("%f percent", share) + performance(values));
}

}  // namespace

std::string_view name_of(CheckState state) noexcept {
  return kStates[static_cast<std::size_t>(state)];
}

std::optional<Consolidation> parse_consolidation(std::string_view text) noexcept {
  for (std::size_t i = 0; i < kFunctions.size(); ++i)
    if (iequals(text, kFunctions[i])) return static_cast<Consolidation>(i);
  return std::nullopt;
}

std::vector<CheckValue> select(const std::vector<CheckValue>& values,
                               const std::vector<std::string>& wanted, std::string& missing) {
  if (wanted.empty()) return values;
  std::vector<CheckValue> selected;
  for (const std::string& name : wanted) {
    const auto found = std::find_if(values.begin(), values.end(), [&](const CheckValue& value) {
      return iequals(value.name, name);
    });
    if (found == values.end()) {
      missing = name;
      return {};
    }
    selected.push_back({name, found->value});
  }
  return selected;
}

Verdict judge(const std::vector<CheckValue>& values, const ValueCheck& check) {
  switch (check.how) {
    case Consolidation::none:
      return judge_each(values, check);
    case Consolidation::average:
    case Consolidation::sum:
      return judge_total(values, check);
    case Consolidation::percentage:
      return judge_share(values, check);
  }
  return {};
}

}  // namespace vital

// SPDX-License-Identifier: MIT
#include "processes/plan.h"

#include <algorithm>
#include <array>

#include "model/identifier.h"
#include "processes/expression.h"

namespace vital::processes {
namespace {

constexpr std::size_t kLongestProcessName = 15;

struct Extra {
  std::string_view option;
  bool Extras::*wanted;
  std::string_view help;
};

constexpr std::array<Extra, 4> kExtras{{
    {"CollectContextSwitch", &Extras::switches,
     "Count how often threads gave up their CPU by themselves, and how often it was taken from "
     "them. A process with several threads costs a file read for each."},
    {"CollectDelayAccounting", &Extras::delays,
     "Report how long the processes waited for a CPU, for disks, for pages to be swapped in and "
     "for memory to be freed, in seconds a second. Needs the capability CAP_NET_ADMIN and, since "
     "Linux 5.14, the kernel's setting kernel.task_delayacct=1, for it counts nothing without."},
    {"CollectFileDescriptor", &Extras::descriptors,
     "Report how many file descriptors the processes have open."},
    {"CollectMemoryMaps", &Extras::maps,
     "Report how many mappings of memory the processes have. The kernel lists each of them, which "
     "is dear for large processes."},
}};

std::string name_complaint(const std::vector<Argument>& arguments) {
  return arguments.front().text.size() > Identifier::kLongestField
             ? "has a name that is longer than 127 bytes"
             : std::string{};
}

std::string match_complaint(const std::vector<Argument>& arguments) {
  const std::string wrong = name_complaint(arguments);
  return wrong.empty() ? Expression::complaint(arguments.at(1).text) : wrong;
}

void declare_extras(Declaration& group) {
  for (const Extra& extra : kExtras)
    group.option(extra.option, Unset<bool>{},
                 "For this group alone; without it, what was set above the group.");
}

/// A statement that takes part in the order: a setting for what follows, or a group.
struct Step {
  std::size_t place;
  const Options::Entry* entry;  // of a setting
  bool Extras::*extra;
  const Options* block;  // of a group
};

std::vector<Step> steps_of(const Options& options) {
  std::vector<Step> steps;
  for (const Extra& extra : kExtras)
    for (const Options::Entry& entry : options.entries(extra.option))
      steps.push_back({entry.place, &entry, extra.wanted, nullptr});
  for (const char* const kind : {"Process", "ProcessMatch"})
    for (const Options& block : options.blocks(kind))
      steps.push_back({block.place(), nullptr, nullptr, &block});
  std::sort(steps.begin(), steps.end(),
            [](const Step& a, const Step& b) { return a.place < b.place; });
  return steps;
}

GroupPlan plan_of(const Options& block, const Extras& above) {
  GroupPlan plan{.name = block.argument(), .expression = {}, .wanted = above};
  if (block.arguments().size() > 1) plan.expression = block.argument(1);
  for (const Extra& extra : kExtras)
    if (block.given(extra.option)) plan.wanted.*extra.wanted = block.flag(extra.option);
  return plan;
}

}  // namespace

Extras& Extras::operator|=(const Extras& other) noexcept {
  for (const Extra& extra : kExtras) this->*extra.wanted |= other.*extra.wanted;
  return *this;
}

void declare_groups(Declaration& declaration) {
  declaration.ordered();
  for (const Extra& extra : kExtras)
    declaration.option(extra.option, false, extra.help).repeatable();
  declaration
      .block("Process", "NAME",
             "The processes of that name count as one group. Names are those that ps -e shows, "
             "which the kernel cuts to 15 bytes. May be a line, or a block with options.",
             declare_extras)
      .check(name_complaint)
      .block("ProcessMatch", "NAME REGEX",
             "The processes whose command line matches the POSIX extended expression count as one "
             "group of that name. Tried is the program with its arguments, a blank between two, "
             "up to 4095 bytes; of a thread of the kernel its name in brackets. May be a line, or "
             "a block with options.",
             declare_extras)
      .arguments(2)
      .check(match_complaint);
}

bool wants_delays(const Options& options) {
  constexpr const char* kOption = "CollectDelayAccounting";
  for (const Options::Entry& entry : options.entries(kOption))
    if (entry.arguments.front().boolean) return true;
  for (const char* const kind : {"Process", "ProcessMatch"})
    for (const Options& block : options.blocks(kind))
      if (block.flag(kOption)) return true;
  return false;
}

std::vector<GroupPlan> plan_groups(const Options& options, const Log& log) {
  std::vector<GroupPlan> plans;
  Extras above;
  for (const Step& step : steps_of(options)) {
    if (step.block == nullptr) {
      above.*step.extra = step.entry->arguments.front().boolean;
      continue;
    }
    GroupPlan plan = plan_of(*step.block, above);
    const std::string where = step.block->position().text();
    if (std::any_of(plans.begin(), plans.end(),
                    [&](const GroupPlan& other) { return other.name == plan.name; })) {
      log.warning(where, ": there is a group \"", plan.name, "\" above, so this one is left out");
      continue;
    }
    if (!plan.expression && plan.name.size() > kLongestProcessName)
      log.warning(where, ": no program has a name as long as \"", plan.name,
                  "\", for the kernel cuts them to 15 bytes");
    plans.push_back(std::move(plan));
  }
  return plans;
}

}  // namespace vital::processes

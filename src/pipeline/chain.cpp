// SPDX-License-Identifier: MIT
#include "pipeline/chain.h"

#include <algorithm>

#include "base/strings.h"

namespace vital {

Chain::Chain(std::string name, const Clock& clock, Log log)
    : name_{std::move(name)}, clock_{clock}, log_{std::move(log)} {}

void Chain::add(Rule rule) { rules_.push_back(std::move(rule)); }

void Chain::add_default(std::unique_ptr<Target> target) { defaults_.push_back(std::move(target)); }

/// The rules whose every match by name says yes.
Chain::Numbers Chain::find_rules(const Passage& value) {
  Numbers numbers;
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    const auto& matches = rules_[i].by_name;
    const bool all = std::all_of(matches.begin(), matches.end(), [&](const auto& match) {
      const auto yes = ask(rules_[i], *match, value);
      return yes && *yes;
    });
    if (all) numbers.push_back(static_cast<std::uint16_t>(i));
  }
  return numbers;
}

const Chain::Numbers& Chain::rules_for(const Passage& value) {
  std::uint32_t& place = list_of_[value.series()];
  if (place == 0) {
    const auto [at, fresh] =
        known_.try_emplace(find_rules(value), static_cast<std::uint32_t>(lists_.size()));
    if (fresh) lists_.push_back(&at->first);
    place = at->second + 1;
  }
  return *lists_[place - 1];
}

Result<bool> Chain::ask(const Rule& rule, Match& match, const Passage& value) noexcept {
  auto yes = match.matches(value);
  if (!yes)
    failures_.say(log_, clock_.now(), "chain ", std::string_view{name_}, ", rule \"",
                  std::string_view{rule.name}, "\": ", yes.error(), "; it does not match then");
  return yes;
}

bool Chain::agreed(const Rule& rule, const Passage& value) noexcept {
  return std::all_of(rule.by_value.begin(), rule.by_value.end(), [&](const auto& match) {
    const auto yes = ask(rule, *match, value);
    return yes && *yes;
  });
}

Next Chain::run(const std::vector<std::unique_ptr<Target>>& targets, Passage& value) noexcept {
  for (const auto& target : targets) {
    const auto verdict = target->apply(value);
    if (!verdict)
      failures_.say(log_, clock_.now(), "chain ", std::string_view{name_}, ": ", verdict.error());
    else if (*verdict != Next::proceed)
      return *verdict;
  }
  return Next::proceed;
}

Next Chain::process(Passage& value) noexcept {
  const SeriesInfo* named = &value.series();
  const Numbers* numbers = &rules_for(value);
  for (auto at = numbers->begin(); at != numbers->end();) {
    const std::uint16_t number = *at++;
    if (!agreed(rules_[number], value)) continue;
    if (const Next verdict = run(rules_[number].targets, value); verdict != Next::proceed)
      return verdict;
    if (&value.series() == named) continue;
    named = &value.series();  // to the rules below it is another series now
    numbers = &rules_for(value);
    at = std::upper_bound(numbers->begin(), numbers->end(), number);
  }
  return run(defaults_, value) == Next::stop ? Next::stop : Next::proceed;
}

void Chain::forget(bool all) noexcept {
  if (all) list_of_.clear();
  for (const Rule& rule : rules_)
    for (const auto& target : rule.targets) target->forget(all);
  for (const auto& target : defaults_) target->forget(all);
}

Chain* Chains::find(std::string_view name) noexcept {
  const auto found = std::find_if(chains_.begin(), chains_.end(),
                                  [&](const auto& chain) { return iequals(chain->name(), name); });
  return found == chains_.end() ? nullptr : found->get();
}

Chain& Chains::make(const std::string& name, const Clock& clock, const Log& log) {
  if (Chain* known = find(name)) return *known;
  chains_.push_back(std::make_unique<Chain>(name, clock, log));
  return *chains_.back();
}

void Chains::forget(bool all) noexcept {
  for (const auto& chain : chains_) chain->forget(all);
}

}  // namespace vital

// SPDX-License-Identifier: MIT
#include "config/chain_plan.h"

#include <algorithm>

#include "base/strings.h"

namespace vital {
namespace {

constexpr std::string_view kJump = "target_jump";
constexpr std::string_view kWrite = "target_write";

bool same(const std::vector<FilterPlan>& a, const std::vector<FilterPlan>& b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const FilterPlan& one, const FilterPlan& other) {
                      return one.plugin == other.plugin && one.options == other.options;
                    });
}

template <typename Visit>
void each_target(const ChainPlan& chain, Visit&& visit) {
  for (const RulePlan& rule : chain.rules)
    for (const FilterPlan& target : rule.targets) visit(target);
  for (const FilterPlan& target : chain.targets) visit(target);
}

}  // namespace

bool ChainPlan::operator==(const ChainPlan& other) const noexcept {
  const auto same_rule = [](const RulePlan& a, const RulePlan& b) {
    return a.name == b.name && same(a.matches, b.matches) && same(a.targets, b.targets);
  };
  return iequals(name, other.name) && same(targets, other.targets) &&
         std::equal(rules.begin(), rules.end(), other.rules.begin(), other.rules.end(), same_rule);
}

ChainPlan* ChainReader::find_chain(const std::string& name) {
  const auto found = std::find_if(chains_.begin(), chains_.end(), [&](const ChainPlan& chain) {
    return iequals(chain.name, name);
  });
  return found == chains_.end() ? nullptr : &*found;
}

std::vector<std::string_view> ChainReader::names() const {
  std::vector<std::string_view> names;
  for (const ChainPlan& chain : chains_) names.emplace_back(chain.name);
  return names;
}

void ChainReader::block(const Statement& statement) {
  if (statement.arguments.size() != 1 || statement.arguments.front().kind != Argument::Kind::string)
    return problems_.error(statement.position, "a Chain block takes exactly one name",
                           "<Chain \"PostCache\">");
  const std::string& name = statement.arguments.front().text;
  if (statement.children.empty())
    return problems_.warning(statement.position, "the chain " + name + " is empty",
                             "it has no effect");
  ChainPlan* chain = find_chain(name);
  if (chain == nullptr)
    chain = &chains_.emplace_back(
        ChainPlan{.name = name, .position = statement.position, .rules = {}, .targets = {}});
  for (const Statement& inner : statement.children) child(*chain, inner);
}

void ChainReader::child(ChainPlan& chain, const Statement& statement) {
  if (statement.is("Rule")) return rule(chain, statement);
  if (statement.is("Target")) {
    (void)filter(chain.targets, "target_", statement);
    return;
  }
  std::string hint = did_you_mean(statement.key, std::vector<std::string_view>{"Rule", "Target"});
  if (hint.empty() && statement.is("Match")) hint = "a Match stands in a Rule";
  problems_.error(statement.position,
                  "a chain has rules and targets, and nothing that is called " + statement.key,
                  std::move(hint));
}

void ChainReader::rule(ChainPlan& chain, const Statement& statement) {
  if (!statement.block)
    return problems_.error(statement.position, "Rule is a block", "<Rule \"name\">");
  if (statement.arguments.size() > 1)
    return problems_.error(statement.position, "a Rule takes at most one name");
  RulePlan made;
  made.position = statement.position;
  if (!statement.arguments.empty()) made.name = statement.arguments.front().text;
  bool fine = true;
  for (const Statement& inner : statement.children) {
    if (inner.is("Match")) {
      fine = filter(made.matches, "match_", inner) && fine;
    } else if (inner.is("Target")) {
      fine = filter(made.targets, "target_", inner) && fine;
    } else {
      problems_.error(inner.position,
                      "a rule has matches and targets, and nothing that is called " + inner.key,
                      did_you_mean(inner.key, std::vector<std::string_view>{"Match", "Target"}));
      fine = false;
    }
  }
  if (!fine) return;  // half a rule would do what nobody wrote
  if (made.targets.empty())
    return problems_.error(statement.position, "the rule has no target",
                           "Target \"stop\", for example");
  chain.rules.push_back(std::move(made));
}

bool ChainReader::filter(std::vector<FilterPlan>& filters, const char* kind,
                         const Statement& statement) {
  if (statement.arguments.size() != 1 ||
      statement.arguments.front().kind != Argument::Kind::string) {
    problems_.error(statement.position, statement.key + " takes exactly one name");
    return false;
  }
  const Argument& name = statement.arguments.front();
  const PluginDeclaration* const plugin = find_(kind + lower(name.text), name.position);
  if (plugin == nullptr) return false;
  FilterPlan plan{.plugin = plugin, .options = Options{*plugin, statement.position}};
  Problems found;
  Checker checker{found, lower(statement.key) + " " + lower(name.text)};
  checker.add(plan.options, *plugin, statement.children);
  checker.finish(plan.options, *plugin);
  for (const Problem& problem : found)
    problems_.error(problem.position, problem.what,
                    problem.hint == "it is ignored" ? std::string{} : problem.hint);
  if (!found.empty()) return false;
  filters.push_back(std::move(plan));
  return true;
}

std::vector<const FilterPlan*> ChainReader::jumps_of(const ChainPlan& chain) const {
  std::vector<const FilterPlan*> jumps;
  each_target(chain, [&](const FilterPlan& target) {
    if (target.plugin->name() == kJump) jumps.push_back(&target);
  });
  return jumps;
}

void ChainReader::check_jumps(const ChainPlan& chain) {
  for (const FilterPlan* jump : jumps_of(chain)) {
    const std::string to = jump->options.text("Chain");
    if (find_chain(to) != nullptr) continue;
    std::string hint = did_you_mean(to, names());
    problems_.warning(jump->options.position("Chain"), "there is no chain " + to,
                      hint.empty() ? "the jump has no effect" : std::move(hint));
  }
}

/// Whether a path of jumps leads from the chain back to one that it came through.
bool ChainReader::comes_back(const ChainPlan& chain, std::vector<const ChainPlan*>& path) {
  if (std::find(path.begin(), path.end(), &chain) != path.end()) return true;
  path.push_back(&chain);
  for (const FilterPlan* jump : jumps_of(chain)) {
    const ChainPlan* const to = find_chain(jump->options.text("Chain"));
    if (to != nullptr && comes_back(*to, path)) return true;
  }
  path.pop_back();
  return false;
}

void ChainReader::finish(const std::string& before_cache, const std::string& behind_cache) {
  for (const ChainPlan& chain : chains_) check_jumps(chain);
  for (const ChainPlan& chain : chains_) {
    std::vector<const ChainPlan*> path;
    if (!comes_back(chain, path)) continue;
    return problems_.fatal(chain.position,
                           "the jumps of chain " + chain.name + " lead in a circle");
  }
  bool writes = false;
  std::vector<std::string> wanted{before_cache, behind_cache};
  for (const ChainPlan& chain : chains_)
    each_target(chain, [&](const FilterPlan& target) {
      writes = writes || target.plugin->name() == kWrite;
      if (target.plugin->name() == kJump) wanted.push_back(target.options.text("Chain"));
    });
  for (const ChainPlan& chain : chains_) {
    const bool used = std::any_of(wanted.begin(), wanted.end(), [&](const std::string& name) {
      return iequals(name, chain.name);
    });
    if (used) continue;
    std::string hint =
        did_you_mean(chain.name, std::vector<std::string_view>{before_cache, behind_cache});
    problems_.warning(chain.position, "nothing jumps to chain " + chain.name,
                      hint.empty() ? "it has no effect" : std::move(hint));
  }
  if (const ChainPlan* last = find_chain(behind_cache); last != nullptr && !writes)
    problems_.warning(last->position, "no target of any chain is \"write\"",
                      "with a chain " + behind_cache +
                          " nothing is written then; add Target \"write\" at its end");
}

}  // namespace vital

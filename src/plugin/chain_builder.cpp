// SPDX-License-Identifier: MIT
#include "plugin/chain_builder.h"

#include "pipeline/built_in_targets.h"

namespace vital {
namespace {

class Builder {
 public:
  explicit Builder(const ChainParts& parts)
      : parts_{parts}, chains_{std::make_unique<Chains>(parts.router)} {}

  void add(const ChainPlan& plan) {
    Chain& chain = chains_->make(plan.name, parts_.clock, parts_.log);
    for (const RulePlan& rule : plan.rules) chain.add(make(rule));
    for (const FilterPlan& target : plan.targets) chain.add_default(make_target(target));
  }

  std::unique_ptr<Chains> finish(const std::string& before_cache, const std::string& behind_cache) {
    chains_->set_ends(chains_->find(before_cache), chains_->find(behind_cache));
    const bool used = chains_->before_cache() != nullptr || chains_->behind_cache() != nullptr;
    return used ? std::move(chains_) : nullptr;
  }

 private:
  FilterSetup setup(const FilterPlan& plan) const {
    return {plan.options, parts_.log, parts_.clock, parts_.types, parts_.series, *chains_};
  }

  std::unique_ptr<Target> make_target(const FilterPlan& plan) const {
    return parts_.loader.make_target(plan, setup(plan));
  }

  Rule make(const RulePlan& plan) const {
    Rule rule{.name = plan.name, .by_name = {}, .by_value = {}, .targets = {}};
    for (const FilterPlan& filter : plan.matches) {
      auto match = parts_.loader.make_match(filter, setup(filter));
      (match->by_name() ? rule.by_name : rule.by_value).push_back(std::move(match));
    }
    for (const FilterPlan& filter : plan.targets) rule.targets.push_back(make_target(filter));
    return rule;
  }

  const ChainParts& parts_;
  std::unique_ptr<Chains> chains_;
};

}  // namespace

std::unique_ptr<Chains> build_chains(const std::vector<ChainPlan>& plans,
                                     const std::string& before_cache,
                                     const std::string& behind_cache, const ChainParts& parts) {
  if (plans.empty()) return nullptr;
  Builder builder{parts};
  for (const ChainPlan& plan : plans) builder.add(plan);
  return builder.finish(before_cache, behind_cache);
}

void register_built_in_targets(Registry& registry) {
  registry.target<StopTarget>("target_stop", "Ends all chains for the value.")
      .built_in()
      .note("In the chain before the cache the value is dropped altogether.");
  registry.target<ReturnTarget>("target_return", "Ends the chain for the value.")
      .built_in()
      .note("If another chain jumped to it, that one goes on behind the jump.");
  registry.target<JumpTarget>("target_jump", "Lets the value pass another chain.")
      .built_in()
      .option("Chain", Unset<std::string>{}, "The chain's name.")
      .required();
  registry.target<WriteTarget>("target_write", "Hands the value to writers.")
      .built_in()
      .note(
          "Once there is a chain behind the cache, only what this target is applied to is written.")
      .option("Plugin", Texts{},
              "The writers, as FLUSH and vitalctl status call them: csv, write_graphite/NODE. All "
              "when not given.")
      .arguments(1, Declaration::kAny)
      .called("NAME [NAME ...]");
}

}  // namespace vital

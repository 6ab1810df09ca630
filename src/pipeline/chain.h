// SPDX-License-Identifier: MIT
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/trouble.h"
#include "pipeline/filter.h"

namespace vital {

/// One rule: what all of its matches agree on goes through its targets.
struct Rule {
  std::string name;
  std::vector<std::unique_ptr<Match>> by_name;   // asked once for each series
  std::vector<std::unique_ptr<Match>> by_value;  // asked for each value
  std::vector<std::unique_ptr<Target>> targets;
};

/// A list of rules that values pass in their order. Which rules can apply to a series at all is
/// found out once and remembered.
///
/// Threads  none of its own: the pipeline serialises
class Chain {
 public:
  Chain(std::string name, const Clock& clock, Log log);

  const std::string& name() const noexcept { return name_; }
  void add(Rule rule);
  /// For values that no rule stopped.
  void add_default(std::unique_ptr<Target> target);

  Next process(Passage& value) noexcept;
  void forget(bool all) noexcept;

 private:
  using Numbers = std::vector<std::uint16_t>;  // of rules, in their order

  const Numbers& rules_for(const Passage& value);
  Numbers find_rules(const Passage& value);
  bool agreed(const Rule& rule, const Passage& value) noexcept;
  Result<bool> ask(const Rule& rule, Match& match, const Passage& value) noexcept;
  Next run(const std::vector<std::unique_ptr<Target>>& targets, Passage& value) noexcept;

  const std::string name_;
  const Clock& clock_;
  const Log log_;
  std::vector<Rule> rules_;
  std::vector<std::unique_ptr<Target>> defaults_;
  std::map<Numbers, std::uint32_t> known_;  // each list of rules once, with its place in lists_
  std::vector<const Numbers*> lists_;
  PerSeries<std::uint32_t> list_of_;  // place in lists_, plus one
  Complaint failures_;
};

/// All chains, and which of them values pass before and behind the cache.
///
/// Threads  none of its own: the pipeline serialises
class Chains {
 public:
  explicit Chains(Router& router) : router_{router} {}

  /// The chain of that name, in any case, made if need be: a jump may come before what it jumps to.
  Chain& make(const std::string& name, const Clock& clock, const Log& log);
  Chain* find(std::string_view name) noexcept;

  Router& router() noexcept { return router_; }
  void set_ends(Chain* before_cache, Chain* behind_cache) noexcept {
    before_cache_ = before_cache, behind_cache_ = behind_cache;
  }
  Chain* before_cache() const noexcept { return before_cache_; }
  Chain* behind_cache() const noexcept { return behind_cache_; }

  void forget(bool all) noexcept;

 private:
  Router& router_;
  std::vector<std::unique_ptr<Chain>> chains_;
  Chain* before_cache_ = nullptr;
  Chain* behind_cache_ = nullptr;
};

}  // namespace vital

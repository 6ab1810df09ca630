// SPDX-License-Identifier: MIT
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "config/options.h"
#include "config/problem.h"

namespace vital {

/// A match or target that a chain wants, with its checked options.
struct FilterPlan {
  const PluginDeclaration* plugin = nullptr;
  Options options;
};

struct RulePlan {
  std::string name;  // may be empty
  Position position;
  std::vector<FilterPlan> matches, targets;
};

/// A filter chain as the configuration has it. Its blocks, if there are several, are one here.
struct ChainPlan {
  std::string name;
  Position position;
  std::vector<RulePlan> rules;
  std::vector<FilterPlan> targets;  // for values that no rule ends

  bool operator==(const ChainPlan& other) const noexcept;
};

/// Reads <Chain> blocks. A chain that is not what its author meant loses or floods values, so that
/// every mistake that could change what it does is fatal.
///
/// Threads  one
class ChainReader {
 public:
  /// The plugin of a match or target such as "match_regex", loaded if that is asked for; nullptr:
  /// there is none, and the problems say why.
  using Find = std::function<const PluginDeclaration*(const std::string& name, const Position&)>;

  ChainReader(std::vector<ChainPlan>& chains, Problems& problems, Find find)
      : chains_{chains}, problems_{problems}, find_{std::move(find)} {}

  void block(const Statement& statement);
  /// Once all were read: what goes to chains that are not there, or to chains that lead back to
  /// where they were jumped from; chains that nobody comes to.
  void finish(const std::string& before_cache, const std::string& behind_cache);

 private:
  void child(ChainPlan& chain, const Statement& statement);
  void rule(ChainPlan& chain, const Statement& statement);
  bool filter(std::vector<FilterPlan>& filters, const char* kind, const Statement& statement);
  ChainPlan* find_chain(const std::string& name);
  std::vector<std::string_view> names() const;
  std::vector<const FilterPlan*> jumps_of(const ChainPlan& chain) const;
  void check_jumps(const ChainPlan& chain);
  bool comes_back(const ChainPlan& chain, std::vector<const ChainPlan*>& path);

  std::vector<ChainPlan>& chains_;
  Problems& problems_;
  const Find find_;
};

}  // namespace vital

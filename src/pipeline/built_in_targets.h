// SPDX-License-Identifier: MIT
#pragma once
#include "pipeline/chain.h"

namespace vital {

/// What a chain can do without any plugin.
///
/// Source   collectd.conf(5), "Built-in targets"

/// Processes another chain. What that one stops is stopped; else this one goes on.
class JumpTarget final : public Target {
 public:
  explicit JumpTarget(const FilterSetup& setup);
  Result<Next> apply(Passage& value) noexcept override;

 private:
  Chains& chains_;
  const std::string name_;
  Chain* chain_ = nullptr;
};

class StopTarget final : public Target {
 public:
  explicit StopTarget(const FilterSetup&) {}
  Result<Next> apply(Passage&) noexcept override { return Next::stop; }
};

class ReturnTarget final : public Target {
 public:
  explicit ReturnTarget(const FilterSetup&) {}
  Result<Next> apply(Passage&) noexcept override { return Next::leave; }
};

/// Hands the value to some writers, or to all.
class WriteTarget final : public Target {
 public:
  explicit WriteTarget(const FilterSetup& setup);
  Result<Next> apply(Passage& value) noexcept override;

 private:
  const std::size_t route_;
};

}  // namespace vital

// SPDX-License-Identifier: MIT
#include "pipeline/built_in_targets.h"

#include "pipeline/router.h"

namespace vital {

JumpTarget::JumpTarget(const FilterSetup& setup)
    : chains_{setup.chains}, name_{setup.options.text("Chain")} {}

Result<Next> JumpTarget::apply(Passage& value) noexcept {
  if (chain_ == nullptr) chain_ = chains_.find(name_);
  if (chain_ == nullptr) return Error{Errc::unknown, name_};
  return chain_->process(value) == Next::stop ? Next::stop : Next::proceed;
}

WriteTarget::WriteTarget(const FilterSetup& setup)
    : route_{setup.chains.router().route(setup.options.texts("Plugin"))} {}

Result<Next> WriteTarget::apply(Passage& value) noexcept {
  value.write(route_);
  return Next::proceed;
}

}  // namespace vital

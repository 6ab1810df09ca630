// SPDX-License-Identifier: MIT
#include "base/children.h"

#include "base/strings.h"

namespace vital {

void Children::add(ChildOwner& owner) {
  const std::lock_guard lock{mutex_};
  owners_.push_back(&owner);
}

void Children::remove(ChildOwner& owner) noexcept {
  const std::lock_guard lock{mutex_};
  std::erase(owners_, &owner);
}

std::vector<ChildReport> Children::reports() const {
  const std::lock_guard lock{mutex_};
  std::vector<ChildReport> reports;
  for (const ChildOwner* owner : owners_) reports.push_back(owner->report());
  return reports;
}

std::size_t Children::restart(std::string_view name) noexcept {
  const std::lock_guard lock{mutex_};
  std::size_t count = 0;
  for (ChildOwner* owner : owners_) {
    if (iequals(owner->report().name, name) && owner->restart()) ++count;
  }
  return count;
}

}  // namespace vital

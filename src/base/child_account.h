// SPDX-License-Identifier: MIT
#pragma once
#include <string>

#include "base/child.h"
#include "base/children.h"

namespace vital {

/// What one child after the other costs, for the status: kept by whoever starts them.
///
/// Threads  any
class ChildAccount final : public ChildOwner {
 public:
  /// `children` must outlive it.
  ChildAccount(Children& children, std::string name);
  ChildAccount(const ChildAccount&) = delete;
  ChildAccount& operator=(const ChildAccount&) = delete;
  ~ChildAccount() override;

  void started(pid_t pid);
  void ended(const ChildEnd& end);
  void failed(std::string_view why);

  ChildReport report() const override;
  /// They are started by others, when these see fit.
  bool restart() noexcept override { return false; }

 private:
  Children& children_;
  mutable std::mutex mutex_;
  ChildReport report_;  // guarded by mutex_
};

}  // namespace vital

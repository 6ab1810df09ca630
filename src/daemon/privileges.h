// SPDX-License-Identifier: MIT
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "config/configuration.h"
#include "daemon/capabilities.h"
#include "daemon/section.h"
#include "daemon/system_call_filter.h"

namespace vital {

/// What the daemon needs for a configuration, and what it is to give up.
struct PrivilegePlan {
  std::string user, group;  // empty: as it was started
  Capabilities capabilities = 0;
  bool drops_capabilities = true;
  bool no_new_privileges = true;
  bool filters_calls = true;
  SystemCallPlan calls;
};

PrivilegePlan privileges_for(const Configuration& configuration);
/// The capabilities that one plugin needs with its options.
Capabilities capabilities_for(const PluginPlan& plan);

/// Gives up what the daemon does not need, once and for good: root's user id, capabilities, the
/// possibility to gain others, system calls.
///
/// Errors   what cannot be given up is logged and kept, but for the user: a daemon that was to be
///          somebody else does not run as root
/// Threads  give_up() the main thread, while there is no other; missing() any later
class Privileges final : public Section {
 public:
  explicit Privileges(const Log& log) : log_{log}, filter_{log} {}

  /// False: it must not go on. `directories` are made the user's with what root has in them.
  bool give_up(const Configuration& configuration, const std::vector<std::string>& directories);
  /// Says what was kept, once there is a log to say it to.
  void tell() const;
  /// What a configuration needs that was given up: for the answer to a reload; empty: nothing.
  std::string missing(const Configuration& configuration) const;

  /// Throws SetupError: something that `wanted` needs was given up.
  void prepare(const Configuration& running, const Configuration& wanted) override;
  std::vector<std::string> commit() override { return {}; }
  void discard() noexcept override {}

 private:
  bool change_user(const PrivilegePlan& plan, const Configuration& configuration,
                   const std::vector<std::string>& directories);
  Capabilities needed(const PrivilegePlan& plan, const Configuration& configuration,
                      const std::vector<std::string>& directories) const;
  void drop_capabilities(Capabilities kept, bool may_gain);
  void forbid_new_privileges();
  void filter_calls(const PrivilegePlan& plan);

  const Log log_;
  SystemCallFilter filter_;
  bool dropped_ = false;                   // capabilities
  std::optional<PrivilegePlan> given_up_;  // what it was started with, once done
};

}  // namespace vital

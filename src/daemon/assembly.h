// SPDX-License-Identifier: MIT
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "daemon/change.h"
#include "daemon/running_plugin.h"

namespace vital {

/// The plugins that run, and how another set of them takes over while values flow: what is new is
/// made beside the old, and when all of it could be made it takes the old's place, plugin by
/// plugin. What did not change is not touched.
///
/// Threads  the main thread
class Assembly {
 public:
  Assembly(const Parts& parts, const Loader& loader, Log log);
  Assembly(const Assembly&) = delete;
  Assembly& operator=(const Assembly&) = delete;
  ~Assembly();

  // At the start: a plugin that cannot run is a problem, and the others do without it.
  void make(const Configuration& configuration, Problems& problems);
  void start();
  /// Something could not be made or started.
  bool incomplete() const noexcept { return incomplete_; }

  // While it runs.

  /// What is known of a running plugin; the default for one that does not run.
  PluginTraits traits(std::string_view plugin) const noexcept;
  /// Makes what `change` adds and changes, and what of `wanted` does not run so far. Why something
  /// cannot be made is added to `problems`.
  void prepare(const Configuration& wanted, const Change& change, Problems& problems);
  /// What was prepared takes its place; what `change` removes goes. Returns what there is to say.
  std::vector<std::string> commit(const Change& change);
  /// What was prepared is not wanted after all.
  void discard() noexcept { prepared_.clear(); }
  /// The queue options in the parts have changed.
  void use_queue();

  /// Looks after those who have to go and are not gone yet.
  void tend();
  /// When that should be done again.
  Steady next_look() const noexcept;

  // At the stop, in this order.
  void stop_services() noexcept;
  /// False: one of them hangs.
  bool stop_writers(Steady end) noexcept;
  void destroy() noexcept;

 private:
  using PluginPtr = std::unique_ptr<RunningPlugin>;
  struct Leaving {
    PluginPtr plugin;
    std::string successor;  // empty: none
    Steady give_up;
    bool inherited = false;
  };

  PluginPtr made(const PluginPlan& plan, Problems& problems);
  RunningPlugin* find(std::string_view name) const noexcept;
  PluginPtr* slot(std::string_view name) noexcept;
  void put_in_place(PluginPtr fresh, std::vector<std::string>& said);
  void send_away(PluginPtr plugin, std::string successor);
  void bequeath(Leaving& leaving);
  std::size_t count_leaving(std::string_view name) const noexcept;

  const Parts& parts_;
  const Loader& loader_;
  const Log log_;
  std::vector<PluginPtr> plugins_;
  std::vector<PluginPtr> prepared_;
  std::vector<Leaving> leaving_;  // the oldest first
  bool incomplete_ = false;
};

}  // namespace vital

// SPDX-License-Identifier: MIT
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/trouble.h"
#include "pipeline/outlet.h"
#include "pipeline/watcher.h"

namespace vital {

/// Brings values to outlets and watchers. As long as all values of a batch are written to everybody
/// once, or not at all, the batch itself goes to them; only what some get and others do not, or
/// what is changed after it was written, is copied.
///
/// Threads  none of its own: the pipeline serialises
class Router {
 public:
  static constexpr std::size_t kEverybody = 0;  // the route to all

  Router(const Clock& clock, Log log);

  void add(Outlet& outlet);
  void remove(Outlet& outlet);
  void replace(Outlet& before, Outlet& after);
  void add(Watcher& watcher, std::string name);
  void remove(Watcher& watcher);
  void replace(Watcher& before, Watcher& after);

  /// The route to those of these names, in any case; they may come and go.
  std::size_t route(const std::vector<std::string>& names);

  // For one batch after the other: begin(), what chains want, finish().

  void begin(std::shared_ptr<Batch> batch);
  void write(std::size_t at, std::size_t route) noexcept;
  /// The value is about to change: whoever it was written to keeps it as it was.
  void changing(std::size_t at) noexcept;
  /// Sends it all. Returns how many values were written to nobody.
  std::size_t finish(Watcher::Raised& raised);

  /// The short way for a batch that no chain has to see.
  void everybody(const std::shared_ptr<Batch>& batch, Watcher::Raised& raised);

  const std::vector<Outlet*>& outlets() const noexcept { return outlets_; }
  struct NamedWatcher {
    Watcher* watcher;
    std::string name;
  };
  const std::vector<NamedWatcher>& watchers() const noexcept { return watchers_; }

 private:
  struct Route {
    std::vector<std::string> names;
    std::string unknown;  // those that nobody has
  };
  /// Those who are on the same routes get the same batch.
  struct Group {
    std::vector<bool> on;  // which routes
    std::vector<Outlet*> outlets;
    std::vector<Watcher*> watchers;
    std::shared_ptr<Batch> batch;                 // of the values that were copied
    std::vector<std::shared_ptr<Batch>> earlier;  // to be used again when they are free
  };

  void regroup();
  Group& group_on(const std::vector<bool>& on);
  std::vector<bool> routes_of(std::string_view name) const;
  void complain(const Route& route) noexcept;
  void copy_all();
  void copy(std::size_t at, std::size_t route);
  static void send(const Group& group, const std::shared_ptr<Batch>& batch,
                   Watcher::Raised& raised);
  static std::shared_ptr<Batch> fresh(Group& group);

  const Clock& clock_;
  const Log log_;
  std::vector<Outlet*> outlets_;
  std::vector<NamedWatcher> watchers_;
  std::vector<Route> routes_;
  std::vector<Group> groups_;
  bool grouped_ = false;
  Complaint unknown_;

  std::shared_ptr<Batch> batch_;
  std::vector<std::uint8_t> written_;  // how often each value of batch_ was
  bool copying_ = false;
};

}  // namespace vital

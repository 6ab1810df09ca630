// SPDX-License-Identifier: MIT
#include "pipeline/router.h"

#include <algorithm>

#include "base/strings.h"

namespace vital {
namespace {

constexpr std::size_t kKept = 8;  // copies that are kept for later, for each group

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& other) { return iequals(other, name); });
}

}  // namespace

Router::Router(const Clock& clock, Log log) : clock_{clock}, log_{std::move(log)}, routes_(1) {}

void Router::add(Outlet& outlet) {
  outlets_.push_back(&outlet);
  grouped_ = false;
}

void Router::remove(Outlet& outlet) {
  std::erase(outlets_, &outlet);
  grouped_ = false;
}

void Router::replace(Outlet& before, Outlet& after) {
  std::replace(outlets_.begin(), outlets_.end(), &before, &after);
  grouped_ = false;
}

void Router::replace(Watcher& before, Watcher& after) {
  for (NamedWatcher& named : watchers_)
    if (named.watcher == &before) named.watcher = &after;
  grouped_ = false;
}

void Router::add(Watcher& watcher, std::string name) {
  watchers_.push_back({&watcher, std::move(name)});
  grouped_ = false;
}

void Router::remove(Watcher& watcher) {
  std::erase_if(watchers_, [&](const NamedWatcher& named) { return named.watcher == &watcher; });
  grouped_ = false;
}

std::size_t Router::route(const std::vector<std::string>& names) {
  if (names.empty()) return kEverybody;
  const auto known = std::find_if(routes_.begin(), routes_.end(),
                                  [&](const Route& route) { return route.names == names; });
  if (known != routes_.end()) return static_cast<std::size_t>(known - routes_.begin());
  routes_.push_back({names, {}});
  grouped_ = false;
  return routes_.size() - 1;
}

std::vector<bool> Router::routes_of(std::string_view name) const {
  std::vector<bool> on(routes_.size(), true);
  for (std::size_t i = 1; i < routes_.size(); ++i) on[i] = contains(routes_[i].names, name);
  return on;
}

Router::Group& Router::group_on(const std::vector<bool>& on) {
  const auto known = std::find_if(groups_.begin(), groups_.end(),
                                  [&](const Group& group) { return group.on == on; });
  if (known != groups_.end()) return *known;
  groups_.push_back({.on = on, .outlets = {}, .watchers = {}, .batch = {}, .earlier = {}});
  return groups_.back();
}

void Router::regroup() {
  groups_.clear();
  std::vector<std::string> known;
  for (Outlet* outlet : outlets_) {
    if (!outlet->takes_values()) continue;
    known.push_back(outlet->name());
    group_on(routes_of(outlet->name())).outlets.push_back(outlet);
  }
  for (const NamedWatcher& named : watchers_) {
    known.push_back(named.name);
    group_on(routes_of(named.name)).watchers.push_back(named.watcher);
  }
  for (Route& route : routes_) {
    route.unknown.clear();
    for (const std::string& name : route.names)
      if (!contains(known, name)) route.unknown += (route.unknown.empty() ? "" : ", ") + name;
  }
  grouped_ = true;
}

void Router::begin(std::shared_ptr<Batch> batch) {
  if (!grouped_) regroup();
  batch_ = std::move(batch);
  written_.assign(batch_->size(), 0);
  copying_ = false;
}

void Router::complain(const Route& route) noexcept {
  std::string known;
  for (const Group& group : groups_)
    for (const Outlet* outlet : group.outlets)
      known += (known.empty() ? "" : ", ") + outlet->name();
  for (const NamedWatcher& named : watchers_) known += (known.empty() ? "" : ", ") + named.name;
  unknown_.say(log_, clock_.now(), "a chain writes to ", std::string_view{route.unknown},
               ", which there is not; there are: ", std::string_view{known});
}

void Router::write(std::size_t at, std::size_t route) noexcept {
  if (!routes_[route].unknown.empty()) complain(routes_[route]);
  if (!copying_ && (route != kEverybody || written_[at] != 0)) copy_all();
  if (written_[at] != 255) ++written_[at];
  if (copying_) copy(at, route);
}

void Router::changing(std::size_t at) noexcept {
  if (!copying_ && written_[at] != 0) copy_all();
}

/// From here on copies are what is sent: of what was written so far, and of what will be.
void Router::copy_all() {
  copying_ = true;
  for (Group& group : groups_) group.batch = nullptr;
  for (std::size_t at = 0; at < written_.size(); ++at)
    if (written_[at] != 0) copy(at, kEverybody);
}

void Router::copy(std::size_t at, std::size_t route) {
  for (Group& group : groups_) {
    if (!group.on[route]) continue;
    if (!group.batch) {
      group.batch = fresh(group);
      group.batch->begin_like(*batch_);
    }
    group.batch->add_copy(*batch_, at);
  }
}

std::shared_ptr<Batch> Router::fresh(Group& group) {
  for (const auto& batch : group.earlier)
    if (is_free(batch)) return batch;
  auto batch = std::make_shared<Batch>();
  if (group.earlier.size() < kKept) group.earlier.push_back(batch);
  return batch;
}

void Router::send(const Group& group, const std::shared_ptr<Batch>& batch,
                  Watcher::Raised& raised) {
  for (Watcher* watcher : group.watchers) watcher->look(*batch, raised);
  for (Outlet* outlet : group.outlets) outlet->submit(batch);
}

std::size_t Router::finish(Watcher::Raised& raised) {
  const auto lost =
      static_cast<std::size_t>(std::count(written_.begin(), written_.end(), std::uint8_t{0}));
  if (!copying_) {
    if (lost != 0) batch_->filter([&](std::size_t at) { return written_[at] != 0; });
    if (!batch_->empty())
      for (const Group& group : groups_) send(group, batch_, raised);
  } else {
    for (Group& group : groups_)
      if (auto batch = std::exchange(group.batch, nullptr)) send(group, batch, raised);
  }
  batch_.reset();
  return lost;
}

void Router::everybody(const std::shared_ptr<Batch>& batch, Watcher::Raised& raised) {
  for (const NamedWatcher& named : watchers_) named.watcher->look(*batch, raised);
  for (Outlet* outlet : outlets_) outlet->submit(batch);
}

}  // namespace vital

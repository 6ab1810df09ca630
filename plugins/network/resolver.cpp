// SPDX-License-Identifier: MIT
#include "network/resolver.h"

#include <algorithm>
#include <mutex>

namespace vital::network {

/// What the thread works with. It keeps a share, for it may outlive the resolver.
struct Resolver::Shared {
  struct Name {
    std::string host, port;
    Hear hear;
    Steady next{};  // guarded by mutex
  };

  void run();
  void look_up(Name& name);
  Steady next();

  std::vector<Name> names;
  SystemClock clock;
  Bell bell;
  std::mutex hearing;  // held while somebody hears; taken before all others
  std::mutex mutex;    // guards the next one, and when names are looked up; taken last
  bool stopped = false;
};

void Resolver::Shared::run() {
  while (true) {
    bell.clear();
    for (Name& name : names) {
      {
        const std::lock_guard lock{mutex};
        if (stopped) return;
        if (clock.now() < name.next) continue;
        name.next = Steady::max();
      }
      look_up(name);
    }
    (void)clock.sleep_until(next(), bell);
  }
}

void Resolver::Shared::look_up(Name& name) {
  const auto addresses = resolve(name.host, name.port, Names::look_up);
  const std::lock_guard heard{hearing};
  {
    const std::lock_guard lock{mutex};
    if (stopped) return;
  }
  const Nanoseconds pause = name.hear(addresses);  // which may ask to look again
  const std::lock_guard lock{mutex};
  if (pause != kNever) name.next = std::min(name.next, clock.now() + pause);
}

Steady Resolver::Shared::next() {
  constexpr auto kLongest = std::chrono::hours{1};
  const std::lock_guard lock{mutex};
  Steady next = clock.now() + kLongest;
  for (const Name& name : names) next = std::min(next, name.next);
  return next;
}

Resolver::Resolver() : shared_{std::make_shared<Shared>()} {}

Resolver::~Resolver() { stop(); }

std::size_t Resolver::add(std::string host, std::string port, Hear hear) {
  shared_->names.push_back({std::move(host), std::move(port), std::move(hear)});
  return shared_->names.size() - 1;
}

Status Resolver::start() {
  if (shared_->names.empty()) return {};
  auto thread = Thread::start("network names", [shared = shared_] { shared->run(); });
  if (!thread) return thread.error();
  thread_ = std::move(*thread);
  return {};
}

void Resolver::stop() noexcept {
  {
    const std::lock_guard heard{shared_->hearing};
    const std::lock_guard lock{shared_->mutex};
    shared_->stopped = true;
  }
  shared_->bell.ring();
  constexpr Nanoseconds kPatience = std::chrono::milliseconds{50};
  if (!thread_.join_for(kPatience)) thread_.abandon();
}

void Resolver::look_again(std::size_t number) noexcept {
  {
    const std::lock_guard lock{shared_->mutex};
    shared_->names[number].next = Steady{};
  }
  shared_->bell.ring();
}

}  // namespace vital::network

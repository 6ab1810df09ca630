// SPDX-License-Identifier: MIT
#pragma once
#include <cerrno>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "ping/echo.h"
#include "support/fake_clock.h"

namespace vital::test {

/// A network as a test wants it: who has an address, who answers, and what hangs.
///
/// Threads  the mutex guards all
struct FakeNetwork {
  std::mutex mutex;
  std::condition_variable changed;

  std::set<std::string> nameless, silent, unsendable;
  bool closed = false;      // opening fails
  bool slow_names = false;  // a look-up takes 30 s
  bool hanging = false;     // rounds do not come back
  FakeClock* clock = nullptr;

  std::string calls;  // all that was asked of it, but for rounds
  int rounds = 0, opened = 0, open_now = 0;

  std::string take_calls() {
    const std::lock_guard lock{mutex};
    return std::exchange(calls, {});
  }
  template <typename Change>
  void change(Change&& make_change) {
    const std::lock_guard lock{mutex};
    make_change();
    changed.notify_all();
  }
  /// False: it did not come about, within seconds.
  template <typename Condition>
  bool wait_for(Condition&& condition) {
    std::unique_lock lock{mutex};
    return changed.wait_for(lock, std::chrono::seconds{10}, condition);
  }
};

class FakeEcho final : public ping::Echo {
 public:
  explicit FakeEcho(FakeNetwork& network) : network_{network} {
    ++network_.open_now;  // by open(), which holds the lock
  }
  ~FakeEcho() override {
    network_.change([this] { --network_.open_now; });
  }

  static Result<std::unique_ptr<ping::Echo>> open(FakeNetwork& network) {
    const std::lock_guard lock{network.mutex};
    ++network.opened;
    if (network.closed) return Error::system("raw ICMP sockets", EPERM);
    return std::unique_ptr<ping::Echo>{std::make_unique<FakeEcho>(network)};
  }

  Status add(std::size_t host, const std::string& name) override {
    const std::lock_guard lock{network_.mutex};
    network_.calls += "add(" + name + ") ";
    if (network_.slow_names) network_.clock->advance(std::chrono::seconds{30});
    if (network_.nameless.count(name) != 0) return Error{Errc::temporary, "no such name"};
    known_[host] = name;
    return {};
  }
  Status renew(std::size_t host, const std::string& name) override {
    const std::lock_guard lock{network_.mutex};
    network_.calls += "renew(" + name + ") ";
    if (network_.nameless.count(name) != 0) return Error{Errc::temporary, "no such name"};
    known_[host] = name;
    return {};
  }
  void forget(std::size_t host, const std::string& name) override {
    const std::lock_guard lock{network_.mutex};
    network_.calls += "forget(" + name + ") ";
    known_.erase(host);
  }
  bool knows(std::size_t host) const override { return known_.count(host) != 0; }

  Status round(std::span<ping::Answer> answers) override {
    std::unique_lock lock{network_.mutex};
    ++network_.rounds;
    network_.changed.notify_all();
    network_.changed.wait(lock, [this] { return !network_.hanging; });
    bool all_sent = true;
    for (const auto& [host, name] : known_) {
      answers[host].sent = network_.unsendable.count(name) == 0;
      all_sent = all_sent && answers[host].sent;
      if (answers[host].sent && network_.silent.count(name) == 0) answers[host].milliseconds = 1.5;
    }
    if (!all_sent) return Error{Errc::temporary, "not sent"};
    return {};
  }

 private:
  FakeNetwork& network_;
  std::map<std::size_t, std::string> known_;
};

}  // namespace vital::test

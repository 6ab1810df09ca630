// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/trouble.h"
#include "ping/echo.h"

namespace vital::ping {

struct ProbePlan {
  std::vector<std::string> hosts{};
  Nanoseconds interval{};                // from one round to the next
  std::optional<unsigned> max_missed{};  // requests without a reply until a look-up is due
};

/// A wait that doubles each time, up to a limit.
class Rest {
 public:
  Nanoseconds next() noexcept { return std::exchange(next_, std::min(2 * next_, kLongest)); }
  void reset() noexcept { next_ = kFirst; }

  static constexpr Nanoseconds kFirst = std::chrono::seconds{10};
  static constexpr Nanoseconds kLongest = std::chrono::minutes{5};

 private:
  Nanoseconds next_ = kFirst;
};

/// Pings all hosts, round after round, and keeps count until somebody asks. What fails is said
/// once, is tried again, and leaves the other hosts alone.
///
/// Threads  run() is a thread of its own; stop(), take() and waiting() any. Behind stop() the
/// thread
///          touches nothing but this object, however late a call comes back: it may be abandoned
class Prober {
 public:
  /// Opens what echo requests are sent with; asked again while it fails.
  using Open = std::function<Result<std::unique_ptr<Echo>>()>;

  enum class Doing { opening, looking_up, pinging };
  /// A call that has not come back yet.
  struct Call {
    Doing doing;
    std::string_view host;  // that is looked up; lives as long as the prober
    Nanoseconds lasts;
  };

  Prober(ProbePlan plan, Open open, std::shared_ptr<Clock> clock, Log log);

  void run();
  void stop() noexcept;
  /// What was seen of the host since it was last asked for.
  Tally take(std::size_t host) noexcept;
  std::optional<Call> waiting() const noexcept;

 private:
  struct Host {
    std::string name;
    std::size_t place = 0;  // in the plan
    bool numeric = false;   // the name is an address
    bool renew = false;     // the address is to be looked up again
    bool silent = false;
    unsigned missed = 0;  // requests in a row without a reply
    Steady next_try{};    // of a look-up
    Rest rest{};
    Trouble look_up{}, sending{};
  };

  Steady turn(Steady begin);
  bool open();
  void look_up_addresses(Steady begin);
  void look_up(Host& host);
  Steady next_look_up() const;
  bool knows_any() const;
  Steady round(Steady begin);
  bool count_answers();
  void note_sending(Host& host, const Answer& answer, const Status& round);
  void watch(Host& host, const Answer& answer);
  Steady after_nothing_was_sent(Steady begin, const Error& error);
  bool stopping() const noexcept { return stopping_.load(); }

  template <typename Do>
  auto calling(Doing doing, std::string_view host, Do&& call);
  template <typename Say>
  void speak(Say&& say);

  const ProbePlan plan_;
  const Open open_;
  const std::shared_ptr<Clock> clock_;
  Bell bell_;
  std::atomic<bool> stopping_{false};

  // Of the thread.
  std::vector<Host> hosts_;
  std::vector<Answer> answers_;
  std::unique_ptr<Echo> echo_;
  Rest reopen_;
  unsigned dumb_rounds_ = 0;  // in a row: nothing could be sent
  unsigned dumb_rounds_until_reopen_;
  Trouble opening_, sending_;

  std::mutex voice_;  // guards log_, which nobody uses any more once stop() is over
  const Log log_;

  mutable std::mutex mutex_;  // guards all below
  std::vector<Tally> tallies_;
  std::optional<Call> call_;  // that is under way; how long it lasts is found out when asked
  Steady since_{};
};

}  // namespace vital::ping

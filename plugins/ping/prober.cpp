// SPDX-License-Identifier: MIT
#include "ping/prober.h"

#include <arpa/inet.h>

namespace vital::ping {
namespace {

using namespace std::chrono_literals;

// After so long the hosts whose address is known are pinged before others are looked up.
constexpr Nanoseconds kLookUpsMayTake = 1s;
constexpr Nanoseconds kSlowPace = 10s;  // while nothing can be sent
constexpr std::string_view kSending = "sending echo requests";
constexpr unsigned kFirstPatience = 6, kLongestPatience = 60;

bool is_address(const std::string& name) noexcept {
  in6_addr address;
  const std::string without_zone = name.substr(0, name.find('%'));
  return ::inet_pton(AF_INET, without_zone.c_str(), &address) == 1 ||
         ::inet_pton(AF_INET6, without_zone.c_str(), &address) == 1;
}

}  // namespace

Prober::Prober(ProbePlan plan, Open open, std::shared_ptr<Clock> clock, Log log)
    : plan_{std::move(plan)},
      open_{std::move(open)},
      clock_{std::move(clock)},
      answers_(plan_.hosts.size()),
      dumb_rounds_until_reopen_{kFirstPatience},
      log_{std::move(log)},
      tallies_(plan_.hosts.size()) {
  for (const std::string& name : plan_.hosts)
    hosts_.push_back({.name = name, .place = hosts_.size(), .numeric = is_address(name)});
  // No name server can hold up those that need none.
  std::stable_partition(hosts_.begin(), hosts_.end(),
                        [](const Host& host) { return host.numeric; });
}

void Prober::run() {
  Steady next = clock_->now();
  while (!stopping() && clock_->sleep_until(next, bell_) && !stopping()) next = turn(clock_->now());
}

void Prober::stop() noexcept {
  const std::lock_guard lock{voice_};
  stopping_ = true;
  bell_.ring();
}

Tally Prober::take(std::size_t host) noexcept {
  const std::lock_guard lock{mutex_};
  return std::exchange(tallies_[host], Tally{});
}

std::optional<Prober::Call> Prober::waiting() const noexcept {
  const std::lock_guard lock{mutex_};
  std::optional<Call> call = call_;
  if (call) call->lasts = clock_->now() - since_;
  return call;
}

/// Notes that a call is under way which may never come back.
template <typename Do>
auto Prober::calling(Doing doing, std::string_view host, Do&& call) {
  {
    const std::lock_guard lock{mutex_};
    call_ = Call{.doing = doing, .host = host, .lasts = {}};
    since_ = clock_->now();
  }
  auto result = call();
  const std::lock_guard lock{mutex_};
  call_.reset();
  return result;
}

/// Behind stop() the log may be gone.
template <typename Say>
void Prober::speak(Say&& say) {
  const std::lock_guard lock{voice_};
  if (!stopping()) say();
}

/// Does what is due and returns when there is something to do again.
Steady Prober::turn(Steady begin) {
  if (!echo_ && !open()) return begin + reopen_.next();
  look_up_addresses(begin);
  if (stopping()) return begin;
  return knows_any() ? round(begin) : next_look_up();
}

bool Prober::open() {
  auto echo = calling(Doing::opening, {}, open_);
  speak([&] {
    constexpr std::string_view kWhat = "getting ready to ping";
    if (echo) return opening_.ends(log_, kWhat);
    const bool first = !opening_.on();
    opening_.begins(log_, kWhat, echo.error(), Severity::error);
    if (first && echo.error().code() == Errc::denied)
      log_.error(
          "pinging takes the capability CAP_NET_RAW: give the daemon's systemd unit the line "
          "AmbientCapabilities=CAP_NET_RAW, or its program the capability with setcap "
          "cap_net_raw+ep PROGRAM (the setting net.ipv4.ping_group_range does not help: liboping "
          "uses raw sockets); until then it is tried again every few minutes");
  });
  if (!echo) return false;
  echo_ = std::move(*echo);
  reopen_.reset();
  return true;
}

void Prober::look_up_addresses(Steady begin) {
  for (Host& host : hosts_) {
    const Steady now = clock_->now();
    if (stopping() || now - begin > kLookUpsMayTake) return;
    if ((host.renew || !echo_->knows(host.place)) && now >= host.next_try) look_up(host);
  }
}

void Prober::look_up(Host& host) {
  const Status status = calling(Doing::looking_up, host.name, [&] {
    return echo_->knows(host.place) ? echo_->renew(host.place, host.name)
                                    : echo_->add(host.place, host.name);
  });
  host.renew = false;
  if (status) host.rest.reset();
  host.next_try = clock_->now() + host.rest.next();
  speak([&] {
    Text<256> what;
    what.add("looking up ").add_cut(host.name);
    if (status)
      host.look_up.ends(log_, what.view());
    else
      host.look_up.begins(log_, what.view(), status.error());
  });
}

bool Prober::knows_any() const {
  return std::any_of(hosts_.begin(), hosts_.end(),
                     [this](const Host& host) { return echo_->knows(host.place); });
}

Steady Prober::next_look_up() const {
  const auto next =
      std::min_element(hosts_.begin(), hosts_.end(),
                       [](const Host& a, const Host& b) { return a.next_try < b.next_try; });
  return next->next_try;
}

Steady Prober::round(Steady begin) {
  std::fill(answers_.begin(), answers_.end(), Answer{});
  const Status status = calling(Doing::pinging, {}, [&] { return echo_->round(answers_); });
  if (stopping()) return begin;
  const bool any_sent = count_answers();
  if (!status && !any_sent) return after_nothing_was_sent(begin, status.error());
  if (any_sent) {
    speak([&] { sending_.ends(log_, kSending); });
    dumb_rounds_ = 0;
    dumb_rounds_until_reopen_ = kFirstPatience;
  }
  for (Host& host : hosts_) {
    if (!echo_->knows(host.place)) continue;
    note_sending(host, answers_[host.place], status);
    watch(host, answers_[host.place]);
  }
  return std::max(begin + plan_.interval, clock_->now());
}

/// Returns whether anything was sent.
bool Prober::count_answers() {
  const std::lock_guard lock{mutex_};
  bool any_sent = false;
  for (std::size_t host = 0; host < answers_.size(); ++host) {
    tallies_[host].count(answers_[host]);
    any_sent = any_sent || answers_[host].sent;
  }
  return any_sent;
}

/// A host to which nothing can be sent is left out for a while: at each attempt the library has a
/// word about it for standard error.
void Prober::note_sending(Host& host, const Answer& answer, const Status& round) {
  const bool failed = !round && !answer.sent;
  if (!failed && !(answer.sent && host.sending.on())) return;
  speak([&] {
    Text<256> what;
    what.add("sending to ").add_cut(host.name);
    if (failed)
      host.sending.begins(log_, what.view(), round.error());
    else
      host.sending.ends(log_, what.view());
  });
  if (!failed) return;
  echo_->forget(host.place, host.name);
  host.next_try = clock_->now() + kSlowPace;
}

/// A host that has not answered for long may have another address by now.
void Prober::watch(Host& host, const Answer& answer) {
  if (!plan_.max_missed || host.numeric || !answer.sent) return;
  if (answer.milliseconds) {
    if (std::exchange(host.silent, false)) speak([&] { log_.notice(host.name, " answers again"); });
    host.missed = 0;
    host.renew = false;
    return;
  }
  if (++host.missed < *plan_.max_missed) return;
  if (!std::exchange(host.silent, true))
    speak([&] {
      log_.notice(host.name, " has left ", host.missed,
                  " requests in a row unanswered; its address is looked up again");
    });
  host.missed = 0;
  host.renew = true;
}

/// The interface that the sockets are bound to may have been made anew: then only new ones help.
Steady Prober::after_nothing_was_sent(Steady begin, const Error& error) {
  speak([&] { sending_.begins(log_, kSending, error); });
  if (++dumb_rounds_ >= dumb_rounds_until_reopen_) {
    dumb_rounds_ = 0;
    dumb_rounds_until_reopen_ = std::min(2 * dumb_rounds_until_reopen_, kLongestPatience);
    echo_.reset();
  }
  return begin + std::max(plan_.interval, kSlowPace);
}

}  // namespace vital::ping

// SPDX-License-Identifier: MIT
#include "ping/pinger.h"

namespace vital::ping {
namespace {

// A thread that is inside of a call is left to itself, so there is no point in a longer wait.
constexpr Nanoseconds kStopMayTake = std::chrono::milliseconds{100};

Text<104> description(const Prober::Call& call) noexcept {
  Text<104> text;
  switch (call.doing) {
    case Prober::Doing::opening:
      return text.add("getting ready");
    case Prober::Doing::looking_up:
      return text.add("looking up ").add_cut(call.host);
    case Prober::Doing::pinging:
      return text.add("waiting for replies");
  }
  return text;
}

}  // namespace

Pinger::Pinger(MakeProber make_prober, Nanoseconds patience, Log log)
    : make_prober_{std::move(make_prober)},
      patience_{patience},
      log_{std::move(log)},
      prober_{make_prober_()} {}

Status Pinger::start() {
  const std::lock_guard lock{mutex_};
  return start_thread();
}

Status Pinger::start_thread() {
  auto thread = Thread::start("ping", [prober = prober_] { prober->run(); });
  if (!thread) return thread.error();
  thread_ = std::move(*thread);
  return {};
}

void Pinger::stop() noexcept {
  const std::lock_guard lock{mutex_};
  prober_->stop();
  if (!thread_.join_for(kStopMayTake)) thread_.abandon();
}

Tally Pinger::take(std::size_t host) noexcept {
  const std::lock_guard lock{mutex_};
  return prober_->take(host);
}

void Pinger::watch() noexcept {
  const std::lock_guard lock{mutex_};
  const auto call = prober_->waiting();
  if (!call || call->lasts <= patience_) return hanging_.ends(log_, "pinging");
  hanging_.begins(log_, "pinging", Error{Errc::timed_out, description(*call).view()});
  // A name server is no better for being asked by another thread.
  if (call->doing == Prober::Doing::pinging) replace();
}

/// When the clock is set back while the library waits, it may wait for as long as the step was. One
/// thread at a time is left behind, not more.
void Pinger::replace() noexcept {
  if (!left_behind_.expired()) return;
  prober_->stop();
  thread_.abandon();
  left_behind_ = prober_;
  prober_ = make_prober_();
  if (const auto status = start_thread(); !status)
    log_.error("no new thread to ping from: ", status.error());
}

}  // namespace vital::ping

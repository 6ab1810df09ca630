// SPDX-License-Identifier: MIT
#pragma once
#include <functional>
#include <memory>
#include <mutex>

#include "base/thread.h"
#include "ping/prober.h"

namespace vital::ping {

/// Keeps a prober at work in a thread of its own. One whose library hangs is left behind, so that
/// neither the pings nor the end of the daemon wait for it.
///
/// Threads  any
class Pinger {
 public:
  using MakeProber = std::function<std::shared_ptr<Prober>()>;

  /// `patience`: how long a call may take until it is said to hang.
  Pinger(MakeProber make_prober, Nanoseconds patience, Log log);
  Pinger(const Pinger&) = delete;
  Pinger& operator=(const Pinger&) = delete;
  ~Pinger() { stop(); }

  Status start();
  void stop() noexcept;
  Tally take(std::size_t host) noexcept;
  /// To be called now and then: the thread cannot say by itself that it hangs.
  void watch() noexcept;

 private:
  Status start_thread();
  void replace() noexcept;

  const MakeProber make_prober_;
  const Nanoseconds patience_;
  const Log log_;

  std::mutex mutex_;  // guards all below
  std::shared_ptr<Prober> prober_;
  std::weak_ptr<Prober> left_behind_;
  Thread thread_;
  Trouble hanging_;
};

}  // namespace vital::ping

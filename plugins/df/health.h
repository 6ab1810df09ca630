// SPDX-License-Identifier: MIT
#pragma once
#include <optional>
#include <string_view>

#include "base/trouble.h"

namespace vital::df {

/// What was said about a file system that fails or hangs, so that it is said once.
///
/// Threads  its reader's
class Health {
 public:
  /// Where `remind` is true, a failure is said again each hour for as long as it lasts.
  void failed(const Log& log, std::string_view path, const Error& error, Steady now, bool remind) {
    if (!failing_.on()) {
      next_reminder_ = now + kReminder;
    } else if (remind && now >= next_reminder_) {
      log.notice(path, " still fails: ", error);
      next_reminder_ = now + kReminder;
    }
    failing_.begins(log, path, error);
  }
  void answered(const Log& log, std::string_view path) noexcept { failing_.ends(log, path); }

  /// `waiting`: for how long a call has hung; nothing when none hangs.
  void hangs(const Log& log, std::string_view path, std::optional<Nanoseconds> waiting) noexcept {
    if (waiting && !waiting_)
      log.warning(path, " hangs: no answer for ", whole_seconds(*waiting),
                  " s; it is left out until there is one");
    if (!waiting && waiting_)
      log.notice(path, " answers again after more than ", whole_seconds(*waiting_), " s");
    waiting_ = waiting;
  }
  bool hangs() const noexcept { return waiting_.has_value(); }

 private:
  static constexpr std::chrono::hours kReminder{1};

  static std::int64_t whole_seconds(Nanoseconds length) noexcept {
    return std::chrono::round<std::chrono::seconds>(length).count();
  }

  Trouble failing_;
  Steady next_reminder_{};
  std::optional<Nanoseconds> waiting_;
};

}  // namespace vital::df

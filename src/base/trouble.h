// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <string_view>

#include "base/log.h"

namespace vital {

/// Says once that something broke and once that it works again, with a count of what lay between.
///
/// Threads  none of its own: whoever owns it serialises
class Trouble {
 public:
  /// `what` fails: logged if it worked until now.
  void begins(const Log& log, std::string_view what, const Error& error,
              Severity severity = Severity::warning) noexcept;
  /// The same for a reason that is too long for an Error.
  void begins(const Log& log, std::string_view what, std::string_view why,
              Severity severity = Severity::warning) noexcept;
  /// `what` works: logged if it failed until now.
  void ends(const Log& log, std::string_view what, Severity severity = Severity::notice) noexcept;

  bool on() const noexcept { return failures_ != 0; }
  /// How often it failed since it last worked.
  std::uint64_t failures() const noexcept { return failures_; }

 private:
  std::uint64_t failures_ = 0;
};

/// Says at most once an hour that something happened again, with a count.
///
/// Threads  none of its own: whoever owns it serialises
class Complaint {
 public:
  template <typename... Pieces>
  void say(const Log& log, Steady now, const Pieces&... pieces) noexcept {
    ++count_;
    if (now < next_) return;
    if (count_ == 1)
      log.notice(pieces...);
    else
      log.notice(pieces..., " (", count_, " times in the last hours)");
    next_ = now + std::chrono::hours{1};
    count_ = 0;
  }

 private:
  Steady next_{};
  std::uint64_t count_ = 0;
};

}  // namespace vital

// SPDX-License-Identifier: MIT
#include "base/trouble.h"

namespace vital {

void Trouble::begins(const Log& log, std::string_view what, const Error& error,
                     Severity severity) noexcept {
  if (failures_++ == 0) log.say(severity, what, " fails: ", error);
}

void Trouble::begins(const Log& log, std::string_view what, std::string_view why,
                     Severity severity) noexcept {
  if (failures_++ == 0) log.say(severity, what, " fails: ", why);
}

void Trouble::ends(const Log& log, std::string_view what, Severity severity) noexcept {
  if (failures_ == 0) return;
  log.say(severity, what, " works again after ", failures_,
          failures_ == 1 ? " failure" : " failures");
  failures_ = 0;
}

}  // namespace vital

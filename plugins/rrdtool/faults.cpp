// SPDX-License-Identifier: MIT
#include "rrdtool/faults.h"

#include <algorithm>

namespace vital::rrdtool {

/// Errors with the same number are of one kind, and without a number those with the same code.
Faults::Kind& Faults::kind_of(const Error& error, Mark& mark) {
  const auto same = [&](const Kind& kind) {
    return kind.number == error.number() && (kind.number != 0 || kind.code == error.code());
  };
  auto found = std::find_if(kinds_.begin(), kinds_.end(), same);
  if (found == kinds_.end())
    found = kinds_.insert(
        kinds_.end(),
        Kind{.code = error.code(), .number = error.number(), .reason = {}, .next = {}});
  mark = static_cast<Mark>(found - kinds_.begin() + 1);
  return *found;
}

void Faults::begins(Mark& mark, const std::string& path, const Error& error, Steady now) {
  Mark fresh = 0;
  Kind& kind = kind_of(error, fresh);
  if (mark == fresh) return;
  ends(mark);
  mark = fresh;
  ++kind.files;
  ++kind.failing;
  if (kind.failing > 1 && now < kind.next) return;
  kind.next = now + std::chrono::hours{1};
  kind.reason = error.message().view();
  if (kind.failing == 1)
    log_.warning("cannot write ", std::string_view{path}, ": ", error);
  else
    log_.warning("cannot write ", kind.failing, " files, the last one ", std::string_view{path},
                 ": ", error);
}

void Faults::lost(Mark mark, std::uint64_t values) noexcept {
  if (mark != 0) kinds_[mark - 1u].values += values;
}

void Faults::ends(Mark& mark) {
  if (mark == 0) return;
  Kind& kind = kinds_[std::exchange(mark, Mark{0}) - 1u];
  if (--kind.failing != 0) return;
  log_.notice("no file fails any more with \"", std::string_view{kind.reason}, "\"; ", kind.files,
              kind.files == 1 ? " file had lost " : " files had lost ", kind.values,
              kind.values == 1 ? " value" : " values");
  kind.files = kind.values = 0;
}

}  // namespace vital::rrdtool

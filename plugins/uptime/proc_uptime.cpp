// SPDX-License-Identifier: MIT
#include "uptime/proc_uptime.h"

#include "base/fields.h"
#include "base/strings.h"

namespace vital::uptime {

Result<std::uint64_t> parse_uptime(std::string_view text) noexcept {
  Fields fields{text};
  std::string_view up;
  if (!fields.next(up)) return Error{Errc::malformed, trim(text)};
  const auto point = up.find('.');
  std::uint64_t seconds = 0, hundredths = 0;
  if (point == std::string_view::npos || !parse_whole(up.substr(0, point), seconds) ||
      !parse_whole(up.substr(point + 1), hundredths))
    return Error{Errc::malformed, trim(text)};
  return seconds + 1;  // behind the hundredths, which are cut off, there is always some more
}

}  // namespace vital::uptime

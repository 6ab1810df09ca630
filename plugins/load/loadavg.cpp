// SPDX-License-Identifier: MIT
#include "load/loadavg.h"

#include "base/fields.h"

namespace vital::load {

Result<LoadAverage> parse_loadavg(std::string_view text) noexcept {
  Fields fields{text};  // an unfinished line has no fields: better no load than a 1 cut from "100"
  LoadAverage load{};
  if (fields.next(load.shortterm) && fields.next(load.midterm) && fields.next(load.longterm))
    return load;
  return Error{Errc::malformed, text};
}

}  // namespace vital::load

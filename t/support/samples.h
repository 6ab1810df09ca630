// SPDX-License-Identifier: MIT
#pragma once
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/strings.h"
#include "model/put.h"
#include "pipeline/value_cache.h"

namespace vital::test {

/// A batch as writers get it: what PUTVAL lines (without their command word) say, with the rates
/// that the cache gives them. Series of the same name are the same in all batches.
class Samples {
 public:
  Samples() {
    const auto text = read_file(TYPES_DB);
    types_.add(*text, [](std::size_t, std::string_view) {});
  }

  Batch& batch(std::string_view lines) {
    PutvalParser parser{types_};
    batch_.begin(kNow, kInterval, series_.era());
    for (const std::string_view line : split(lines, "\n")) {
      std::string copy{line};
      Refusal refusal;
      if (!parser.parse(copy, kNow, refusal) || !parser.add_to(batch_, series_, kInterval))
        throw std::invalid_argument{copy};
    }
    for (std::size_t at = 0; at < batch_.size(); ++at)
      cache_.update(batch_.series(at), batch_[at], batch_.rates(at), Steady{}, kNow);
    return batch_;
  }
  SeriesTable& series() noexcept { return series_; }
  const Types& types() const noexcept { return types_; }

 private:
  static constexpr Time kNow = time_of(1'800'000'000.0);
  static constexpr Span kInterval = span_of_seconds(10);

  Types types_;
  SeriesTable series_;
  ValueCache cache_;
  Batch batch_;
};

}  // namespace vital::test

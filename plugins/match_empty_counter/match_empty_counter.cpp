// SPDX-License-Identifier: MIT
#include "plugin/plugin.h"

namespace vital::match_empty_counter {

/// Matches totals that have never counted anything.
class EmptyCounterMatch final : public Match {
 public:
  explicit EmptyCounterMatch(const FilterSetup&) {}

  Result<bool> matches(const Passage& value) noexcept override {
    const Sample sample = value.sample();
    bool any = false;
    for (std::size_t i = 0; i < sample.values.size(); ++i) {
      const Kind kind = sample.kind(i);
      if (kind != Kind::counter && kind != Kind::derive) continue;
      if (sample.values[i].counter != 0) return false;  // the same bits, whether signed or not
      any = true;
    }
    return any;
  }
};

}  // namespace vital::match_empty_counter

extern "C" void vital_register(vital::Registry& registry) {
  registry.match<vital::match_empty_counter::EmptyCounterMatch>(
      "match_empty_counter", "Matches values whose counters and derives are all 0.");
}

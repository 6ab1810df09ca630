// SPDX-License-Identifier: MIT
#include "plugin/plugin.h"

namespace vital::match_timediff {

/// Matches values whose time is far from now.
class TimediffMatch final : public Match {
 public:
  explicit TimediffMatch(const FilterSetup& setup)
      : future_{setup.options.duration("Future")}, past_{setup.options.duration("Past")} {}

  Result<bool> matches(const Passage& value) noexcept override {
    const Time time = value.sample().time;
    if (future_ > Span::zero() && time >= value.now() + future_) return true;
    return past_ > Span::zero() && time <= value.now() - past_;
  }

 private:
  const Span future_, past_;
};

}  // namespace vital::match_timediff

extern "C" void vital_register(vital::Registry& registry) {
  using namespace vital;
  using namespace std::chrono_literals;
  registry
      .match<match_timediff::TimediffMatch>("match_timediff",
                                            "Matches values from the future or the past.")
      .option("Future", 0s, "Match what lies at least that far ahead of now. 0: nothing.")
      .unit("s")
      .option("Past", 0s, "Match what lies at least that far back. 0: nothing.")
      .unit("s")
      .check_all([](const Options& options) {
        const bool any =
            options.duration("Future") > Span::zero() || options.duration("Past") > Span::zero();
        return any ? std::string{} : std::string{"Future or Past is needed, above 0"};
      });
}

// SPDX-License-Identifier: MIT
#include <cmath>
#include <vector>

#include "lib/source_choice.h"
#include "model/rate.h"
#include "plugin/plugin.h"

namespace vital::target_scale {

/// Multiplies values and adds to them. Totals are scaled by what they grow in a second, and become
/// totals again that begin at 0.
class ScaleTarget final : public Target {
 public:
  explicit ScaleTarget(const FilterSetup& setup)
      : factor_{setup.options.given("Factor") ? setup.options.number("Factor") : 1},
        offset_{setup.options.given("Offset") ? setup.options.number("Offset") : 0},
        sources_{setup.options.texts("DataSource")} {}

  Result<Next> apply(Passage& value) noexcept override {
    const SeriesInfo& series = value.series();
    const Sample sample = value.sample();
    const auto values = value.change_values();
    const auto rates = value.behind_cache() ? value.change_rates() : std::span<double>{};
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!sources_.includes(series.type().sources[i].name)) continue;
      if (i < rates.size()) rates[i] = scaled(rates[i]);
      const Kind kind = sample.kind(i);
      if (kind == Kind::gauge)
        values[i].gauge = scaled(values[i].gauge);
      else if (kind == Kind::absolute)
        values[i] = scaled_count(values[i], sample.interval, state(series, i));
      else
        values[i] = scaled_total(kind, values[i], sample.time, state(series, i));
    }
    return Next::proceed;
  }

  void forget(bool all) noexcept override {
    if (all) states_.clear();
  }

 private:
  /// Of a data source that is no gauge.
  struct State {
    Value last{};         // as it came
    Time time{};          // of that; Time{}: there was none
    Value total{};        // as it went
    double fraction = 0;  // of it, that no integer can hold
  };

  double scaled(double rate) const noexcept { return rate * factor_ + offset_; }

  State& state(const SeriesInfo& series, std::size_t source) {
    auto& all = states_[series];
    if (all.empty()) all.resize(series.type().size());
    return all[source];
  }

  Value scaled_total(Kind kind, Value value, Time time, State& state) const noexcept {
    if (state.time != Time{} && time > state.time) {
      const Span elapsed = time - state.time;
      const double rate = rate_between(kind, state.last, value, elapsed);
      const double change = scaled(rate) * seconds(elapsed) + state.fraction;
      const double whole = std::trunc(change);
      state.fraction = change - whole;
      if (kind == Kind::derive || whole > 0) state.total.derive += static_cast<std::int64_t>(whole);
    }
    state.last = value;
    state.time = time;
    return state.total;
  }

  Value scaled_count(Value value, Span interval, State& state) const noexcept {
    const double length = seconds(interval);
    if (!(length > 0)) return value;
    const double count =
        scaled(static_cast<double>(value.absolute) / length) * length + state.fraction;
    const double whole = count > 0 ? std::trunc(count) : 0;
    state.fraction = count - whole;
    return {.absolute = static_cast<std::uint64_t>(whole)};
  }

  const double factor_, offset_;
  const SourceChoice sources_;
  PerSeries<std::vector<State>> states_;
};

}  // namespace vital::target_scale

extern "C" void vital_register(vital::Registry& registry) {
  using namespace vital;
  registry.target<target_scale::ScaleTarget>("target_scale", "Multiplies values and adds to them.")
      .note(
          "Of totals it is the change per second that is scaled; the new total begins at 0. "
          "Writers "
          "that store rates get the scaled ones.")
      .option("Factor", Unset<double>{}, "What values are multiplied by, first.")
      .option("Offset", Unset<double>{}, "What is added then.")
      .option("DataSource", Texts{}, "The data sources that are scaled; all when not given.")
      .arguments(1, Declaration::kAny)
      .called("NAME [NAME ...]")
      .check_all([](const Options& options) {
        const bool any = options.given("Factor") || options.given("Offset");
        return any ? std::string{} : std::string{"Factor or Offset is needed"};
      });
}

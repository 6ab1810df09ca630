// SPDX-License-Identifier: MIT
#include "lib/source_choice.h"
#include "plugin/plugin.h"

namespace vital::match_value {

/// Matches by the rates that the cache has.
class ValueMatch final : public Match {
 public:
  explicit ValueMatch(const FilterSetup& setup)
      : bounds_{{}, Kind::gauge, setup.options.number("Min"), setup.options.number("Max")},
        inverted_{setup.options.flag("Invert")},
        any_{setup.options.text("Satisfy") == "Any"},
        sources_{setup.options.texts("DataSource")} {}

  Result<bool> matches(const Passage& value) noexcept override {
    const auto rates = value.rates();
    const DataSet& type = value.series().type();
    if (rates.size() != type.size())
      return Error{Errc::absent, "no value of " + std::string{value.series().name()} + " yet"};
    bool considered = false;
    for (std::size_t i = 0; i < type.size(); ++i) {
      if (!sources_.includes(type.sources[i].name)) continue;
      considered = true;
      const bool matched = bounds_.allows(rates[i]) != inverted_;
      if (matched == any_) return any_;
    }
    return considered && !any_;
  }

 private:
  const DataSource bounds_;  // NaN is within any
  const bool inverted_, any_;
  const SourceChoice sources_;
};

}  // namespace vital::match_value

extern "C" void vital_register(vital::Registry& registry) {
  using namespace vital;
  registry.match<match_value::ValueMatch>("match_value", "Matches values by how large they are.")
      .note(
          "What counts is the rate that the cache has: of a gauge its value, of a total its change "
          "per second. In the chain before the cache that is the previous value, and a new series "
          "does not match. A value that is not known is within any bounds.")
      .option("Min", Unset<double>{}, "Match what is not below.")
      .option("Max", Unset<double>{}, "Match what is not above.")
      .option("Invert", false, "Match what is outside of the bounds, for each data source.")
      .option("Satisfy", Choice{"All", "Any"}, "How many data sources must match.")
      .option("DataSource", Texts{}, "The data sources that are looked at; all when not given.")
      .arguments(1, Declaration::kAny)
      .called("NAME [NAME ...]")
      .check_all([](const Options& options) {
        const bool any = options.given("Min") || options.given("Max");
        return any ? std::string{} : std::string{"Min or Max is needed"};
      });
}

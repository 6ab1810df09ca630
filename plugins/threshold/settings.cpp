// SPDX-License-Identifier: MIT
#include "threshold/settings.h"

#include <algorithm>

namespace vital::threshold {
namespace {

void declare_trend(Declaration& type) {
  using namespace std::chrono_literals;
  type.option(
          "TrendWindow", 0s,
          "Over how long a straight line is fitted to the values, to see when they will reach a "
          "bound: disk full in 9 hours. It is judged once the values cover half of it. 0: not "
          "at all.")
      .since("vitald 1")
      .option("TrendMin", Unset<double>{}, "The bound that a falling value must not reach.")
      .since("vitald 1")
      .option("TrendMax", Unset<double>{}, "The bound that a rising value must not reach.")
      .since("vitald 1")
      .option("TrendWarning", 0s, "Warn when the bound will be reached within that time. 0: never.")
      .since("vitald 1")
      .option("TrendFailure", 0s,
              "It is a failure when the bound will be reached within that time. 0: never.")
      .since("vitald 1");
}

void declare_band(Declaration& type) {
  type.option("BandDays", 0,
              "From how many past days what is usual for this hour of the day is learned. It is "
              "judged once there are values of that hour from 3 days, or from all if there are "
              "fewer. 0: not at all.")
      .range(0, 60)
      .since("vitald 1")
      .option("BandWarning", Unset<double>{},
              "Warn when the value is off the mean of that hour by more than so many standard "
              "deviations.")
      .above(0)
      .since("vitald 1")
      .option("BandFailure", Unset<double>{}, "From how many on it is a failure.")
      .above(0)
      .since("vitald 1")
      .option("BandSlack", 10.0, "By how much of the mean the value may be off in any case.")
      .unit("%")
      .at_least(0)
      .since("vitald 1");
}

std::string complaint(const Options& type) {
  const bool trend = type.duration("TrendWindow") > Span::zero();
  if (trend && !type.given("TrendMin") && !type.given("TrendMax"))
    return "TrendWindow needs TrendMin or TrendMax";
  if (trend && type.duration("TrendWarning") == Span::zero() &&
      type.duration("TrendFailure") == Span::zero())
    return "TrendWindow needs TrendWarning or TrendFailure";
  if (type.integer("BandDays") != 0 && !type.given("BandWarning") && !type.given("BandFailure"))
    return "BandDays needs BandWarning or BandFailure";
  return {};
}

void declare_type(Declaration& type) {
  using namespace std::chrono_literals;
  type.option("Instance", Unset<std::string>{}, "The type instance; any when not given.")
      .option("DataSource", Unset<std::string>{}, "The data source; all when not given.")
      .option("WarningMin", Unset<double>{}, "Warn when the value is below.")
      .option("WarningMax", Unset<double>{}, "Warn when the value is above.")
      .option("FailureMin", Unset<double>{}, "It is a failure when the value is below.")
      .option("FailureMax", Unset<double>{}, "It is a failure when the value is above.")
      .option("Invert", false, "The bounds enclose what is wrong, not what is right.")
      .option("Percentage", false,
              "The bounds are percent of the sum of all data sources of the value.")
      .option("Hits", 0,
              "How many values in a row must be wrong before that is said; 0 and 1: the first is "
              "enough.")
      .at_least(0)
      .option("Duration", 0s, "How long values must be wrong before that is said.")
      .since("vitald 1")
      .option("Hysteresis", 0.0,
              "By how much a value must come back within the bound before it is right again.")
      .at_least(0)
      .option("Persist", false, "Say it with each value that is wrong, not only with the first.")
      .option("PersistOK", false,
              "With Persist, say it with each value that is right, too. With Hits, as many values "
              "must be right before that is said.")
      .option("Repeat", 0s,
              "Say what is wrong again that often, as long as it is. 0: the plugin's Repeat.")
      .since("vitald 1")
      .option("Interesting", true, "Say it when there are no values any more.");
  declare_trend(type);
  declare_band(type);
  type.check_all(complaint);
}

std::string without_threshold(const Options& block) {
  const bool plugins = block.declaration()->find("Plugin") != nullptr;
  if (!block.blocks("Type").empty() || (plugins && !block.blocks("Plugin").empty())) return {};
  return "there is no threshold in it; add a <Type> block";
}

void declare_types(Declaration& block) {
  block.block("Type", "TYPE", "A threshold for values of that type.", declare_type).apart();
}

void declare_plugins(Declaration& block) {
  block
      .block("Plugin", "PLUGIN", "Thresholds for values of that plugin.",
             [](Declaration& plugin) {
               plugin
                   .option("Instance", Texts{},
                           "The plugin instance, for the Type blocks below it; any when not given.")
                   .ordered();
               declare_types(plugin);
               plugin.check_all(without_threshold);
             })
      .apart();
}

double number(const Options& options, const char* name) {
  return options.given(name) ? options.number(name) : Threshold::kUnset;
}

/// Walks through the blocks, with the names of those it is inside of.
class Collector {
 public:
  explicit Collector(const Options& options) : repeat_{options.duration("Repeat")} {
    hosts(options);
  }
  std::vector<Threshold> take() { return std::move(thresholds_); }

 private:
  void hosts(const Options& options) {
    for (const Options& host : options.blocks("Host")) inside_host(host);
    plugins(options, {});
    for (const Options& type : options.blocks("Type")) add(type, {});
  }

  void inside_host(const Options& host) {
    const Identifier names{.host = host.arguments()[0].text};
    plugins(host, names);
    for (const Options& type : host.blocks("Type")) add(type, names);
  }

  void plugins(const Options& options, Identifier names) {
    for (const Options& plugin : options.blocks("Plugin")) {
      names.plugin = plugin.arguments()[0].text;
      for (const Options& type : plugin.blocks("Type")) {
        names.plugin_instance = {};
        for (const Options::Entry& instance : plugin.entries("Instance"))
          if (instance.place < type.place()) names.plugin_instance = instance.text();
        add(type, names);
      }
    }
  }

  void add(const Options& type, const Identifier& names) {
    Threshold threshold;
    threshold.host = names.host;
    threshold.plugin = names.plugin;
    threshold.plugin_instance = names.plugin_instance;
    threshold.type = type.argument();
    threshold.type_instance = type.text("Instance");
    threshold.data_source = type.text("DataSource");
    threshold.warning = {number(type, "WarningMin"), number(type, "WarningMax")};
    threshold.failure = {number(type, "FailureMin"), number(type, "FailureMax")};
    threshold.invert = type.flag("Invert");
    threshold.percentage = type.flag("Percentage");
    threshold.hits = static_cast<std::uint32_t>(type.integer("Hits"));
    threshold.duration = type.duration("Duration");
    threshold.hysteresis = type.number("Hysteresis");
    threshold.persist = type.flag("Persist");
    threshold.persist_ok = type.flag("PersistOK");
    threshold.repeat = type.duration("Repeat");
    if (threshold.repeat == Span::zero()) threshold.repeat = repeat_;
    threshold.interesting = type.flag("Interesting");
    threshold.trend.window = type.duration("TrendWindow");
    threshold.trend.bounds = {number(type, "TrendMin"), number(type, "TrendMax")};
    threshold.trend.warning = type.duration("TrendWarning");
    threshold.trend.failure = type.duration("TrendFailure");
    threshold.band.days = static_cast<unsigned>(type.integer("BandDays"));
    threshold.band.warning = number(type, "BandWarning");
    threshold.band.failure = number(type, "BandFailure");
    threshold.band.slack = type.number("BandSlack");
    thresholds_.push_back(std::move(threshold));
  }

  const Span repeat_;
  std::vector<Threshold> thresholds_;
};

}  // namespace

void declare(Declaration& options) {
  using namespace std::chrono_literals;
  options
      .block("Host", "HOST", "Thresholds for values of that host.",
             [](Declaration& host) {
               declare_plugins(host);
               declare_types(host);
               host.check_all(without_threshold);
             })
      .apart();
  declare_plugins(options);
  declare_types(options);
  options
      .option("Repeat", 0s,
              "How often what is wrong is said again, where a threshold says nothing else. 0: "
              "never.")
      .since("vitald 1")
      .option("ForgetAfter", 604800s,
              "After what time something that was wrong with a series is forgotten when the series "
              "does not come back. 0: never.")
      .since("vitald 1");
}

std::vector<Threshold> thresholds_of(const Options& options) { return Collector{options}.take(); }

}  // namespace vital::threshold

// SPDX-License-Identifier: MIT
#include "pipeline/thresholds.h"

#include "plugin/plugin.h"
#include "threshold/settings.h"

namespace vital::threshold {

/// Gives the pipeline the thresholds of the configuration.
class ThresholdPlugin {
 public:
  explicit ThresholdPlugin(Setup& setup)
      : thresholds_{checked(setup), setup.options().duration("ForgetAfter")} {
    setup.add(thresholds_);
  }

 private:
  static std::vector<Threshold> checked(const Setup& setup) {
    auto thresholds = thresholds_of(setup.options());
    for (const Threshold& threshold : thresholds) {
      const DataSet* const type = setup.types().find(threshold.type);
      if (type == nullptr)
        setup.log().warning("the types databases have no type \"", std::string_view{threshold.type},
                            "\", so that its threshold will never be met");
      else if (threshold.percentage && type->size() == 1)
        setup.log().warning("Percentage for type \"", std::string_view{threshold.type},
                            "\", which has one data source: that is always 100 %");
    }
    return thresholds;
  }

  Thresholds thresholds_;
};

}  // namespace vital::threshold

extern "C" void vital_register(vital::Registry& registry) {
  vital::threshold::declare(
      registry
          .plugin<vital::threshold::ThresholdPlugin>(
              "threshold", "Raises notifications when values cross bounds, or stay away.")
          .never_isolated("it watches all values")
          .note("A threshold is a <Type> block. It stands alone, in a <Plugin> block, in a <Host> "
                "block, or in a <Plugin> block of a <Host> block, and what it stands in says for "
                "which values it counts. The one that names most of a value's name is the one that "
                "counts: host before plugin, plugin instance before type instance. Several for the "
                "same name count together, and the worst of them is said.")
          .note(
              "Rates are compared, not totals. A value on a bound is right; one that is not known "
              "changes nothing. What was said is remembered over a restart, so that it is not said "
              "again, and what is right at the start is not said at all. vitalctl alerts shows "
              "what "
              "is wrong now, vitalctl silence keeps notifications back."));
}

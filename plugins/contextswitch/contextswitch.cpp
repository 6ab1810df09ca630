// SPDX-License-Identifier: MIT
#include "lib/proc_stat.h"
#include "plugin/plugin.h"

namespace vital::contextswitch {

/// Reports how often CPUs went from one task to another.
class ContextswitchReader final : public Reader {
 public:
  explicit ContextswitchReader(Setup& setup)
      : file_{setup.root().open("proc/stat")}, series_{setup.declare({.type = "contextswitch"})} {}

  Status read(Batch& batch) noexcept override {
    const auto switches =
        file_.read([](std::string_view text) { return parse_stat_number(text, "ctxt"); });
    if (!switches) return switches.error();
    return batch.add(series_, *switches);
  }

 private:
  KernelFile file_;
  Series series_;
};

}  // namespace vital::contextswitch

extern "C" void vital_register(vital::Registry& registry) {
  registry
      .reader<vital::contextswitch::ContextswitchReader>(
          "contextswitch", "How often the CPUs go from one task to another.")
      .reports("contextswitch/contextswitch", "switches on all CPUs together since boot");
}

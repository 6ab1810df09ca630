// SPDX-License-Identifier: MIT
#include "plugin/plugin.h"
#include "uptime/proc_uptime.h"

namespace vital::uptime {

class UptimeReader final : public Reader {
 public:
  explicit UptimeReader(Setup& setup)
      : file_{setup.root().open("proc/uptime")},
        series_{setup.declare({.plugin = "uptime", .type = "uptime"})} {}

  Status read(Batch& batch) noexcept override {
    const auto uptime = file_.read(parse_uptime);
    if (!uptime) return uptime.error();
    return batch.add(series_, *uptime);
  }

 private:
  KernelFile file_;
  Series series_;
};

}  // namespace vital::uptime

extern "C" void vital_register(vital::Registry& registry) {
  registry.reader<vital::uptime::UptimeReader>("uptime", "How long the host has been running.")
      .reports("uptime/uptime", "seconds since the kernel started, time asleep included");
}

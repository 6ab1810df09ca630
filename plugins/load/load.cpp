// SPDX-License-Identifier: MIT
#include <unistd.h>

#include <algorithm>

#include "load/loadavg.h"
#include "plugin/plugin.h"

namespace vital::load {

class LoadReader final : public Reader {
 public:
  explicit LoadReader(Setup& setup)
      : file_{setup.root().open("proc/loadavg")},
        series_{setup.declare({.plugin = "load", .type = "load"})},
        relative_{setup.options().flag("ReportRelative")} {}

  Status read(Batch& batch) noexcept override {
    const auto load = file_.read(parse_loadavg);
    if (!load) return load.error();
    const double share = relative_ ? 1.0 / cpus() : 1.0;
    return batch.add(series_,
                     {load->shortterm * share, load->midterm * share, load->longterm * share});
  }

 private:
  static double cpus() noexcept {
    return static_cast<double>(std::max(::sysconf(_SC_NPROCESSORS_ONLN), 1L));
  }

  KernelFile file_;  // stays open; each read() starts again at offset 0
  Series series_;
  const bool relative_;
};

}  // namespace vital::load

extern "C" void vital_register(vital::Registry& registry) {
  registry.reader<vital::load::LoadReader>("load", "The load averages.")
      .reports("load/load", "tasks that run or wait to run, over 1, 5 and 15 minutes")
      .option("ReportRelative", false, "Divide by the number of CPUs that are online.");
}

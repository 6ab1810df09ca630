// SPDX-License-Identifier: MIT
#include "interface/net_dev.h"
#include "lib/device_table.h"
#include "lib/ignore_list.h"
#include "plugin/plugin.h"

namespace vital::interface {
namespace {

/// proc/net is the network of whoever reads it. A container that looks at its host below another
/// root has one of its own; the host's is that of process 1.
KernelFile open_net_dev(const Root& root) {
  const bool of_process_1 = !root.is_host() && root.exists("proc/1/net/dev");
  return root.open(of_process_1 ? "proc/1/net/dev" : "proc/net/dev");
}

}  // namespace

class InterfaceReader final : public Reader {
 public:
  explicit InterfaceReader(Setup& setup)
      : file_{open_net_dev(setup.root())},
        namer_{setup.namer()},
        ignored_{setup.options(), "Interface"},
        report_inactive_{setup.options().flag("ReportInactive")} {
    setup.need_types({"if_octets", "if_packets", "if_errors", "if_dropped"});
  }

  Status read(Batch& batch) noexcept override {
    return file_.read([&](std::string_view text) noexcept {
      interfaces_.begin();
      const Status status = for_each_net_device(
          text, [&](const NetDevice& device) noexcept { return report(device, batch); });
      interfaces_.end();
      return status;
    });
  }

 private:
  struct Interface {
    bool ignored = false;
    Series octets{}, packets{}, errors{}, dropped{};
  };

  Status report(const NetDevice& device, Batch& batch) noexcept {
    Interface* known = interfaces_.find(device.name);
    if (known == nullptr) {
      auto made = make(device.name);
      if (!made) return made.error();
      known = &interfaces_.add(device.name, std::move(*made));
    }
    const Traffic &in = device.received, &out = device.sent;
    if (known->ignored || (!report_inactive_ && in.packets == 0 && out.packets == 0)) return {};
    for (const auto& status : {batch.add(known->octets, {in.octets, out.octets}),
                               batch.add(known->packets, {in.packets, out.packets}),
                               batch.add(known->errors, {in.errors, out.errors}),
                               batch.add(known->dropped, {in.dropped, out.dropped})})
      if (!status) return status;
    return {};
  }

  Result<Interface> make(std::string_view name) const noexcept {
    if (ignored_.ignores(name)) return Interface{.ignored = true};
    Interface made;
    for (const auto& [series, type] :
         {std::pair{&made.octets, "if_octets"}, std::pair{&made.packets, "if_packets"},
          std::pair{&made.errors, "if_errors"}, std::pair{&made.dropped, "if_dropped"}}) {
      auto found = namer_({.plugin_instance = name, .type = type});
      if (!found) return found.error();
      *series = std::move(*found);
    }
    return made;
  }

  KernelFile file_;
  Namer namer_;
  const IgnoreList ignored_;
  const bool report_inactive_;
  DeviceTable<Interface> interfaces_;
};

}  // namespace vital::interface

extern "C" void vital_register(vital::Registry& registry) {
  auto& plugin = registry.reader<vital::interface::InterfaceReader>(
      "interface", "What network interfaces receive and send.");
  plugin.reports("interface-INTERFACE/if_octets", "bytes received and sent")
      .reports("interface-INTERFACE/if_packets", "packets received and sent")
      .reports("interface-INTERFACE/if_errors", "packets that were damaged or could not be sent")
      .reports("interface-INTERFACE/if_dropped", "packets that were thrown away for want of room");
  vital::declare_ignore_list(plugin, "Interface", "An interface to report, such as eth0.");
  plugin
      .option("ReportInactive", true,
              "Report interfaces, too, that have not had a packet in either direction since they "
              "were made.")
      .retired("UniqueName", "on Linux the names of interfaces are unique by themselves");
}

// SPDX-License-Identifier: MIT
#include <array>

#include "disk/disk_totals.h"
#include "disk/udev_names.h"
#include "lib/device_table.h"
#include "lib/ignore_list.h"
#include "plugin/plugin.h"

namespace vital::disk {
namespace {

std::unique_ptr<UdevAttribute> udev_attribute(const Setup& setup) {
  const std::string name = setup.options().text("UdevNameAttr");
  if (name.empty()) return nullptr;
  return setup.root().is_host() ? ask_libudev(name) : ask_udev_database(name, setup.root());
}

}  // namespace

class DiskReader final : public Reader {
 public:
  explicit DiskReader(Setup& setup)
      : file_{setup.root().open("proc/diskstats")},
        namer_{setup.namer()},
        ignored_{setup.options(), "Disk"},
        udev_{udev_attribute(setup)} {
    setup.need_types({"disk_octets", "disk_ops", "disk_time", "disk_merged", "disk_io_time",
                      "pending_operations"});
  }

  Status read(Batch& batch) noexcept override {
    if (udev_) udev_->begin();
    return file_.read([&](std::string_view text) noexcept {
      disks_.begin();
      const Status status = for_each_block_device(
          text, [&](const BlockDevice& device) noexcept { return report(device, batch); });
      disks_.end();
      return status;
    });
  }

 private:
  enum Metric { octets, operations, time, merged, io_time, pending, kMetrics };
  static constexpr std::array<std::string_view, kMetrics> kTypes{
      "disk_octets", "disk_ops", "disk_time", "disk_merged", "disk_io_time", "pending_operations"};

  struct Disk {
    DiskTotals totals{};
    std::unique_ptr<UdevAttribute::Value> attribute{};
    std::string name{};  // as it is reported
    bool ignored = false;
    std::array<Series, kMetrics> series{};  // made when first needed
  };

  Status report(const BlockDevice& device, Batch& batch) noexcept {
    Disk* disk = disks_.find(device.name);
    if (disk == nullptr)
      disk = &disks_.add(device.name, {.attribute = udev_ ? udev_->of(device) : nullptr});
    name(*disk, device);
    if (!disk->totals.advance(device, seconds(batch.interval())) || disk->ignored) return {};
    if (device.reads.operations == 0 && device.writes.operations == 0) return {};
    Status outcome;
    report(*disk, device, [&](Metric metric, std::initializer_list<Number> numbers) noexcept {
      if (auto status = add(batch, *disk, metric, numbers); !status) outcome = status;
    });
    return outcome;
  }

  /// What a disk has never had is left out: merges, for instance, where nothing is merged.
  template <typename Add>
  static void report(const Disk& disk, const BlockDevice& device, Add&& add) noexcept {
    const DiskTotals& totals = disk.totals;
    const auto add_pair = [&](Metric metric, const DiskTotals::Pair& pair) noexcept {
      if (pair.any()) add(metric, {pair.read, pair.write});
    };
    add_pair(octets, totals.octets());
    if (!device.queue) return;
    add_pair(operations, totals.operations());
    add_pair(time, totals.time());
    add_pair(merged, totals.merged());
    if (totals.busy_time() != 0) add(io_time, {totals.busy_time(), totals.weighted_time()});
    if (totals.has_pending() && device.queue->pending >= 0) add(pending, {device.queue->pending});
  }

  Status add(Batch& batch, Disk& disk, Metric metric,
             std::initializer_list<Number> numbers) const noexcept {
    Series& series = disk.series[metric];
    if (!series) {
      auto made = namer_({.plugin_instance = disk.name, .type = kTypes[metric]});
      if (!made) return made.error();
      series = std::move(*made);
    }
    return batch.add(series, numbers);
  }

  /// Gives the disk the name that it has by now.
  void name(Disk& disk, const BlockDevice& device) const noexcept {
    std::string_view name = disk.attribute ? disk.attribute->get() : std::string_view{};
    if (name.empty()) name = device.name;
    name = name.substr(0, Identifier::kLongestField);
    if (name == disk.name) return;
    disk.name = name;
    disk.ignored = ignored_.ignores(name);
    disk.series = {};
  }

  KernelFile file_;
  Namer namer_;
  const IgnoreList ignored_;
  const std::unique_ptr<UdevAttribute> udev_;  // none: the kernel's names are wanted
  DeviceTable<Disk> disks_;
};

}  // namespace vital::disk

extern "C" void vital_register(vital::Registry& registry) {
  auto& plugin = registry.reader<vital::disk::DiskReader>(
      "disk", "What disks and their partitions read and write.");
  plugin.reports("disk-DISK/disk_octets", "bytes read and written")
      .reports("disk-DISK/disk_ops", "operations completed")
      .reports("disk-DISK/disk_time", "milliseconds that an operation took on average")
      .reports("disk-DISK/disk_merged", "operations that were merged with a neighbour")
      .reports("disk-DISK/disk_io_time",
               "milliseconds a second with work to do, and the same weighted by how much")
      .reports("disk-DISK/pending_operations", "operations under way")
      .note(
          "A disk that nothing was ever read from or written to is left out, and so is a kind of "
          "value that a disk has never had. A disk is first reported the second time it is seen.");
  vital::declare_ignore_list(
      plugin, "Disk",
      "A disk or partition to report, such as sda or sda1; with UdevNameAttr "
      "by its name there.");
  plugin
      .option("UdevNameAttr", vital::Unset<std::string>{},
              "Call disks by this property that udev keeps of them, such as DM_NAME or ID_SERIAL, "
              "and those that lack it as the kernel does. Choose one that differs between a disk "
              "and its partitions: of devices with one name the first is reported.")
      .called("PROPERTY")
      .retired("UseBSDName", "it is about macOS");
}

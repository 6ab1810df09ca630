// SPDX-License-Identifier: MIT
#include "df/df_reader.h"

#include <algorithm>

namespace vital::df {
namespace {

constexpr std::string_view kTypes[] = {"df_complex", "percent_bytes", "df_inodes",
                                       "percent_inodes"};
constexpr std::string_view kPartNames[] = {"free", "reserved", "used"};

Selection selection_of(const Options& options) {
  const bool ignore = options.flag("IgnoreSelected");
  return {.devices = {options.texts("Device"), ignore},
          .directories = {options.texts("MountPoint"), ignore},
          .types = {options.texts("FSType"), ignore},
          .by_device = options.flag("ReportByDevice")};
}

}  // namespace

DfReader::DfReader(Setup& setup, AskFileSystem ask, Nanoseconds patience)
    : root_{setup.root()},
      clock_{setup.clock()},
      log_{setup.log()},
      namer_{setup.namer()},
      selection_{selection_of(setup.options())},
      absolute_{setup.options().flag("ValuesAbsolute")},
      percentage_{setup.options().flag("ValuesPercentage")},
      inodes_{setup.options().flag("ReportInodes")},
      log_once_{setup.options().flag("LogOnce")},
      ask_{ask},
      table_{setup.root()},
      patient_{std::move(ask), nanoseconds(setup.interval()),
               std::max(patience, nanoseconds(setup.interval()))} {
  for (const std::string_view type : kTypes) setup.need_types({type});
}

Status DfReader::read(Batch& batch) noexcept {
  const auto changed = table_.refresh();
  if (!changed) return changed.error();
  if (*changed) take_table();
  const Steady now = clock_.now();
  Status outcome;
  for (FileSystem& fs : file_systems_)
    if (auto status = report(fs, now, batch); !status) outcome = status;
  if (const auto status = patient_.ask(now); !status)
    asking_.begins(log_, "asking network file systems", status.error());
  else
    asking_.ends(log_, "asking network file systems");
  return outcome;
}

void DfReader::take_table() {
  if (!table_.malformed().empty())
    log_.warning("a line of the mount table makes no sense: ", table_.malformed());
  std::vector<Chosen> clashes;
  std::vector<FileSystem> before = std::move(file_systems_);
  file_systems_.clear();
  for (Chosen& chosen : choose(table_.mounts(), selection_, clashes))
    file_systems_.push_back(file_system(std::move(chosen), before));
  complain(clashes);
}

/// What is known of a mount that was there before, or the beginnings of a new one.
DfReader::FileSystem DfReader::file_system(Chosen chosen, std::vector<FileSystem>& before) {
  const auto known = std::find_if(before.begin(), before.end(), [&](const FileSystem& fs) {
    return fs.chosen == chosen && !fs.path.empty();
  });
  if (known != before.end() && !was_replaced(*known)) return std::move(*known);
  FileSystem fs{.chosen = std::move(chosen), .path = {}};
  fs.path = root_.path(fs.chosen.mount.directory);
  if (fs.chosen.may_hang) fs.question = patient_.add(fs.path);
  return fs;
}

/// Somebody took a mount that hangs away and mounted the same again. Only the kernel's number tells
/// them apart, and a call that waits for the old one need not keep us from asking the new one.
bool DfReader::was_replaced(const FileSystem& fs) const {
  return fs.health.hangs() && fs.number != 0 && mount_number(fs) != fs.number;
}

std::uint64_t DfReader::mount_number(const FileSystem& fs) const {
  const auto number = table_.mount_number(fs.chosen.mount.directory);
  return number ? *number : 0;
}

void DfReader::complain(const std::vector<Chosen>& clashes) {
  for (const Chosen& chosen : clashes)
    if (clashes_.insert(chosen.name).second)
      log_.notice("more than one mount would be called ", chosen.name, "; ", chosen.mount.directory,
                  " is left out");
}

Status DfReader::report(FileSystem& fs, Steady now, Batch& batch) noexcept {
  if (!fs.question) return report(fs, ask_(fs.path), now, batch);
  const auto answer = patient_.answer(*fs.question, now);
  if (answer.waiting && !fs.health.hangs()) fs.number = mount_number(fs);
  // An answer that comes too late to be reported is none: a server so slow goes on hanging.
  if (answer.waiting || answer.result) fs.health.hangs(log_, fs.path, answer.waiting);
  return answer.result ? report(fs, *answer.result, now, batch) : Status{};
}

/// One that fails is said to; it costs the others nothing.
Status DfReader::report(FileSystem& fs, const Result<struct statvfs>& answer, Steady now,
                        Batch& batch) noexcept {
  if (!answer) {
    fs.health.failed(log_, fs.path, answer.error(), now, !log_once_);
    return {};
  }
  fs.health.answered(log_, fs.path);
  const auto blocks = blocks_of(*answer);
  if (!blocks) return {};
  auto status = add(fs, *blocks, block_size(*answer), df_complex, percent_bytes, batch);
  const auto inodes = inodes_ ? inodes_of(*answer) : std::nullopt;
  if (!status || !inodes) return status;
  return add(fs, *inodes, 1, df_inodes, percent_inodes, batch);
}

Status DfReader::add(FileSystem& fs, const Shares& shares, std::uint64_t unit, Metric amounts,
                     Metric percentages, Batch& batch) const noexcept {
  const auto values = [&](auto&& of) {
    return Values{of(shares.free), of(shares.reserved), of(shares.used)};
  };
  Status status;
  if (absolute_)
    status =
        add(fs, amounts,
            values([&](std::uint64_t part) { return static_cast<double>(part * unit); }), batch);
  if (status && percentage_)
    status = add(fs, percentages, values([&](std::uint64_t part) { return shares.percent(part); }),
                 batch);
  return status;
}

Status DfReader::add(FileSystem& fs, Metric metric, const Values& values,
                     Batch& batch) const noexcept {
  for (std::size_t part = 0; part < kParts; ++part) {
    Series& series = fs.series[metric][part];
    if (!series) {
      auto made = namer_({.plugin_instance = fs.chosen.name,
                          .type = kTypes[metric],
                          .type_instance = kPartNames[part]});
      if (!made) return made.error();
      series = std::move(*made);
    }
    if (auto status = batch.add(series, values[part]); !status) return status;
  }
  return {};
}

void declare_options(PluginDeclaration& plugin) {
  plugin.reports("df-MOUNT/df_complex-{free,reserved,used}", "bytes")
      .reports("df-MOUNT/percent_bytes-{free,reserved,used}", "the same in percent of all")
      .reports("df-MOUNT/df_inodes-{free,reserved,used}", "inodes")
      .reports("df-MOUNT/percent_inodes-{free,reserved,used}", "the same in percent of all")
      .note(
          "MOUNT is the directory with a dash for each slash, and root for the topmost one. What "
          "is "
          "free is free for everybody; what is reserved is free for root alone. Several mounts on "
          "one directory are reported as one.")
      .note(
          "Network and FUSE file systems are asked by threads of their own and reported one "
          "interval later, so that one that hangs holds up nothing. While it hangs it has no "
          "values. "
          "A directory that autofs would mount something on is left alone; what it has mounted is "
          "reported, which keeps it mounted where the time of its timeout is longer than the "
          "interval.")
      .note(
          "In a container mount the host's root with rslave, or else mounts that the host makes "
          "later cannot be seen.");
  declare_selection(plugin, "Device", "A device to report, as the mount table has it: /dev/sda1.");
  declare_selection(plugin, "MountPoint", "A directory to report that something is mounted on.");
  declare_ignore_list(plugin, "FSType", "A type of file system to report, such as ext4.");
  plugin
      .option("ReportByDevice", false,
              "Call a file system by its device, without /dev/, instead of by its directory; then "
              "each device is reported once.")
      .option("ReportInodes", false, "Report inodes too. Not every file system counts them.")
      .option("ValuesAbsolute", true, "Report bytes, and inodes as a number.")
      .option("ValuesPercentage", false, "Report percentages of the whole.")
      .option("LogOnce", false,
              "true: say once that a file system cannot be asked, and once that it can again; "
              "false: say it again each hour until then.")
      .retired("ReportReserved", "what is reserved for root is always reported");
}

}  // namespace vital::df

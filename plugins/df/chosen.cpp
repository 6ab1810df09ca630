// SPDX-License-Identifier: MIT
#include "df/chosen.h"

#include <algorithm>
#include <span>
#include <unordered_map>
#include <unordered_set>

#include "model/identifier.h"

namespace vital::df {
namespace {

/// Answered by the kernel from what it holds in memory, or from this host's own disks. All others
/// may be served by another host, a process or a hypervisor, and not every one of them is known.
constexpr std::string_view kLocal[] = {
    "affs",  "bcachefs", "befs",   "btrfs",     "cramfs",   "devtmpfs", "efivarfs",
    "efs",   "erofs",    "exfat",  "ext2",      "ext3",     "ext4",     "f2fs",
    "hfs",   "hfsplus",  "hpfs",   "hugetlbfs", "iso9660",  "jffs2",    "jfs",
    "minix", "msdos",    "nilfs2", "ntfs3",     "omfs",     "overlay",  "qnx4",
    "qnx6",  "reiserfs", "romfs",  "rootfs",    "squashfs", "sysv",     "tmpfs",
    "ubifs", "udf",      "ufs",    "vfat",      "xfs",      "zfs",      "zonefs"};

/// Made of the kernel's own data: no blocks, now and for ever. Asking them would be a waste.
constexpr std::string_view kWithoutBlocks[] = {
    "autofs",     "binfmt_misc", "bpf",     "cgroup",  "cgroup2", "configfs",
    "cpuset",     "debugfs",     "devpts",  "fusectl", "mqueue",  "nfsd",
    "nsfs",       "proc",        "pstore",  "ramfs",   "resctrl", "rpc_pipefs",
    "securityfs", "selinuxfs",   "smackfs", "sysfs",   "tracefs", "xenfs"};

bool contains(std::span<const std::string_view> types, std::string_view type) noexcept {
  return std::find(types.begin(), types.end(), type) != types.end();
}

bool may_wait(std::string_view type) noexcept {
  return type == "autofs" || !(contains(kLocal, type) || contains(kWithoutBlocks, type));
}

/// Where calls may wait. Below autofs they may wait for the automounter. When the root itself does
/// not answer nothing else does, so it need not be kept apart.
std::vector<std::string_view> waiting_places(const std::vector<Mount>& mounts) {
  std::vector<std::string_view> places;
  for (const Mount& mount : mounts)
    if (may_wait(mount.type) && mount.directory != "/") places.emplace_back(mount.directory);
  return places;
}

bool lies_below(std::string_view directory, std::string_view top) noexcept {
  return directory.starts_with(top) &&
         (directory.size() == top.size() || directory[top.size()] == '/');
}

std::string name_of(const Mount& mount, bool by_device) {
  constexpr std::string_view kDev = "/dev/";
  std::string name;
  if (by_device) {
    name = mount.device.starts_with(kDev) ? mount.device.substr(kDev.size()) : mount.device;
  } else if (mount.directory == "/") {
    name = "root";
  } else {
    name = mount.directory.substr(mount.directory.starts_with('/') ? 1 : 0);
    std::replace(name.begin(), name.end(), '/', '-');
  }
  name.resize(std::min(name.size(), Identifier::kLongestField));
  return name;
}

bool ignores(const Selection& selection, const Mount& mount) noexcept {
  return selection.devices.ignores(mount.device) ||
         selection.directories.ignores(mount.directory) || selection.types.ignores(mount.type);
}

}  // namespace

std::vector<Chosen> choose(const std::vector<Mount>& mounts, const Selection& selection,
                           std::vector<Chosen>& clashes) {
  std::unordered_map<std::string_view, const Mount*> topmost;
  for (const Mount& mount : mounts) topmost[mount.directory] = &mount;
  const auto places = waiting_places(mounts);

  std::vector<Chosen> chosen;
  std::unordered_set<std::string_view> seen;
  std::unordered_set<std::string> names;
  for (const Mount& mount : mounts) {
    if (mount.type == "autofs" || ignores(selection, mount)) continue;
    if (!seen.insert(selection.by_device ? mount.device : mount.directory).second) continue;
    if (contains(kWithoutBlocks, topmost[mount.directory]->type)) continue;
    std::string name = name_of(mount, selection.by_device);
    if (name.empty()) continue;
    const bool may_hang = std::any_of(places.begin(), places.end(), [&](std::string_view place) {
      return lies_below(mount.directory, place);
    });
    const bool is_new = names.insert(name).second;
    (is_new ? chosen : clashes).push_back({std::move(name), mount, may_hang});
  }
  return chosen;
}

}  // namespace vital::df

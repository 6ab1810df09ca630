// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "lib/ignore_list.h"
#include "lib/mount_table.h"

namespace vital::df {

/// Which mounts are wanted, and what they are called.
struct Selection {
  IgnoreList devices{}, directories{}, types{};
  bool by_device = false;  // called by the device, else by the directory
};

/// A mount to be reported.
struct Chosen {
  std::string name;  // the plugin instance: root, var-log, sda1
  Mount mount;
  bool may_hang;  // on the way there a call may wait for a server, or for a process

  bool operator==(const Chosen&) const noexcept = default;
};

/// The mounts to be reported, in the table's order, each directory (or device) once.
///
/// Kernel file systems that never have blocks are not among them, nor is autofs, which might mount
/// something when it is looked at. Of several mounts with one name the first is taken; the others
/// go to `clashes`.
///
/// Threads  pure
std::vector<Chosen> choose(const std::vector<Mount>& mounts, const Selection& selection,
                           std::vector<Chosen>& clashes);

}  // namespace vital::df

// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/root.h"

namespace vital {

/// One line of the mount table.
struct Mount {
  std::string device;     // /dev/sda1, server:/export, tmpfs, or what else somebody called it
  std::string directory;  // as the host sees it, wherever its root is for us
  std::string type;       // ext4, nfs4, fuse.sshfs

  bool operator==(const Mount&) const noexcept = default;
};

/// Errors   malformed: cut short, or fewer than the four fields that every kernel prints
/// Threads  pure
/// Source   /proc/PID/mounts, see proc(5) and fstab(5)
Result<Mount> parse_mount(std::string_view line);

/// The number that the kernel gave to the mount that lies topmost at a directory, from the text of
/// mountinfo. While somebody waits for a mount nothing else gets its number.
///
/// Errors   absent: nothing is mounted there
/// Threads  pure
/// Source   /proc/PID/mountinfo, see proc(5)
Result<std::uint64_t> find_mount_number(std::string_view mountinfo, std::string_view directory);

/// All mounts of the host, in the order in which they were made. The table is read when it has
/// changed and at no other time: the kernel says so through the open file, and where the file is a
/// copy its text is compared.
///
/// In a container whose root for our files is not its own, the table of process 1 is the host's. If
/// that may not be read it is our own: those mounts that lie below the root.
///
/// Errors   as the file's, which is tried again each time
/// Threads  none of its own: its reader's
class MountTable {
 public:
  explicit MountTable(const Root& root);

  /// True: the table is new since the last call.
  Result<bool> refresh() noexcept;

  const std::vector<Mount>& mounts() const noexcept { return mounts_; }
  /// The first line of the table that could not be understood; empty: there is none.
  const std::string& malformed() const noexcept { return malformed_; }

  /// As find_mount_number(), at this moment. Allocates.
  Result<std::uint64_t> mount_number(std::string_view directory) const;

 private:
  void try_to_watch() noexcept;
  bool has_changed() const noexcept;
  Status reload();
  void parse(std::string_view text);
  bool bring_below_root(Mount& mount) const;

  const Root root_;
  const bool of_process_1_;
  KernelFile file_;
  Fd watched_;            // on procfs: says when the table changes
  bool is_copy_ = false;  // not on procfs
  bool read_ = false;
  std::string text_;
  std::vector<Mount> mounts_;
  std::string malformed_;
};

}  // namespace vital

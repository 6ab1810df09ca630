// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/time.h"
#include "pipeline/journal_record.h"

namespace vital::journal {

/// One segment's file.
struct SegmentFile {
  SegmentName name;
  std::uint64_t bytes = 0;
  Time changed;  // when it was last written to
};

/// How much of the disk a file of that size takes.
constexpr std::uint64_t on_disk(std::uint64_t bytes) noexcept { return (bytes + 4095) & ~4095ull; }
/// What the directory and the files that are no segments take.
constexpr std::uint64_t kOverhead = 4 * 4096;

/// The directory of one journal, which one process has for itself as long as this lives. Files that
/// are not a journal's are left alone.
///
/// Errors   limit: another process has it; the culprit says which
/// Threads  any
class Directory {
 public:
  /// Makes what is missing of the path.
  Status open(const std::string& path);
  void close() noexcept;
  bool is_open() const noexcept { return static_cast<bool>(lock_); }
  /// False: it was removed or replaced since.
  bool is_there() const noexcept;
  int fd() const noexcept { return fd_.get(); }

  /// All segments, oldest first.
  Result<std::vector<SegmentFile>> segments() const;
  Result<Fd> create(const SegmentName& name) const noexcept;
  Result<Fd> open(const SegmentName& name) const noexcept;
  /// Success also when it is gone already.
  Status remove(const SegmentName& name) const noexcept;
  /// Makes creations and removals last.
  Status sync() const noexcept;

 private:
  std::string path_;
  Fd fd_, lock_;
};

}  // namespace vital::journal

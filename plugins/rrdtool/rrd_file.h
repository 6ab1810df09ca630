// SPDX-License-Identifier: MIT
#pragma once
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/data_set.h"
#include "rrdtool/direct_update.h"

namespace vital::rrdtool {

/// The memory that updates need, kept from one to the next.
struct UpdateMemory {
  DirectUpdate direct;
  std::string text;                 // what librrd is given, where it has to do it
  std::vector<std::size_t> begins;  // of each line in text
  std::vector<const char*> lines;
};

/// One file of a series, and the only way by which values reach it. Knows nothing of caches.
///
/// Errors   malformed: it is none of librrd's files
///          refused: its data sources are not those of the type
///          too_old: it has newer values already
///          unsupported: it cannot be turned back
///          else the system's with its number, ENOENT when there is no file
/// Threads  one at a time for each file
class RrdFile {
 public:
  explicit RrdFile(std::string path) noexcept : path_{std::move(path)} {}
  const std::string& path() const noexcept { return path_; }

  /// Looks whether values of that type can go there. The time of its last update, in seconds.
  Result<std::int64_t> examine(const DataSet& type, UpdateMemory& memory) const noexcept;

  /// Writes records of a time in seconds (as a derive) and one value for each data source, in
  /// ascending order: straight where we know the file whole, else by librrd. After an error
  /// examine() tells how many of them are in the file.
  Status update(const DataSet& type, std::span<const Value> records, UpdateMemory& memory) noexcept;

  /// Makes it a file that was last updated at `time`, in seconds; what it has of later is gone.
  Status turn_back(std::int64_t time, UpdateMemory& memory) noexcept;

 private:
  Result<Librrd::LastUpdate> last_update(UpdateMemory& memory) const;
  Status update_by_librrd(const DataSet& type, std::span<const Value> records,
                          UpdateMemory& memory) const noexcept;

  std::string path_;
};

}  // namespace vital::rrdtool

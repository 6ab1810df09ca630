// SPDX-License-Identifier: MIT
#pragma once
#include <optional>
#include <span>
#include <string>

#include "base/fd.h"
#include "lib/librrd.h"
#include "lib/rrd_head.h"
#include "rrdtool/rrd_steps.h"

namespace vital::rrdtool {

/// Brings values into a file that is there already, as librrd does and at a fraction of its cost:
/// the head is read once, and what has changed is written, the rows first, so that nobody who is
/// killed in between leaves a row that was never written. Other programs are kept out as librrd
/// keeps them out, by a lock on the whole file. The memory is kept from one update to the next.
///
/// Errors   the system's, with its number: EAGAIN when another program has the file. Nothing of the
///          update counts then.
/// Threads  none of its own: whoever owns it serialises
class DirectUpdate {
 public:
  /// Records of a time in seconds (as a derive) and one value for each data source. False: the file
  /// or the values are not such that we know them whole, and nothing was changed: librrd must do
  /// it.
  Result<bool> update(const std::string& path, const DataSet& type,
                      std::span<const Value> records) noexcept;
  /// Makes the file one that was last updated at `time`, in seconds: what it has of later is gone.
  /// False: it is not such that we know it whole.
  Result<bool> turn_back(const std::string& path, std::int64_t time) noexcept;
  /// When the file was last updated, and how many data sources it has. Nothing: it is not such that
  /// we know it whole.
  Result<std::optional<Librrd::LastUpdate>> last_update(const Fd& file) noexcept;

 private:
  template <typename Change>
  Result<bool> change(const std::string& path, Change change) noexcept;
  Result<Fd> open(const std::string& path) noexcept;
  Result<bool> read_head(const Fd& file);
  bool add_all(const DataSet& type, std::span<const Value> records);
  Status write_rows(const Fd& file) noexcept;

  RrdHead head_;
  RrdSteps steps_;
  std::size_t size_ = 0;  // of the last head
  bool owner_ = true;     // of all files until now
};

}  // namespace vital::rrdtool

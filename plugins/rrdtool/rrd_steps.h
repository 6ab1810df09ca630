// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "lib/rrd_head.h"
#include "model/data_set.h"

namespace vital::rrdtool {

/// The rows that an archive gets, from one place on, in their order; round the end they go on at
/// its begin. Never more than the archive has.
struct NewRows {
  std::uint64_t first = 0;
  std::vector<double> values;  // by rows, one for each data source
};

/// What an update does to the head of a file and which rows it adds, number for number as librrd
/// 1.7 computes them on x86-64.
///
/// Threads  none of its own: whoever owns it serialises
/// Source   rrdcreate(1), "It's all in the ..." on steps, heartbeats and consolidation; each detail
///          is what librrd was seen to do
class RrdSteps {
 public:
  /// Begins an update of that file. False: these values need librrd.
  bool begin(RrdHead& head, const DataSet& type) noexcept;
  /// False: the record is one for librrd to refuse, and nothing was done with it.
  bool add(RrdHead& head, const DataSet& type, std::span<const Value> record);
  /// Makes the file one that was last updated at that time, in seconds: the rows behind it become
  /// unknown, and so does what was being gathered. Nothing, when its last update is older.
  void turn_back(RrdHead& head, std::int64_t time);
  /// Writes down the last value of each data source, as text.
  void end(RrdHead& head, const DataSet& type, std::span<const Value> record) noexcept;

  std::span<const NewRows> rows() const noexcept { return rows_; }

 private:
  struct Elapsed;

  void clear(const RrdHead& head);
  void take_values(RrdHead& head, const DataSet& type, std::span<const Value> record) noexcept;
  double taken(const HeadColumn& column, std::size_t index, Kind kind, Value value) noexcept;
  void gather(RrdHead& head) noexcept;
  void complete_first(RrdHead& head, const Elapsed& first);
  void complete(RrdHead& head, const Elapsed& elapsed);
  void finish_steps(RrdHead& head, const Elapsed& elapsed) noexcept;
  void consolidate(RrdHead& head, std::size_t archive, const Elapsed& elapsed);
  void add_rows(RrdHead& head, std::size_t archive, std::uint64_t count);
  void take_rows_back(RrdHead& head, std::size_t archive, std::uint64_t count);

  struct Last {
    std::uint64_t magnitude;
    bool negative, known;
  };
  std::vector<Last> last_;       // of each data source that is a total
  double interval_ = 0;          // s, since the last update
  std::vector<double> amounts_;  // since the last update: rate times seconds
  std::vector<double> others_;   // what is left of them for further steps
  std::vector<double> rates_;    // of the steps that are complete now
  std::vector<NewRows> rows_;    // of each archive
};

}  // namespace vital::rrdtool

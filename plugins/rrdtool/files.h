// SPDX-License-Identifier: MIT
#pragma once
#include <deque>
#include <string_view>
#include <unordered_map>

#include "model/series.h"
#include "pipeline/ledger.h"
#include "rrdtool/faults.h"
#include "rrdtool/rrd_file.h"

namespace vital::rrdtool {

/// What is known of one file, and the values that wait for it.
struct File {
  enum class State : std::uint8_t {
    unknown,  ///< not looked at yet
    absent,   ///< has to be made
    ready,
    resting,  ///< cannot be written; looked at again later
  };

  explicit File(std::string path) noexcept : rrd{std::move(path)} {}

  /// How many records wait: each is a time in seconds and one value for each data source.
  std::size_t waiting() const noexcept { return pending.size() / width(); }
  std::size_t width() const noexcept { return 1 + type->size(); }
  std::int64_t time_of(std::size_t record) const noexcept {
    return pending[record * width()].derive;
  }
  /// How many of them are not newer than that.
  std::size_t upto(std::int64_t time) const noexcept;
  void drop_front(std::size_t records) noexcept;

  RrdFile rrd;
  const DataSet* type = nullptr;  // nullptr: the place is free
  std::vector<Value> pending;
  std::int64_t newest = 0;  // seconds: of the last value that was taken, or that the file has
  Time first;               // of pending
  Steady since{};           // when the first of pending came
  Steady last_seen{};       // when the last value came
  Steady rests_until{};
  Steady stuck_since{};      // epoch: it is not
  Span interval{};           // of the first value
  Span variation{};          // of the time that values may wait
  std::uint64_t resets = 0;  // of the clock, until the last value came
  std::uint32_t stamp = 0;
  State state = State::unknown;
  std::uint8_t rests = 0;    // in a row
  Loss loss = Loss::failed;  // what becomes of values while it rests
  Faults::Mark fault = 0;
  bool due = false;        // to be written as soon as it can be; then it is in one of these places:
  bool queued = false;     // in the queue of those that are to be written
  bool in_setup = false;   // in the queue of those that are to be looked at, and made if need be
  bool in_making = false;  // with the thread that makes files
  bool kept = false;       // among those that were tried in vain
};

/// All files, found by their series or by its name. Their places do not move.
///
/// Threads  none of its own: whoever owns it serialises
class Files {
 public:
  explicit Files(std::string directory) noexcept : directory_{std::move(directory)} {}

  /// The series' file. nullptr: its path would be hidden, or climb out of the directory.
  File* of(const SeriesInfo& series);
  /// nullptr: no value of that name was seen for some time.
  File* find(std::string_view name) noexcept;
  template <typename Visit>
  void each(Visit&& visit) {
    for (File& file : files_)
      if (file.type != nullptr) visit(file);
  }
  void remove(File& file) noexcept;

 private:
  struct Ref {
    std::uint32_t place = kUnknown;
    std::uint32_t stamp = 0;
  };
  static constexpr std::uint32_t kUnknown = ~std::uint32_t{0};
  static constexpr std::uint32_t kRefused = kUnknown - 1;

  std::uint32_t make(const SeriesInfo& series, std::string path);
  std::string_view name_of(const File& file) const noexcept;

  const std::string directory_;
  std::deque<File> files_;
  std::vector<std::uint32_t> free_;
  PerSeries<Ref> refs_;
  std::unordered_map<std::string_view, std::uint32_t> by_name_;  // keys are parts of paths
};

}  // namespace vital::rrdtool

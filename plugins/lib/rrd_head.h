// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "lib/rrd_layout.h"

namespace vital::rrdtool {

/// What stands for a value that is not known; librrd's has this sign.
constexpr double kUnknown = -std::numeric_limits<double>::quiet_NaN();

/// A place of the head that holds a count or a number.
union Word {
  std::uint64_t count;
  double number;
};

/// Elsewhere numbers may be laid out in other ways, or products be added without being rounded.
#ifdef __x86_64__
constexpr bool kIsKnownMachine = sizeof(long) == 8;
#else
constexpr bool kIsKnownMachine = false;
#endif

/// The text in a field of fixed size, up to the first zero.
std::string_view text_of(std::span<const char> field) noexcept;

/// What a file's head says of one of its data sources, and what never changes of it.
struct HeadColumn {
  char name[20], kind[20];
  Word heartbeat, min, max, unused[7];
};

/// What it says of one of its archives.
struct HeadArchive {
  char consolidation[20];
  std::uint64_t rows, steps;
  Word xff, unused[9];
};

/// When the file was last written.
struct HeadTime {
  std::int64_t seconds, microseconds;
};

/// The step of a data source that is not complete yet.
struct HeadStep {
  char last[30];  // the value as it was given, ended and filled with zeros
  Word unknown_seconds, sum, unused[8];
};

/// The row of one data source in one archive that is not complete yet.
struct HeadRow {
  Word value, unknown_steps, unused[6];
  Word primary, secondary;  // as the first and all further rows of an update were written
};

/// The head of an RRD file of a layout that we know whole: version 0003 as a 64-bit machine with
/// its little end first writes it, each data source COUNTER, GAUGE, DERIVE or ABSOLUTE, each
/// archive AVERAGE, MIN, MAX or LAST. It stands in the file as in memory, and behind it the rows.
///
/// It is also known how librrd begins a file.
///
/// Threads  none of its own: whoever owns it serialises
/// Source   rrdcreate(1), rrddump(1), and files that librrd 1.7 wrote
class RrdHead {
 public:
  /// How many bytes are worth to be read at first: most heads have the size of the last one.
  std::span<std::byte> room(std::size_t size);
  /// How many bytes the head has, as its first bytes say. 0: it is none that we know.
  static std::size_t size_of(std::span<const std::byte> bytes) noexcept;
  /// Looks at what was read into room(). False: something of it is not known, or the file has not
  /// as many bytes as it should have.
  bool accept(std::uint64_t file_size);

  /// Makes it the head of a new file that begins at `start`, in seconds, with nothing but unknown
  /// rows. False: librrd would not make it so, or not at all.
  bool lay_out(const Layout& layout, std::int64_t start);

  std::uint64_t step() const noexcept;
  std::span<const HeadColumn> columns() const noexcept;
  std::span<const HeadArchive> archives() const noexcept;
  Consolidation consolidation(std::size_t archive) const noexcept { return kinds_[archive]; }

  HeadTime& time() noexcept;
  std::span<HeadStep> steps() noexcept;
  /// Those of one archive, one a data source.
  std::span<HeadRow> rows(std::size_t archive) noexcept;
  /// The number of the row that each archive has got last.
  std::span<std::uint64_t> places() noexcept;

  std::span<const std::byte> bytes() const noexcept;
  /// All that an update changes, and where in the file it stands.
  std::span<const std::byte> changing() const noexcept;
  std::size_t changing_at() const noexcept;
  /// How many bytes the head has; there the rows begin.
  std::size_t size() const noexcept;

 private:
  template <typename Item>
  std::span<Item> items(std::size_t at, std::size_t count) const noexcept;

  std::vector<Word> memory_;
  std::vector<Consolidation> kinds_;
  std::size_t columns_ = 0, archives_ = 0;
};

}  // namespace vital::rrdtool

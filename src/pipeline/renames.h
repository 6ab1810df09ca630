// SPDX-License-Identifier: MIT
#pragma once
#include "model/series.h"

namespace vital {

/// Remembers what each series is called after a change of its name, so that names are built once
/// and not for each value. What was not asked for between two calls of forget() goes, for the new
/// names are kept alive by what remembers them.
///
/// Errors   those of `make`, and of naming the series
/// Threads  none of its own: whoever owns it serialises
class Renames {
 public:
  explicit Renames(SeriesTable& table) noexcept : table_{table} {}

  /// The series that `series` becomes; `make` writes the new names into the identifier it is given,
  /// whose views must be good until it is called again.
  template <typename Make>
  Result<SeriesInfo*> of(const SeriesInfo& series, Make&& make) {
    Entry& entry = entries_[series];
    entry.used = true;
    if (!entry.to || entry.to->retired()) {
      Identifier identifier = series.identifier();
      make(identifier);
      auto renamed = table_.intern(identifier, series.type(), series.labels());
      if (!renamed) return renamed.error();
      entry.to = std::move(*renamed);
    }
    return entry.to.get();
  }

  void forget(bool all) noexcept {
    if (all) return entries_.clear();
    entries_.each([](Entry& entry) {
      if (!std::exchange(entry.used, false)) entry.to = Series{};
    });
  }

 private:
  struct Entry {
    Series to;
    bool used = false;
  };

  SeriesTable& table_;
  PerSeries<Entry> entries_;
};

}  // namespace vital

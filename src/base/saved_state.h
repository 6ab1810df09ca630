// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace vital {

/// A part of the daemon that knows something worth keeping over a restart.
///
/// Threads  save() any, while the part works; restore() before it does
class StatePart {
 public:
  virtual ~StatePart() = default;
  /// Names its section of the file. What a newer version would not understand gets another name.
  virtual std::string_view state_name() const noexcept = 0;
  virtual std::string save() = 0;
  /// False: not understood; the part begins with nothing.
  virtual bool restore(std::string bytes) = 0;
};

/// What parts have saved, in one file: named sections behind a head with a version, and a checksum
/// of all of it. It is taken whole or not at all.
struct SavedState {
  struct Section {
    std::string name, bytes;
    bool operator==(const Section&) const noexcept = default;
  };
  std::vector<Section> sections;

  std::string encode() const;
  /// Errors  malformed: not such a file, cut short or damaged; unknown: of a later version
  static Result<SavedState> decode(std::string_view bytes);

  /// Writes it beside the old file, and puts it in its place when it is on disk.
  Status write(const std::string& path) const;
  /// Errors  absent: there is none; those of decode(), and the system's
  static Result<SavedState> read(const std::string& path);
};

}  // namespace vital

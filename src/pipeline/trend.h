// SPDX-License-Identifier: MIT
#pragma once
#include <array>
#include <optional>

#include "base/time.h"

namespace vital {

/// Where a value is going: the straight line that fits best to what it was during a window, by
/// least squares. Takes a few hundred bytes however many values there are, for neighbours in time
/// share sums.
///
/// Units    slope: per second
/// Threads  a plain value
class Trend {
 public:
  struct Line {
    double value;  // on the line, at the time of the last value
    double slope;
  };

  explicit Trend(Span window) noexcept;

  void add(Time time, double value) noexcept;
  /// Nothing: the values do not cover half of the window yet.
  std::optional<Line> line() const noexcept;

 private:
  static constexpr std::size_t kPieces = 16;
  /// Sums over a piece of the window; times count from its begin, values from base_.
  struct Piece {
    Time begin;  // Time{}: free
    double n = 0, t = 0, v = 0, tt = 0, tv = 0;
  };

  Piece& piece_of(Time time) noexcept;

  Span window_, length_;  // of the whole, of one piece
  std::array<Piece, kPieces> pieces_{};
  std::size_t newest_ = 0;
  double base_ = 0;
  Time last_;
};

}  // namespace vital

// SPDX-License-Identifier: MIT
#include "pipeline/trend.h"

#include <algorithm>

namespace vital {

Trend::Trend(Span window) noexcept
    : window_{window}, length_{std::max(Span{1}, window / std::int64_t{kPieces - 1})} {}

Trend::Piece& Trend::piece_of(Time time) noexcept {
  if (pieces_[newest_].begin == Time{} || time - pieces_[newest_].begin >= length_) {
    newest_ = (newest_ + 1) % kPieces;
    pieces_[newest_] = {.begin = time};
  }
  return pieces_[newest_];
}

void Trend::add(Time time, double value) noexcept {
  if (last_ == Time{}) base_ = value;
  Piece& piece = piece_of(time);
  const double t = seconds(time - piece.begin), v = value - base_;
  piece.n += 1;
  piece.t += t;
  piece.v += v;
  piece.tt += t * t;
  piece.tv += t * v;
  last_ = time;
}

std::optional<Trend::Line> Trend::line() const noexcept {
  double n = 0, t = 0, v = 0, tt = 0, tv = 0;
  Time first = last_;
  for (const Piece& piece : pieces_) {
    if (piece.begin == Time{} || last_ - piece.begin > window_) continue;
    first = std::min(first, piece.begin);
    const double shift = seconds(piece.begin - last_);
    n += piece.n;
    t += piece.t + piece.n * shift;
    v += piece.v;
    tt += piece.tt + 2 * shift * piece.t + piece.n * shift * shift;
    tv += piece.tv + shift * piece.v;
  }
  const double spread = n * tt - t * t;
  if ((last_ - first) * 2 < window_ || !(spread > 0)) return std::nullopt;
  const double slope = (n * tv - t * v) / spread;
  return Line{.value = base_ + (v - slope * t) / n, .slope = slope};
}

}  // namespace vital

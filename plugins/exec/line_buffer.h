// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace vital::exec {

/// Cuts what a program prints into lines. Memory is bounded: a line longer than kLongest is left
/// out, up to its end, and counted.
///
/// Threads  none of its own: whoever owns it serialises
class LineBuffer {
 public:
  static constexpr std::size_t kLongest = std::size_t{64} << 10;

  /// Where to put what comes next; never empty. Then say how much of it was used.
  std::span<char> room();
  void filled(std::size_t bytes) noexcept { end_ += bytes; }

  /// The next whole line, without its line feed and one carriage return before it. It may be
  /// changed, and lasts until the next room().
  bool next(std::span<char>& line) noexcept;
  /// The last line, when there will be no more: one without a line feed.
  bool rest(std::span<char>& line) noexcept;

  std::uint64_t too_long() const noexcept { return too_long_; }
  void clear() noexcept { begin_ = end_ = looked_ = 0, skipping_ = false; }

 private:
  static constexpr std::size_t kFirst = 4096;

  std::vector<char> bytes_;
  std::size_t begin_ = 0, end_ = 0;  // what has not been given out
  std::size_t looked_ = 0;           // up to here there is no line feed
  bool skipping_ = false;            // in a line that is too long
  std::uint64_t too_long_ = 0;
};

}  // namespace vital::exec

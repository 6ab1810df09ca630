// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <string_view>

#include "base/numbers.h"

namespace vital {

/// The lines of a text, one after the other, each with its line feed. What stands behind the last
/// line feed is an unfinished line: it is not given out, for a number may have been cut in two.
///
/// Threads  a plain value over bytes that must outlive it
class Lines {
 public:
  explicit Lines(std::string_view text) noexcept : rest_{text} {}

  bool next(std::string_view& line) noexcept {
    const auto end = rest_.find('\n');
    if (end == std::string_view::npos) return false;
    line = rest_.substr(0, end + 1);
    rest_.remove_prefix(end + 1);
    return true;
  }
  /// True when bytes are left that are no finished line.
  bool truncated() const noexcept {
    return !rest_.empty() && rest_.find('\n') == std::string_view::npos;
  }
  std::string_view rest() const noexcept { return rest_; }

 private:
  std::string_view rest_;
};

/// The fields of one line, separated by blanks and TABs. A line that does not end in a line feed
/// is unfinished and has no fields. Only the first line of the text is looked at.
///
/// Errors   next() is false when there is no further field or it is not wholly a number of that
///          kind; the field is then not consumed
class Fields {
 public:
  explicit Fields(std::string_view line) noexcept {
    const auto end = line.find('\n');
    if (end != std::string_view::npos) rest_ = line.substr(0, end);
  }

  bool next(std::string_view& field) noexcept {
    const std::string_view found = peek();
    if (found.empty()) return false;
    field = found;
    consume(found);
    return true;
  }

  template <typename Number>
  requires std::is_arithmetic_v<Number>
  bool next(Number& value) noexcept {
    const std::string_view found = peek();
    if (!parse_whole(found, value)) return false;
    consume(found);
    return true;
  }

  bool skip(int count) noexcept {
    std::string_view ignored;
    for (; count > 0; --count)
      if (!next(ignored)) return false;
    return true;
  }
  bool at_end() const noexcept { return peek().empty(); }
  /// All that is left of the line, without leading blanks.
  std::string_view rest() const noexcept {
    const auto first = rest_.find_first_not_of(kBlanks);
    return first == std::string_view::npos ? std::string_view{} : rest_.substr(first);
  }

 private:
  static constexpr std::string_view kBlanks = " \t";

  std::string_view peek() const noexcept {
    const std::string_view found = rest();
    const auto end = found.find_first_of(kBlanks);
    return end == std::string_view::npos ? found : found.substr(0, end);
  }
  void consume(std::string_view field) noexcept {
    rest_ = std::string_view{
        field.data() + field.size(),
        static_cast<std::size_t>(rest_.data() + rest_.size() - (field.data() + field.size()))};
  }

  std::string_view rest_;
};

}  // namespace vital

// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/text.h"

namespace vital {

/// One line of an answer on the control socket: a word or two, then KEY=VALUE, in quotes where a
/// value has blanks.
///
/// Threads  a plain value
class ReplyLine {
 public:
  explicit ReplyLine(std::string_view kind) : text_{kind} {}
  ReplyLine(std::string_view kind, std::string_view name) : text_{kind} {
    text_.append(" ").append(name);
  }

  ReplyLine& add(std::string_view key, std::string_view value) {
    text_.append(" ").append(key).append("=");
    if (!value.empty() && value.find_first_of(" \t\"\\") == std::string_view::npos) {
      text_ += value;
      return *this;
    }
    text_ += '"';
    for (const char c : value) {
      if (c == '"' || c == '\\') text_ += '\\';
      text_ += c == '\n' ? ' ' : c;
    }
    text_ += '"';
    return *this;
  }
  ReplyLine& add(std::string_view key, std::uint64_t value) {
    return add(key, std::to_string(value));
  }
  ReplyLine& add(std::string_view key, double value) {
    Text<64> number;
    return add(key, number.add_fixed(value, 3).view());
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace vital

// SPDX-License-Identifier: MIT
#pragma once
#include <regex.h>

#include <memory>
#include <string>
#include <string_view>

namespace vital::processes {

/// A POSIX extended regular expression, compiled.
///
/// Errors   the constructor throws std::logic_error where complaint() has something to say
/// Threads  constant; any
class Expression {
 public:
  explicit Expression(const std::string& text);

  /// What is wrong with the text of an expression; empty: nothing.
  static std::string complaint(const std::string& text);

  /// Whether it matches some part of the text.
  bool matches(std::string_view text) const noexcept;

 private:
  struct Free {
    void operator()(regex_t* compiled) const noexcept {
      ::regfree(compiled);
      std::default_delete<regex_t>{}(compiled);
    }
  };

  std::unique_ptr<regex_t, Free> compiled_;
};

}  // namespace vital::processes

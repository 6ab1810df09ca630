// SPDX-License-Identifier: MIT
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "config/problem.h"

namespace vital {

/// A word of the configuration language.
struct Token {
  enum class Kind : std::uint8_t {
    end_of_file,
    end_of_line,
    open,      // <
    close,     // >
    slash,     // /
    boolean,   // true yes on false no off, in lower case
    number,    // 10 -1.5 0x1F 1.5e+3
    quoted,    // "..."
    unquoted,  // letters, digits and underscores; also an address: 10.0.0.1:80, [::1]:53
  };

  Kind kind = Kind::end_of_file;
  std::string text;   // what stands there, of a quoted string what it means
  double number = 0;  // of a number
  Position position;
};

/// Cuts a configuration into tokens: the longest match wins, and of equally long ones the earlier
/// in the list above.
///
/// Errors   a character that begins no token is skipped, and reported as a warning, as is a byte
///          order mark
/// Threads  a plain value
/// Source   the token rules of collectd.conf(5)
class Lexer {
 public:
  Lexer(std::shared_ptr<const Source> source, Problems& problems);
  Token next();

 private:
  struct Match {
    Token::Kind kind;
    std::size_t size;
  };

  bool skip_ignored();
  Match longest() const;
  Token take(Match match);
  void complain_of_stray();
  Position here(std::size_t size) const;
  void advance(std::size_t size);
  std::string_view rest() const noexcept { return std::string_view{source_->text}.substr(at_); }

  std::shared_ptr<const Source> source_;
  Problems& problems_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 1;
  std::size_t line_start_ = 0;
};

}  // namespace vital

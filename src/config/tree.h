// SPDX-License-Identifier: MIT
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/lexer.h"

namespace vital {

/// One argument of an option or block.
struct Argument {
  enum class Kind : std::uint8_t { string, number, boolean };

  Kind kind = Kind::string;
  std::string text;      // of a number and a boolean as they were written
  double number = 0;     // of a number
  bool boolean = false;  // of a boolean
  Position position;

  bool operator==(const Argument& other) const noexcept {
    return kind == other.kind && text == other.text;
  }
};

/// `Key argument ...`, or `<Key argument ...> children </Key>`.
struct Statement {
  std::string key;
  std::vector<Argument> arguments;
  std::vector<Statement> children;
  bool block = false;
  Position position;  // of the key

  bool is(std::string_view name) const noexcept;
  /// The same words, wherever they stand.
  bool operator==(const Statement& other) const noexcept;
};

/// Parses one file, Include statements left as they are. Goes on behind each mistake, so that all
/// of them are found.
///
/// Errors  what collectd's parser refuses is fatal in `problems`
std::vector<Statement> parse(std::shared_ptr<const Source> source, Problems& problems);

/// Parses a file and all that it includes. The path undergoes word expansion, as in an Include.
///
/// Errors  fatal in `problems`: the file cannot be read; what parse() finds; Include too deep
std::vector<Statement> load_config(const std::string& path, Problems& problems);
/// The same for a text; relative includes start in the working directory.
std::vector<Statement> load_config_text(std::string path, std::string text, Problems& problems);

}  // namespace vital

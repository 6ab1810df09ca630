// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace vital {

/// A configuration file, or a text that stands for one.
struct Source {
  std::string path;
  std::string text;

  /// The text of a line, counted from 1, without its line end.
  std::string_view line(std::uint32_t number) const noexcept;
};

/// A place in a source. Lines and columns count from 1, columns in bytes; line 0 means the source
/// as a whole.
struct Position {
  std::shared_ptr<const Source> source;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::uint32_t length = 1;  // bytes, for the underline; at most to the end of the line

  /// "FILE:LINE:COLUMN", or less where less is known.
  std::string text() const;
};

/// What a mistake costs.
enum class Gravity : std::uint8_t {
  warning,  ///< the daemon starts; something is not as the author meant it
  error,    ///< the daemon starts without that plugin or option
  fatal,    ///< the daemon does not start; on a reload the old configuration goes on
};

/// One mistake in a configuration.
struct Problem {
  Gravity gravity = Gravity::warning;
  Position position;
  std::string what;
  std::string hint;  // what was probably meant, what to do; may be empty

  /// "FILE:LINE:COLUMN: error: WHAT; HINT" and below it the source line with the place underlined.
  std::string text() const;
  /// The same on one line, for the log.
  std::string log_line() const;
};

/// All mistakes of a configuration, in the order in which they were found.
///
/// Threads  a plain value
class Problems {
 public:
  void add(Gravity gravity, Position position, std::string what, std::string hint = {});
  void warning(const Position& position, std::string what, std::string hint = {}) {
    add(Gravity::warning, position, std::move(what), std::move(hint));
  }
  void error(const Position& position, std::string what, std::string hint = {}) {
    add(Gravity::error, position, std::move(what), std::move(hint));
  }
  void fatal(const Position& position, std::string what, std::string hint = {}) {
    add(Gravity::fatal, position, std::move(what), std::move(hint));
  }

  bool empty() const noexcept { return all_.empty(); }
  bool any_fatal() const noexcept;
  std::size_t size() const noexcept { return all_.size(); }
  auto begin() const noexcept { return all_.begin(); }
  auto end() const noexcept { return all_.end(); }

 private:
  std::vector<Problem> all_;
};

/// A mistake that code deep in a plugin's set-up found in its options.
class ConfigError : public std::runtime_error {
 public:
  ConfigError(Position position, const std::string& what, std::string hint = {});
  ~ConfigError() override;
  const Position& position() const noexcept { return position_; }
  const std::string& hint() const noexcept { return hint_; }

 private:
  Position position_;
  std::string hint_;
};

/// "did you mean X?", or nothing when nothing is near.
std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace vital

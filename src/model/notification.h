// SPDX-License-Identifier: MIT
#pragma once
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "model/identifier.h"
#include "model/meta.h"

namespace vital {

/// The codes are those of collectd's protocols.
enum class Level : std::uint8_t { failure = 1, warning = 2, okay = 4 };

/// "FAILURE", "WARNING", "OKAY".
std::string_view name_of(Level level) noexcept;
/// In any case.
Result<Level> parse_level(std::string_view text) noexcept;

/// An event that somebody should hear of: a bound was crossed, a value is missing.
///
/// Threads  a plain value
struct Notification {
  static constexpr std::size_t kLongestMessage = 255;

  Level level = Level::failure;
  Time time;
  std::string message;  // at most kLongestMessage bytes; see set_message()
  std::string host, plugin, plugin_instance, type, type_instance;  // any may be empty
  Meta meta;

  /// Cuts what is too long, as collectd's peers expect.
  void set_message(std::string_view text) { message = text.substr(0, kLongestMessage); }
  /// What it takes in memory, about.
  std::size_t bytes() const noexcept;
};

/// "Notification: severity = WARNING, host = h, message = ...": one line, as log plugins print it.
std::string log_line(const Notification& notification);

}  // namespace vital

// SPDX-License-Identifier: MIT
#pragma once
#include <span>
#include <string_view>

#include "model/put.h"

namespace vital::exec {

/// Where the commands of a program go.
class Receiver {
 public:
  virtual ~Receiver() = default;
  /// What the last PUTVAL said.
  virtual void values(const PutvalParser& values) = 0;
  virtual void notification(Notification notification) = 0;
  /// A line that is no command, or a wrong one. It may have been changed.
  virtual void wrong(std::string_view line, std::string_view why) = 0;
};

/// Understands the lines that a program prints: PUTVAL and PUTNOTIF commands. Empty lines and
/// those that begin with '#' mean nothing.
///
/// Threads  none of its own: whoever owns it serialises
/// Source   collectd-exec(5)
class Commands {
 public:
  explicit Commands(const Types& types) noexcept : putval_{types} {}
  /// `line` is changed.
  void take(std::span<char> line, Time now, Receiver& receiver);

 private:
  PutvalParser putval_;
};

}  // namespace vital::exec

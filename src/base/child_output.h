// SPDX-License-Identifier: MIT
#pragma once
#include <string>

#include "base/log.h"

namespace vital {

/// Puts what a child process says on its standard error into the log, line by line. A flood is cut
/// off and counted, a long line is cut, and half a line waits for its end.
///
/// Threads  none of its own: whoever owns it serialises
class ChildOutput {
 public:
  static constexpr std::size_t kLongestLine = 900;
  static constexpr unsigned kMostLines = 50;  // in a minute

  explicit ChildOutput(Log log) : log_{std::move(log)} {}

  /// Takes what there is to read. False: there will be no more.
  bool drain(int fd, Steady now);
  /// The child has ended: what it said last counts as a line.
  void end(Steady now);
  void take(std::string_view text, Steady now);

 private:
  void say(std::string_view line, Steady now);
  void new_minute(Steady now);

  const Log log_;
  std::string line_;
  Steady minute_{};
  unsigned said_ = 0;
  std::uint64_t left_out_ = 0;
};

}  // namespace vital

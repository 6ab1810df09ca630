// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/time.h"

namespace vital {

/// How the head of the answer to ALERTS ends where nothing can fire.
constexpr std::string_view kNoThresholds = "there are no thresholds";

/// A daemon's answer to one command.
struct ControlReply {
  int status = 0;       // negative: refused; else how many lines follow
  std::string message;  // of the first line, behind the status
  std::vector<std::string> lines;
};

/// The client's side of the text protocol, for vitald and for collectd alike.
///
/// Threads  none of its own
class ControlClient {
 public:
  /// All that is asked and answered must be done before `deadline`.
  ///
  /// Errors  what the system says of the path; timed_out
  static Result<ControlClient> connect(const std::string& path, Steady deadline = Steady::max());

  /// Sends one command and waits for its answer.
  ///
  /// Errors  temporary: the connection broke; malformed: the answer has no status; timed_out
  Result<ControlReply> request(std::string_view command);

 private:
  ControlClient(Fd fd, Steady deadline) noexcept : fd_{std::move(fd)}, deadline_{deadline} {}
  Status wait(short events) const noexcept;
  Result<std::string> read_line();

  Fd fd_;
  Steady deadline_;
  std::string buffer_;
};

/// The places where the daemon's own socket may be, the likeliest first.
std::vector<std::string> usual_sockets(const std::string& run_dir, const std::string& state_dir);

}  // namespace vital

// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"

namespace vital {

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
  /// Errors  what the system says of the path
  static Result<ControlClient> connect(const std::string& path);

  /// Sends one command and waits for its answer.
  ///
  /// Errors  temporary: the connection broke; malformed: the answer has no status
  Result<ControlReply> request(std::string_view command);

 private:
  explicit ControlClient(Fd fd) noexcept : fd_{std::move(fd)} {}
  Result<std::string> read_line();

  Fd fd_;
  std::string buffer_;
};

/// The places where the daemon's own socket may be, the likeliest first.
std::vector<std::string> usual_sockets(const std::string& run_dir, const std::string& state_dir);

}  // namespace vital

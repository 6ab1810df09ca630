// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/time.h"

namespace vital {

/// One message on the pipe between the daemon and a child process: what it is, and its bytes.
struct Frame {
  static constexpr std::size_t kHeadBytes = 5;  // length of the body, kind
  static constexpr std::size_t kLongestBody = std::size_t{16} << 20;

  std::uint8_t kind = 0;
  std::string_view body;
};

/// Cuts a stream of bytes into frames. Trusts nothing.
///
/// Threads  none of its own: whoever owns it serialises
class FrameCutter {
 public:
  enum class Outcome : std::uint8_t { frame, more, malformed };

  /// Where the next bytes of the stream go; arrived() says how many came.
  std::span<char> room();
  void arrived(std::size_t count) noexcept { end_ += count; }
  /// malformed: a body is longer than any may be, and what follows makes no sense. A frame's body
  /// is good until room() is called.
  Outcome next(Frame& frame) noexcept;
  void clear() noexcept { first_ = end_ = 0; }

 private:
  std::vector<char> bytes_;
  std::size_t first_ = 0, end_ = 0;
};

/// The sending and receiving end of a connected stream socket that carries frames. What does not
/// fit into the socket waits here for the other side to take it: that is all the buffer there is.
///
/// Threads  send() any; receive() one
class FramePipe {
 public:
  FramePipe() noexcept = default;
  /// Takes the socket, which need not be non-blocking.
  explicit FramePipe(Fd socket) noexcept;
  /// A connected pair, close-on-exec.
  static Result<std::pair<Fd, Fd>> make_pair();

  int fd() const noexcept { return socket_.get(); }

  /// Errors  timed_out: the other side takes nothing; the frame may be cut, and nothing more can be
  ///         sent. too_long: nothing was sent. Else the system's: the other side is gone
  Status send(const Frame& frame, Steady deadline) noexcept;

  /// Takes what there is to read: so many bytes, none if it has to be waited for.
  ///
  /// Errors  absent: the other side is gone
  Result<std::size_t> receive(FrameCutter& cutter);

 private:
  Status send_all(std::string_view head, std::string_view body, Steady deadline) noexcept;

  Fd socket_;
};

}  // namespace vital

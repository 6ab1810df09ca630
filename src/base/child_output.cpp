// SPDX-License-Identifier: MIT
#include "base/child_output.h"

#include <unistd.h>

#include <cerrno>
#include <utility>

namespace vital {

bool ChildOutput::drain(int fd, Steady now) {
  constexpr int kMostReads = 16;  // at a time: others want to be served as well
  char buffer[4096];
  for (int i = 0; i < kMostReads; ++i) {
    const ssize_t count = ::read(fd, buffer, sizeof buffer);
    if (count == 0) return false;
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    take({buffer, static_cast<std::size_t>(count)}, now);
  }
  return true;
}

void ChildOutput::take(std::string_view text, Steady now) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    const std::string_view piece = text.substr(0, end);
    if (line_.size() < kLongestLine) line_.append(piece.substr(0, kLongestLine - line_.size()));
    if (end == std::string_view::npos) return;
    say(std::exchange(line_, {}), now);
    text.remove_prefix(end + 1);
  }
}

void ChildOutput::end(Steady now) {
  if (!line_.empty()) say(std::exchange(line_, {}), now);
  new_minute(now);
}

void ChildOutput::say(std::string_view line, Steady now) {
  if (line.empty()) return;
  if (now - minute_ >= std::chrono::minutes{1}) new_minute(now);
  if (said_ == kMostLines) {
    ++left_out_;
    return;
  }
  ++said_;
  log_.notice("says: ", line);
}

void ChildOutput::new_minute(Steady now) {
  if (left_out_ != 0) log_.notice("said ", std::exchange(left_out_, 0), " lines more");
  minute_ = now;
  said_ = 0;
}

}  // namespace vital

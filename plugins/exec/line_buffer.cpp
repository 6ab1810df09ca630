// SPDX-License-Identifier: MIT
#include "exec/line_buffer.h"

#include <algorithm>
#include <cstring>

namespace vital::exec {

std::span<char> LineBuffer::room() {
  if (begin_ != 0) {
    std::memmove(bytes_.data(), bytes_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    looked_ -= begin_;
    begin_ = 0;
  }
  if (end_ > kLongest) {  // longer than any line may be, and no end in sight
    if (!skipping_) ++too_long_;
    skipping_ = true;
    end_ = looked_ = 0;
  }
  if (end_ == bytes_.size()) bytes_.resize(std::clamp(2 * end_, kFirst, 2 * kLongest));
  return std::span{bytes_}.subspan(end_);
}

bool LineBuffer::next(std::span<char>& line) noexcept {
  while (looked_ < end_) {
    const auto* const feed =
        static_cast<const char*>(std::memchr(bytes_.data() + looked_, '\n', end_ - looked_));
    if (feed == nullptr) {
      looked_ = end_;
      return false;
    }
    const auto at = static_cast<std::size_t>(feed - bytes_.data());
    line = std::span{bytes_}.subspan(begin_, at - begin_);
    begin_ = looked_ = at + 1;
    if (skipping_) {
      skipping_ = false;
      continue;
    }
    if (line.size() > kLongest) {
      ++too_long_;
      continue;
    }
    if (!line.empty() && line.back() == '\r') line = line.first(line.size() - 1);
    return true;
  }
  return false;
}

bool LineBuffer::rest(std::span<char>& line) noexcept {
  line = std::span{bytes_}.subspan(begin_, end_ - begin_);
  const bool any = !line.empty() && !skipping_ && line.size() <= kLongest;
  clear();
  return any;
}

}  // namespace vital::exec

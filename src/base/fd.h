// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace vital {

/// Owns a file descriptor and closes it.
class Fd {
 public:
  Fd() noexcept = default;
  explicit Fd(int number) noexcept : number_{number} {}
  Fd(Fd&& other) noexcept : number_{std::exchange(other.number_, -1)} {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) reset(std::exchange(other.number_, -1));
    return *this;
  }
  ~Fd() { reset(); }

  int get() const noexcept { return number_; }
  explicit operator bool() const noexcept { return number_ >= 0; }
  void reset(int number = -1) noexcept;
  int release() noexcept { return std::exchange(number_, -1); }

 private:
  int number_ = -1;
};

/// open(2) with O_CLOEXEC, taken up again when a signal interrupts it.
Result<Fd> open_file(const char* path, int flags, unsigned mode = 0) noexcept;

/// Writes all of `bytes` to a blocking descriptor.
Status write_all(int fd, std::string_view bytes) noexcept;

/// The whole of a file. For start-up and configuration, not for a tick: it allocates.
///
/// Errors  too_long: the file is larger than `limit` bytes
Result<std::string> read_file(const std::string& path, std::size_t limit = std::size_t{64} << 20);

}  // namespace vital

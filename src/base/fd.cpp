// SPDX-License-Identifier: MIT
#include "base/fd.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace vital {

void Fd::reset(int number) noexcept {
  if (number_ >= 0) ::close(number_);
  number_ = number;
}

Result<Fd> open_file(const char* path, int flags, unsigned mode) noexcept {
  while (true) {
    Fd fd{::open(path, flags | O_CLOEXEC, mode)};
    if (fd) return fd;
    if (errno != EINTR) return Error::system(path);
  }
}

Status write_all(int fd, std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written >= 0)
      bytes.remove_prefix(static_cast<std::size_t>(written));
    else if (errno != EINTR)
      return Error::system("write");
  }
  return {};
}

Result<std::string> read_file(const std::string& path, std::size_t limit) {
  auto fd = open_file(path.c_str(), O_RDONLY);
  if (!fd) return fd.error();
  std::string text;
  while (true) {
    constexpr std::size_t kChunk = 16384;
    const std::size_t size = text.size();
    if (size > limit) return Error{Errc::too_long, path};
    text.resize(size + kChunk);
    const ssize_t count = ::read(fd->get(), text.data() + size, kChunk);
    if (count < 0 && errno != EINTR) return Error::system(path);
    text.resize(size + static_cast<std::size_t>(count > 0 ? count : 0));
    if (count == 0) return text;
  }
}

}  // namespace vital

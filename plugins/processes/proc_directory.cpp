// SPDX-License-Identifier: MIT
#include "processes/proc_directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "base/numbers.h"

namespace vital::processes {
namespace {

// An open file of procfs holds a page of the kernel's memory: 1024 of them some 6 MB.
constexpr std::size_t kMostKept = 1024;
constexpr std::size_t kReserve = 64;
constexpr std::size_t kEntriesBuffer = 32768;

/// A process that has ended while its file was open, or opened, is absent like one that never was.
Error error_of(std::string_view path) noexcept {
  return errno == ESRCH ? Error{Errc::absent, path, ESRCH} : Error::system(path);
}

Result<std::size_t> read_at(int fd, std::span<char> room, off_t offset,
                            std::string_view path) noexcept {
  while (true) {
    const ssize_t count = ::pread(fd, room.data(), room.size(), offset);
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) return error_of(path);
  }
}

Text<64> path_of(int pid, std::string_view name) noexcept {
  Text<64> path;
  path.add(pid).add('/').add(name);
  return path;
}

}  // namespace

void KeptFile::close() noexcept {
  fd_.reset();
  if (budget_ != nullptr) ++*budget_;
  budget_ = nullptr;
}

ProcDirectory::ProcDirectory(std::string path, std::size_t most_kept)
    : path_{std::move(path)}, budget_{most_kept}, entries_(kEntriesBuffer) {}

std::size_t ProcDirectory::fair_share() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  const std::size_t half = limit.rlim_cur / 2;
  return half <= kReserve ? 0 : std::min(half - kReserve, kMostKept);
}

Status ProcDirectory::open_directory() noexcept {
  if (directory_) return {};
  auto fd = open_file(path_.c_str(), O_RDONLY | O_DIRECTORY);
  if (!fd) return fd.error();
  struct statfs fs {};
  kernel_made_ = ::fstatfs(fd->get(), &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
  directory_ = std::move(*fd);
  return {};
}

Result<Fd> ProcDirectory::open(Path& path, int flags) const noexcept {
  while (true) {
    Fd fd{::openat(directory_.get(), path.c_str(), O_RDONLY | O_CLOEXEC | flags)};
    if (fd) return fd;
    if (errno != EINTR) return error_of(path.view());
  }
}

Status ProcDirectory::list(std::vector<int>& pids) noexcept {
  if (auto status = open_directory(); !status) return status;
  if (::lseek(directory_.get(), 0, SEEK_SET) != 0) return Error::system(path_);
  if (auto status = numbers_in(directory_.get(), pids); !status) {
    directory_.reset();
    return status;
  }
  if (!std::is_sorted(pids.begin(), pids.end())) std::sort(pids.begin(), pids.end());
  return {};
}

Status ProcDirectory::list(int pid, std::string_view name, std::vector<int>& numbers) noexcept {
  Path path = path_of(pid, name);
  const auto fd = open(path, O_DIRECTORY);
  if (!fd) return fd.error();
  return numbers_in(fd->get(), numbers);
}

Status ProcDirectory::numbers_in(int fd, std::vector<int>& numbers) noexcept {
  numbers.clear();
  while (true) {
    const ssize_t size = ::getdents64(fd, entries_.data(), entries_.size());
    if (size < 0) return error_of(path_);
    if (size == 0) return {};
    for (std::size_t at = 0; at < static_cast<std::size_t>(size);) {
      unsigned short length = 0;
      std::memcpy(&length, entries_.data() + at + offsetof(dirent64, d_reclen), sizeof length);
      int number = 0;
      if (parse_whole(std::string_view{entries_.data() + at + offsetof(dirent64, d_name)}, number))
        numbers.push_back(number);
      at += length;
    }
  }
}

Result<std::string_view> ProcDirectory::read(int pid, std::string_view name,
                                             std::span<char> room) noexcept {
  Path path = path_of(pid, name);
  const auto fd = open(path, 0);
  if (!fd) return fd.error();
  const auto count = read_at(fd->get(), room, 0, path.view());
  if (!count) return count.error();
  return std::string_view{room.data(), *count};
}

Result<std::string_view> ProcDirectory::read(KeptFile& file, int pid, std::string_view name,
                                             std::span<char> room) noexcept {
  if (file.fd_) {
    const auto count = read_at(file.fd_.get(), room, 0, name);
    if (count) return std::string_view{room.data(), *count};
    file.close();
    if (count.error().number() != ESRCH) return count.error();
  }
  if (budget_ == 0 || !kernel_made_) return read(pid, name, room);
  Path path = path_of(pid, name);
  auto fd = open(path, 0);
  if (!fd) return fd.error();
  const auto count = read_at(fd->get(), room, 0, path.view());
  if (!count) return count.error();
  file.fd_ = std::move(*fd);
  file.budget_ = &budget_;
  --budget_;
  return std::string_view{room.data(), *count};
}

Result<std::size_t> ProcDirectory::count_lines(int pid, std::string_view name,
                                               std::span<char> room) noexcept {
  Path path = path_of(pid, name);
  const auto fd = open(path, 0);
  if (!fd) return fd.error();
  std::size_t lines = 0;
  for (off_t offset = 0;;) {
    const auto count = read_at(fd->get(), room, offset, path.view());
    if (!count) return count.error();
    if (*count == 0) return lines;
    lines += static_cast<std::size_t>(std::count(room.data(), room.data() + *count, '\n'));
    offset += static_cast<off_t>(*count);
  }
}

Result<std::size_t> ProcDirectory::count_descriptors(int pid) noexcept {
  if (kernel_made_) {
    Path path = path_of(pid, "fd");
    struct stat about {};
    if (::fstatat(directory_.get(), path.c_str(), &about, 0) != 0) return error_of(path.view());
    size_is_count_ = size_is_count_ || about.st_size != 0;
    if (size_is_count_) return static_cast<std::size_t>(about.st_size);
  }
  if (auto status = list(pid, "fd", descriptors_); !status) return status.error();
  return descriptors_.size();
}

}  // namespace vital::processes

// SPDX-License-Identifier: MIT
#include "base/kernel_file.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <thread>

namespace vital {
namespace {

constexpr std::size_t kFirstBuffer = 4096;
// The kernel writes such files record by record into a page, and gives out what it has when the
// next one does not fit. No record of a file that small is as long as the rest of the page.
constexpr std::size_t kSurelyWhole = 3072;
// A healthy read takes far less than so many naps; another lane may just be at it.
constexpr int kNaps = 20;
constexpr std::chrono::milliseconds kNap{1};

bool is_kernel_made(int fd) noexcept {
  struct statfs fs {};
  if (::fstatfs(fd, &fs) != 0) return false;
  return fs.f_type == PROC_SUPER_MAGIC || fs.f_type == SYSFS_MAGIC;
}

}  // namespace

const std::string& KernelFile::path() const noexcept { return shared_->path(); }

KernelFile::Shared::Lock KernelFile::Shared::lock() noexcept {
  Lock lock{mutex_, std::try_to_lock};
  for (int naps = 0; !lock && naps < kNaps; ++naps) {
    std::this_thread::sleep_for(kNap);
    (void)lock.try_lock();
  }
  return lock;
}

Status KernelFile::Shared::load() noexcept {
  const std::uint64_t tick = tick_.load(std::memory_order_relaxed);
  if (fd_ && read_in_ == tick) return {};
  read_in_ = tick;
  Status status = reload();
  failed_ = unreadable_ = !status;
  if (!status) fd_.reset();
  return status;
}

Status KernelFile::Shared::reload() noexcept {
  const bool was_open = static_cast<bool>(fd_);
  if (was_open && !kernel_made_ && replaced()) fd_.reset();
  if (was_open && fd_) {
    Status status = fill();
    if (status || status.error().code() != Errc::absent) return status;
    fd_.reset();  // the device went away; perhaps another has its name now
  }
  came_at_once_ = false;
  if (missing_ && ::access(path_.c_str(), F_OK) != 0) return Error::system(path_);
  auto fd = open_file(path_.c_str(), O_RDONLY);
  missing_ = !fd && fd.error().code() == Errc::absent;
  if (!fd) return fd.error();
  fd_ = std::move(*fd);
  kernel_made_ = is_kernel_made(fd_.get());
  return fill();
}

Status KernelFile::Shared::fill() noexcept {
  size_ = 0;
  for (bool first = true;; first = false) {
    if (size_ == buffer_.size()) buffer_.resize(std::max(kFirstBuffer, 2 * buffer_.size()));
    const ssize_t count = ::pread(fd_.get(), buffer_.data() + size_, buffer_.size() - size_,
                                  static_cast<off_t>(size_));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Error::system(path_);
    size_ += static_cast<std::size_t>(count);
    if (count == 0 || (first && came_at_once_ && size_ <= kSurelyWhole)) return {};
    came_at_once_ = first && kernel_made_;
  }
}

bool KernelFile::Shared::replaced() const noexcept {
  struct stat named {
  }, open{};
  if (::stat(path_.c_str(), &named) != 0) return true;
  return ::fstat(fd_.get(), &open) != 0 || named.st_dev != open.st_dev ||
         named.st_ino != open.st_ino;
}

bool KernelFile::Shared::is_back() noexcept {
  const Lock held = lock();
  if (!held || !failed_) return false;
  const std::vector<char> before(buffer_.begin(),
                                 buffer_.begin() + static_cast<std::ptrdiff_t>(size_));
  if (!reload()) {
    fd_.reset();
    return false;
  }
  return unreadable_ || text() != std::string_view{before.data(), before.size()};
}

}  // namespace vital

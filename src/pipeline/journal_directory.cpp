// SPDX-License-Identifier: MIT
#include "pipeline/journal_directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <tuple>

namespace vital::journal {
namespace {

constexpr const char* kLock = "lock";

Status make_directories(const std::string& path) {
  for (std::size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
    const std::string part = path.substr(0, slash);
    struct stat status;
    if (::mkdir(part.c_str(), 0750) != 0 && ::stat(part.c_str(), &status) != 0)
      return Error::system(part);
    if (slash == std::string::npos) return {};
  }
}

struct CloseListing {
  void operator()(DIR* listing) const noexcept { ::closedir(listing); }
};

/// Takes the lock, or says who has it.
Status lock(int fd, const std::string& path) noexcept {
  char pid[16] = "";
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return Error::system(path);
    const ssize_t size = ::pread(fd, pid, sizeof pid, 0);
    std::string_view holder{pid, static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
    holder = holder.substr(0, holder.find('\n'));
    Text<96> text;
    text.add("used by process ").add(holder.empty() ? "?" : holder).add(": ").add_cut(path);
    return Error{Errc::limit, text.view()};
  }
  Text<16> mine;
  mine.add(static_cast<long>(::getpid())).add('\n');
  // A full disk keeps us from writing it, but not from holding the lock.
  if (::ftruncate(fd, 0) == 0) (void)!::pwrite(fd, mine.view().data(), mine.size(), 0);
  return {};
}

}  // namespace

Status Directory::open(const std::string& path) {
  close();
  path_ = path;
  if (auto status = make_directories(path); !status) return status;
  auto directory = open_file(path.c_str(), O_RDONLY | O_DIRECTORY);
  if (!directory) return directory.error();
  Fd file{::openat(directory->get(), kLock, O_RDWR | O_CREAT | O_CLOEXEC, 0640)};
  if (!file) return Error::system(path);
  if (auto status = lock(file.get(), path); !status) return status;
  fd_ = std::move(*directory);
  lock_ = std::move(file);
  return {};
}

void Directory::close() noexcept {
  lock_.reset();
  fd_.reset();
}

bool Directory::is_there() const noexcept {
  struct stat now, ours;
  return ::stat(path_.c_str(), &now) == 0 && ::fstat(fd_.get(), &ours) == 0 &&
         now.st_ino == ours.st_ino && now.st_dev == ours.st_dev;
}

Result<std::vector<SegmentFile>> Directory::segments() const {
  const int copy = ::openat(fd_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (copy < 0) return Error::system(path_);
  const std::unique_ptr<DIR, CloseListing> listing{::fdopendir(copy)};
  if (!listing) {
    ::close(copy);
    return Error::system(path_);
  }
  std::vector<SegmentFile> files;
  while (const dirent* entry = ::readdir(listing.get())) {
    const auto name = parse_segment_name(entry->d_name);
    struct stat status;
    if (!name || ::fstatat(fd_.get(), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISREG(status.st_mode))
      continue;
    files.push_back({*name, static_cast<std::uint64_t>(status.st_size), time_of(status.st_mtim)});
  }
  // Of two that begin alike the first was given up before it had a whole record.
  std::sort(files.begin(), files.end(), [](const SegmentFile& a, const SegmentFile& b) {
    return std::tuple{a.name.begin.entries, a.bytes} < std::tuple{b.name.begin.entries, b.bytes};
  });
  return files;
}

Result<Fd> Directory::create(const SegmentName& name) const noexcept {
  Fd file{::openat(fd_.get(), format(name).c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640)};
  if (!file) return Error::system(path_);
  return file;
}

Result<Fd> Directory::open(const SegmentName& name) const noexcept {
  Fd file{::openat(fd_.get(), format(name).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
  if (!file) return Error::system(path_);
  return file;
}

Status Directory::remove(const SegmentName& name) const noexcept {
  if (::unlinkat(fd_.get(), format(name).c_str(), 0) != 0 && errno != ENOENT)
    return Error::system(path_);
  return {};
}

Status Directory::sync() const noexcept {
  if (::fsync(fd_.get()) != 0) return Error::system(path_);
  return {};
}

}  // namespace vital::journal

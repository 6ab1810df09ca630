// SPDX-License-Identifier: MIT
#include "daemon/ownership.h"

#include <dirent.h>
#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>

#include "base/fd.h"

namespace vital {
namespace {

constexpr std::string_view kShared[] = {
    "/",          "/bin",       "/boot",    "/dev",     "/etc",       "/home",    "/lib",
    "/media",     "/mnt",       "/opt",     "/proc",    "/root",      "/run",     "/sbin",
    "/srv",       "/sys",       "/tmp",     "/usr",     "/var",       "/usr/lib", "/usr/local",
    "/usr/share", "/var/cache", "/var/lib", "/var/log", "/var/spool",
};
constexpr unsigned kDeepest = 32;
constexpr mode_t kDirectoryMode = 0755, kFileMode = 0644;

bool is_roots(const struct stat& status) noexcept {
  return status.st_uid == 0 &&
         (S_ISDIR(status.st_mode) || (S_ISREG(status.st_mode) && status.st_nlink == 1));
}

/// What lies there is no daemon's alone.
bool is_shared(const std::string& path) {
  const std::unique_ptr<char, decltype([](char* text) { std::free(text); })> real{
      ::realpath(path.c_str(), nullptr)};
  struct stat status {};
  if (!real || ::stat(real.get(), &status) != 0) return false;  // that is said elsewhere
  if ((status.st_mode & (S_ISVTX | S_IWOTH)) != 0) return true;
  const std::string_view name{real.get()};
  return std::find(std::begin(kShared), std::end(kShared), name) != std::end(kShared);
}

}  // namespace

std::string Owner::name_of(uid_t user) {
  const passwd* const entry = ::getpwuid(user);
  return entry == nullptr ? std::string{} : entry->pw_name;
}

void Owner::give(int fd, const std::string& path) const {
  struct stat status {};
  if (::fstat(fd, &status) != 0 || !is_roots(status)) return;
  if (::fchown(fd, user_, group_) != 0)
    log_.warning("cannot be given to the user that the daemon becomes: ", Error::system(path));
}

void Owner::give_directory(const std::string& path) const {
  (void)::mkdir(path.c_str(), kDirectoryMode);
  if (is_shared(path)) {
    log_.warning(std::string_view{path},
                 " is not the daemon's alone, so it is not given to its User");
    return;
  }
  const Fd fd{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!fd) {
    log_.warning("a directory that is written to: ", Error::system(path));
    return;
  }
  give_tree(fd.get(), 0);
  give(fd.get(), path);
}

void Owner::give_file(const std::string& path) const {
  const Fd fd{::open(path.c_str(),
                     O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
                     kFileMode)};
  if (!fd)
    log_.warning("a file that is written to: ", Error::system(path));
  else
    give(fd.get(), path);
}

void Owner::give_tree(int directory, unsigned depth) const {
  if (depth == kDeepest) return;
  const std::unique_ptr<DIR, decltype([](DIR* d) { ::closedir(d); })> entries{
      ::fdopendir(::fcntl(directory, F_DUPFD_CLOEXEC, 0))};
  while (const dirent* entry = entries ? ::readdir(entries.get()) : nullptr) {
    const std::string name{entry->d_name};
    struct stat status {};
    if (name == "." || name == ".." ||
        ::fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
      continue;
    if (S_ISDIR(status.st_mode)) {
      const Fd inner{
          ::openat(directory, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
      if (!inner) continue;
      give_tree(inner.get(), depth + 1);
      give(inner.get(), name);
    } else if (is_roots(status)) {
      const Fd file{
          ::openat(directory, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
      if (file) give(file.get(), name);
    }
  }
}

}  // namespace vital

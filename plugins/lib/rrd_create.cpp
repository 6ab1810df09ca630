// SPDX-License-Identifier: MIT
#include "lib/rrd_create.h"

#include <dirent.h>
#include <fcntl.h>
#include <rrd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "base/fd.h"
#include "lib/series_path.h"

namespace vital::rrdtool {
namespace {

/// The system's numbers that librrd hides in its messages.
constexpr std::array kNumbers{ENOENT, EACCES, EPERM,  EROFS,  ENOSPC, EDQUOT, EFBIG, EIO,
                              EMFILE, ENFILE, ENOMEM, EISDIR, ENODEV, ESTALE, EINTR};

int number_in(std::string_view message) noexcept {
  char buffer[128];
  for (const int number : kNumbers)
    if (message.ends_with(std::string_view{strerror_r(number, buffer, sizeof buffer)}))
      return number;
  return 0;
}

bool has(std::string_view text, std::string_view part) noexcept {
  return text.find(part) != std::string_view::npos;
}

/// Removes what a daemon that was killed while it made this file has left behind: the unfinished
/// file, and librrd's own, which has six more letters.
void remove_remains(const std::string& unfinished) {
  constexpr std::size_t kMoreLetters = 6;
  const std::size_t name_at = unfinished.rfind('/') + 1;  // 0 when there is no slash
  const std::string directory = unfinished.substr(0, name_at);
  const std::string_view name = std::string_view{unfinished}.substr(name_at);
  ::unlink(unfinished.c_str());
  const std::unique_ptr<DIR, decltype([](DIR* d) { ::closedir(d); })> entries{
      ::opendir(directory.empty() ? "." : directory.c_str())};
  while (const dirent* const entry = entries ? ::readdir(entries.get()) : nullptr) {
    const std::string_view found = entry->d_name;
    if (found.size() == name.size() + kMoreLetters && found.starts_with(name))
      ::unlink((directory + entry->d_name).c_str());
  }
}

/// An empty file of our own, so that librrd's takes over its permissions, which are those that the
/// umask allows, and so that the system says what it has against it.
Result<Fd> begin_file(const std::string& unfinished) {
  constexpr int kTries = 3;
  for (int tries = 1;; ++tries) {
    auto fd = open_file(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0666);
    if (fd) return fd;
    const int number = fd.error().number();
    if (tries < kTries && number == ENOENT) {
      if (auto made = make_directories_for(unfinished); !made) return made.error();
    } else if (tries < kTries && number == EEXIST) {
      remove_remains(unfinished);
    } else {
      return Error::system("creating it", number);
    }
  }
}

Status fill(const Fd& fd, const std::string& unfinished, const Layout& layout, std::int64_t start) {
  std::vector<const char*> arguments;
  for (const auto* words : {&layout.columns, &layout.archives})
    for (const std::string& word : *words) arguments.push_back(word.c_str());
  rrd_clear_error();
  const int failed = rrd_create_r(unfinished.c_str(), static_cast<unsigned long>(layout.step),
                                  start, static_cast<int>(arguments.size()), arguments.data());
  if (failed == 0 && !rrd_test_error()) return {};
  const Error error = taken_error(Errc::refused, unfinished);
  // Of a full disk librrd says nothing; the system does.
  const int number = ::posix_fallocate(fd.get(), 0, layout.bytes());
  return number != 0 ? Error::system("creating it", number) : error;
}

/// Nobody sees the file before it is complete, and one that is there already stays.
Status put_in_place(const std::string& unfinished, const std::string& path) noexcept {
  if (::renameat2(AT_FDCWD, unfinished.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) == 0)
    return {};
  if (errno == EEXIST) {
    ::unlink(unfinished.c_str());
    return {};
  }
  const bool cannot_choose = errno == EINVAL || errno == ENOSYS;  // the file system is too old
  if (cannot_choose && ::rename(unfinished.c_str(), path.c_str()) == 0) return {};
  return Error::system("renaming it");
}

}  // namespace

Error taken_error(Errc code, const std::string& path) {
  std::string message = rrd_test_error() ? rrd_get_error() : "";
  rrd_clear_error();
  if (message.empty()) return Error{Errc::temporary, "librrd does not say why"};
  if (const int number = number_in(message); number != 0) return Error::system("librrd", number);
  if (message.starts_with(path + ": ")) message.erase(0, path.size() + 2);
  const std::string quoted = "'" + path + "'";
  if (const auto at = message.find(quoted); at != std::string::npos)
    message.replace(at, quoted.size(), "it");
  if (has(message, "could not lock")) return Error::system("locked by another program", EAGAIN);
  if (has(message, "illegal attempt to update")) code = Errc::too_old;
  return Error{code, message};
}

Status create_rrd(const std::string& path, const Layout& layout, std::int64_t start) noexcept {
  const std::string unfinished = path + ".new";
  auto fd = begin_file(unfinished);
  if (!fd) return fd.error();
  Status status = fill(*fd, unfinished, layout, start);
  if (status) status = put_in_place(unfinished, path);
  if (!status) ::unlink(unfinished.c_str());
  return status;
}

bool is_passing(const Error& error) noexcept {
  constexpr std::array kPassing{EAGAIN, EINTR, EMFILE, ENFILE, ENOMEM};
  return std::find(kPassing.begin(), kPassing.end(), error.number()) != kPassing.end();
}

}  // namespace vital::rrdtool

// SPDX-License-Identifier: MIT
#include "lib/rrd_create.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <span>

#include "base/fd.h"
#include "lib/librrd.h"
#include "lib/rrd_head.h"
#include "lib/series_path.h"

namespace vital::rrdtool {
namespace {

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

/// Takes away what was written; how many parts are left.
std::size_t drop_written(std::span<iovec> parts, std::size_t written) noexcept {
  std::size_t whole = 0;
  while (whole < parts.size() && written >= parts[whole].iov_len) written -= parts[whole++].iov_len;
  if (whole == parts.size()) return 0;
  parts[whole].iov_base = static_cast<std::byte*>(parts[whole].iov_base) + written;
  parts[whole].iov_len -= written;
  std::copy(parts.begin() + static_cast<std::ptrdiff_t>(whole), parts.end(), parts.begin());
  return parts.size() - whole;
}

/// The head, and as many unknown rows as the archives have.
Status write_all_of(const Fd& fd, const RrdHead& head) noexcept {
  constexpr std::size_t kValues = 1024, kParts = 64;
  std::array<double, kValues> rows;
  rows.fill(kUnknown);
  std::uint64_t left = 0;
  for (const HeadArchive& archive : head.archives())
    left += archive.rows * head.columns().size() * sizeof(double);
  std::array<iovec, kParts> parts;
  std::size_t count = 0;
  const auto add = [&](std::span<const std::byte> bytes) {
    parts[count++] = {const_cast<std::byte*>(bytes.data()), bytes.size()};
  };
  add(head.bytes());
  while (count != 0 || left != 0) {
    while (left != 0 && count < kParts) {
      const std::size_t size = std::min<std::uint64_t>(left, sizeof rows);
      add(std::as_bytes(std::span{rows}).first(size));
      left -= size;
    }
    const ssize_t written = ::writev(fd.get(), parts.data(), static_cast<int>(count));
    if (written < 0) return Error::system("creating it");
    count = drop_written(std::span{parts}.first(count), static_cast<std::size_t>(written));
  }
  return {};
}

Status fill_by_librrd(const Fd& fd, const std::string& unfinished, const Layout& layout,
                      std::int64_t start) {
  const auto library = librrd();
  if (!library) return library.error();
  const Status made = (*library)->create(unfinished, layout, start);
  if (made) return made;
  // Of a full disk librrd says nothing; the system does.
  const int number = ::posix_fallocate(fd.get(), 0, layout.bytes());
  return number != 0 ? Error::system("creating it", number) : made;
}

/// The number of the row that each archive is said to have got last. As with librrd's files it is
/// any, so that those of many files do not come to the end of their archives at the same moment.
void choose_places(RrdHead& head, const std::string& path) noexcept {
  std::uint64_t number = std::hash<std::string>{}(path);
  for (std::size_t i = 0; i < head.places().size(); ++i) {
    constexpr std::uint64_t kFactor = 6364136223846793005U, kSummand = 1442695040888963407U;
    number = number * kFactor + kSummand;
    head.places()[i] = (number >> 32) % head.archives()[i].rows;
  }
}

Status fill(const Fd& fd, const std::string& unfinished, const Layout& layout, std::int64_t start) {
  RrdHead head;
  if (!kIsKnownMachine || !head.lay_out(layout, start))
    return fill_by_librrd(fd, unfinished, layout, start);
  choose_places(head, unfinished);
  return write_all_of(fd, head);
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

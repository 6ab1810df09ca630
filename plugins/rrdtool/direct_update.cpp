// SPDX-License-Identifier: MIT
#include "rrdtool/direct_update.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <type_traits>

namespace vital::rrdtool {
namespace {

constexpr std::size_t kFirstSize = 4096;

Status lock(const Fd& file) noexcept {
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  if (::fcntl(file.get(), F_SETLK, &whole) == 0) return {};
  if (errno == EACCES || errno == EAGAIN) return Error::system("locked by another program", EAGAIN);
  return Error::system("locking it");
}

Status read_at(const Fd& file, std::span<std::byte> bytes, std::size_t at,
               std::size_t& got) noexcept {
  for (got = 0; got < bytes.size();) {
    const ssize_t count =
        ::pread(file.get(), bytes.data() + got, bytes.size() - got, static_cast<off_t>(at + got));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Error::system("reading it");
    if (count == 0) return {};
    got += static_cast<std::size_t>(count);
  }
  return {};
}

Status write_at(const Fd& file, std::span<const std::byte> bytes, std::size_t at) noexcept {
  while (!bytes.empty()) {
    const ssize_t count = ::pwrite(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Error::system("writing to it");
    bytes = bytes.subspan(static_cast<std::size_t>(count));
    at += static_cast<std::size_t>(count);
  }
  return {};
}

}  // namespace

Result<bool> DirectUpdate::update(const std::string& path, const DataSet& type,
                                  std::span<const Value> records) noexcept {
  return change(path, [&] { return steps_.begin(head_, type) && add_all(type, records); });
}

Result<bool> DirectUpdate::turn_back(const std::string& path, std::int64_t time) noexcept {
  return change(path, [&] {
    steps_.turn_back(head_, time);
    return true;
  });
}

Result<std::optional<Librrd::LastUpdate>> DirectUpdate::last_update(const Fd& file) noexcept {
  if (!kIsKnownMachine) return std::optional<Librrd::LastUpdate>{};
  const auto known = read_head(file);
  if (!known) return known.error();
  if (!*known) return std::optional<Librrd::LastUpdate>{};
  return std::optional{
      Librrd::LastUpdate{.time = head_.time().seconds, .columns = head_.columns().size()}};
}

/// `change` says what is to be written: in head_ and as rows.
template <typename Change>
Result<bool> DirectUpdate::change(const std::string& path, Change change) noexcept {
  if (!kIsKnownMachine) return false;
  const auto file = open(path);
  if (!file) return Error::system("opening it", file.error().number());
  if (auto locked = lock(*file); !locked) return locked.error();
  const auto known = read_head(*file);
  if (!known || !*known) return known;
  if (!change()) return false;
  auto written = write_rows(*file);
  if (written) written = write_at(*file, head_.changing(), head_.changing_at());
  if (written) return true;
  if (written.error().number() == EFBIG) return false;  // a limit that does not hold for mappings
  return written.error();
}

/// Reads for our own use need no time of access, whose change would have to reach the disk as well;
/// only the file's owner may leave it out.
Result<Fd> DirectUpdate::open(const std::string& path) noexcept {
  constexpr int kFlags = O_RDWR | O_NONBLOCK;
  if (owner_) {
    auto file = open_file(path.c_str(), kFlags | O_NOATIME);
    if (file || file.error().number() != EPERM) return file;
    owner_ = false;
  }
  return open_file(path.c_str(), kFlags);
}

/// Without advice the kernel would read 128 kB ahead of what we want.
Result<bool> DirectUpdate::read_head(const Fd& file) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return Error::system("looking at it");
  if (!S_ISREG(status.st_mode)) return false;
  (void)::posix_fadvise(file.get(), 0, 0, POSIX_FADV_RANDOM);
  std::size_t got = 0;
  const auto first = head_.room(size_ == 0 ? kFirstSize : size_);
  if (auto read = read_at(file, first, 0, got); !read) return read.error();
  const std::size_t size = RrdHead::size_of(first.first(got));
  if (size == 0 || size > static_cast<std::size_t>(status.st_size)) return false;
  if (size > got) {
    const auto rest = head_.room(size).subspan(got);
    if (auto read = read_at(file, rest, got, got); !read) return read.error();
    if (got != rest.size()) return false;
  }
  size_ = size;
  return head_.accept(static_cast<std::uint64_t>(status.st_size));
}

bool DirectUpdate::add_all(const DataSet& type, std::span<const Value> records) {
  const std::size_t width = 1 + type.size();
  for (auto left = records; left.size() >= width; left = left.subspan(width)) {
    const auto record = left.first(width);
    if (!steps_.add(head_, type, record)) return false;
    if (left.size() < 2 * width) steps_.end(head_, type, record);
  }
  return true;
}

Status DirectUpdate::write_rows(const Fd& file) noexcept {
  const std::size_t row_size = head_.columns().size() * sizeof(double);
  std::size_t begin = head_.size();
  Status written;
  for (std::size_t i = 0; i < steps_.rows().size() && written; ++i) {
    const NewRows& rows = steps_.rows()[i];
    const std::size_t size = head_.archives()[i].rows * row_size;
    const auto bytes = std::as_bytes(std::span{rows.values});
    const std::size_t at = rows.first * row_size;
    const auto before_end = bytes.first(std::min(bytes.size(), size - at));
    written = write_at(file, before_end, begin + at);
    if (written) written = write_at(file, bytes.subspan(before_end.size()), begin);
    begin += size;
  }
  return written;
}

}  // namespace vital::rrdtool

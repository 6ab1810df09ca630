// SPDX-License-Identifier: MIT
#include "lib/mount_table.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>

#include "base/fields.h"
#include "base/strings.h"

namespace vital {
namespace {

bool is_octal(char c) noexcept { return c >= '0' && c <= '7'; }

/// The kernel writes blanks, line feeds, backslashes and '#' as \040, \012, \134 and \043.
std::string unescaped(std::string_view field) {
  std::string plain;
  plain.reserve(field.size());
  for (std::size_t at = 0; at < field.size(); ++at) {
    const std::string_view code = field.substr(at, 4);
    if (code.size() == 4 && code[0] == '\\' && code[1] <= '3' && is_octal(code[1]) &&
        is_octal(code[2]) && is_octal(code[3])) {
      plain += static_cast<char>((code[1] - '0') * 64 + (code[2] - '0') * 8 + (code[3] - '0'));
      at += 3;
    } else {
      plain += field[at];
    }
  }
  return plain;
}

bool is_on_procfs(const Fd& file) noexcept {
  struct statfs fs {};
  return ::fstatfs(file.get(), &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

bool can_read(const Root& root, std::string_view path) noexcept {
  return static_cast<bool>(open_file(root.path(path).c_str(), O_RDONLY));
}

Status read_whole(const Fd& file, std::string& text) {
  constexpr std::size_t kChunk = 16384;
  for (std::size_t size = 0;;) {
    if (text.size() < size + kChunk) text.resize(size + kChunk);
    const ssize_t count = ::pread(file.get(), text.data() + size, kChunk, static_cast<off_t>(size));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Error::system("the mount table");
    if (count == 0) {
      text.resize(size);
      return {};
    }
    size += static_cast<std::size_t>(count);
  }
}

}  // namespace

Result<Mount> parse_mount(std::string_view line) {
  Fields fields{line};
  std::string_view device, directory, type, options;
  const bool nameless = line.starts_with(' ');
  if ((nameless || fields.next(device)) && fields.next(directory) && fields.next(type) &&
      fields.next(options))
    return Mount{unescaped(device), unescaped(directory), std::string{type}};
  return Error{Errc::malformed, trim(line)};
}

Result<std::uint64_t> find_mount_number(std::string_view mountinfo, std::string_view directory) {
  Result<std::uint64_t> found = Error{Errc::absent, directory};
  Lines lines{mountinfo};
  for (std::string_view line; lines.next(line);) {
    Fields fields{line};
    std::uint64_t number = 0;
    std::string_view where;
    if (fields.next(number) && fields.skip(3) && fields.next(where) &&
        unescaped(where) == directory)
      found = number;
  }
  return found;
}

MountTable::MountTable(const Root& root)
    : root_{root},
      of_process_1_{!root.is_host() && can_read(root, "proc/1/mounts")},
      file_{root.open(of_process_1_ ? "proc/1/mounts" : "proc/mounts")} {}

Result<bool> MountTable::refresh() noexcept {
  if (!watched_ && !is_copy_) try_to_watch();
  if (watched_) {
    if (!has_changed() && read_) return false;
    if (auto status = reload(); !status) return status.error();
    return true;
  }
  return file_.read([this](std::string_view text) -> Result<bool> {
    if (read_ && text == text_) return false;
    text_ = text;
    parse(text_);
    return true;
  });
}

void MountTable::try_to_watch() noexcept {
  auto file = open_file(file_.path().c_str(), O_RDONLY);
  if (!file) return;  // file_ will say why
  if (is_on_procfs(*file))
    watched_ = std::move(*file);
  else
    is_copy_ = true;
}

bool MountTable::has_changed() const noexcept {
  pollfd table{.fd = watched_.get(), .events = POLLPRI, .revents = 0};
  return ::poll(&table, 1, 0) != 0 && (table.revents & (POLLPRI | POLLERR)) != 0;
}

/// What changes while the table is being read is told by the next has_changed().
Status MountTable::reload() {
  if (auto status = read_whole(watched_, text_); !status) {
    watched_.reset();
    read_ = false;
    return status;
  }
  parse(text_);
  return {};
}

void MountTable::parse(std::string_view text) {
  mounts_.clear();
  malformed_.clear();
  Lines lines{text};
  for (std::string_view line; lines.next(line);) {
    auto mount = parse_mount(line);
    if (!mount && malformed_.empty()) malformed_ = trim(line);
    if (mount && bring_below_root(*mount)) mounts_.push_back(std::move(*mount));
  }
  read_ = true;
}

/// Our own table speaks of our own root. False: the mount is none of the host's.
bool MountTable::bring_below_root(Mount& mount) const {
  if (root_.is_host() || of_process_1_ || is_copy_) return true;
  const std::string top = root_.path("");
  if (mount.directory + "/" == top) {
    mount.directory = "/";
    return true;
  }
  if (!mount.directory.starts_with(top)) return false;
  mount.directory.erase(0, top.size() - 1);
  return true;
}

Result<std::uint64_t> MountTable::mount_number(std::string_view directory) const {
  const auto text = root_.text(of_process_1_ ? "proc/1/mountinfo" : "proc/self/mountinfo");
  if (!text) return text.error();
  return find_mount_number(*text, directory);
}

}  // namespace vital

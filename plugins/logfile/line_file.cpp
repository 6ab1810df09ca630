// SPDX-License-Identifier: MIT
#include "logfile/line_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "base/strings.h"

namespace vital::logfile {
namespace {

constexpr Nanoseconds kBetweenLooks = std::chrono::seconds{1};

iovec piece(std::string_view text) noexcept {
  return {.iov_base = const_cast<char*>(text.data()), .iov_len = text.size()};
}

/// Writes all pieces, if it can in one call so that they stay together. `written` counts the bytes.
template <std::size_t Count>
Status write_pieces(int fd, std::array<iovec, Count> pieces, std::size_t& written) noexcept {
  std::size_t at = 0;
  while (at < Count) {
    const ssize_t count = ::writev(fd, pieces.data() + at, static_cast<int>(Count - at));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Error::system("write");
    auto rest = static_cast<std::size_t>(count);
    written += rest;
    for (; at < Count && rest >= pieces[at].iov_len; ++at) rest -= pieces[at].iov_len;
    if (at == Count) break;
    pieces[at].iov_base = static_cast<char*>(pieces[at].iov_base) + rest;
    pieces[at].iov_len -= rest;
  }
  return {};
}

}  // namespace

LineFile::LineFile(std::string path, LineForm form, const Clock& clock)
    : path_{std::move(path)}, form_{form}, clock_{clock} {
  if (iequals(path_, "stdout"))
    stream_ = STDOUT_FILENO;
  else if (iequals(path_, "stderr"))
    stream_ = STDERR_FILENO;
  const std::lock_guard lock{mutex_};
  (void)ready();
}

void LineFile::add(Severity severity, Time time, std::string_view message) noexcept {
  const std::lock_guard lock{mutex_};
  if (!ready() || !report_losses(time) || !append(severity, time, message)) ++lost_;
}

void LineFile::reopen() noexcept {
  const std::lock_guard lock{mutex_};
  next_look_ = {};
  (void)ready();
}

/// Says how much was lost, once lines can be written again.
bool LineFile::report_losses(Time time) noexcept {
  if (lost_ == 0) return true;
  Text<128> message;
  message.add("logfile: writing works again; ").add(lost_);
  message.add(lost_ == 1 ? " message was lost" : " messages were lost");
  if (!append(Severity::notice, time, message.view())) return false;
  lost_ = 0;
  return true;
}

bool LineFile::append(Severity severity, Time time, std::string_view message) noexcept {
  Text<64> head;
  if (torn_) head.add('\n');
  if (form_.time) head.add('[').add(stamp(time)).add("] ");
  if (form_.severity) head.add('[').add(name_of(severity)).add("] ");
  std::size_t written = 0;
  const Status status =
      write_pieces(fd(), std::array{piece(head.view()), piece(message), piece("\n")}, written);
  torn_ = !status && (torn_ || written != 0);
  if (!status)
    failed(Error::system(path_, status.error().number()));
  else if (!astray_)
    failing_ = false;
  return static_cast<bool>(status);
}

std::string_view LineFile::stamp(Time time) noexcept {
  const std::int64_t second = rounded_seconds(time);
  if (second != stamped_) {
    stamp_ = local_time(Time{span_of_seconds(second)});
    stamped_ = second;
  }
  return stamp_.view();
}

/// Whether there is something to write to; the file is opened anew if it is not the one that bears
/// its name any more.
bool LineFile::ready() noexcept {
  if (stream_ >= 0) return true;
  struct stat own {};
  const bool gone = !file_ || ::fstat(file_.get(), &own) != 0 || own.st_nlink == 0;
  const Steady now = clock_.now();
  if (!gone && now < next_look_) return true;
  next_look_ = now + kBetweenLooks;
  struct stat named {};
  const bool same = !gone && ::stat(path_.c_str(), &named) == 0 && named.st_dev == own.st_dev &&
                    named.st_ino == own.st_ino;
  return same || open() || !gone;  // a file that was moved away is better than none
}

bool LineFile::open() noexcept {
  // Not blocking: a FIFO that nobody reads must not hold up whoever has something to say.
  auto file = open_file(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY | O_NONBLOCK, 0666);
  astray_ = !file;
  if (!file) {
    failed(file.error());
    return false;
  }
  file_ = std::move(*file);
  torn_ = false;
  return true;
}

void LineFile::failed(const Error& error) noexcept {
  if (std::exchange(failing_, true)) return;
  Text<512> line;
  line.add("vitald: logfile: ").add(error.message().view());
  (void)write_all(STDERR_FILENO, line.add("; messages may be lost until it works again\n").view());
}

}  // namespace vital::logfile

// SPDX-License-Identifier: MIT
#pragma once
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"

namespace vital::logfile {

/// What stands before the message in a line.
struct LineForm {
  bool time = true;
  bool severity = false;
};

/// Appends lines to a file that others may move away or remove at any time.
///
/// Errors   said once on standard error; the lines that are lost are counted, and the first line
///          that can be written again follows one that tells the count
/// Threads  any
class LineFile {
 public:
  /// `path` may also be "stdout" or "stderr", in any case. It is opened at once if it can be.
  LineFile(std::string path, LineForm form, const Clock& clock);

  void add(Severity severity, Time time, std::string_view message) noexcept;
  /// Looks at once whether the file was moved away.
  void reopen() noexcept;

 private:
  // All with the lock held.
  bool append(Severity severity, Time time, std::string_view message) noexcept;
  bool ready() noexcept;
  bool open() noexcept;
  void failed(const Error& error) noexcept;
  bool report_losses(Time time) noexcept;
  std::string_view stamp(Time time) noexcept;
  int fd() const noexcept { return stream_ >= 0 ? stream_ : file_.get(); }

  const std::string path_;
  const LineForm form_;
  const Clock& clock_;
  int stream_ = -1;  // standard output or error instead of a file

  std::mutex mutex_;  // guards all below
  Fd file_;
  Steady next_look_{};
  bool torn_ = false;    // the last line was written in part
  bool astray_ = false;  // the file does not bear its name any more and cannot be made anew
  bool failing_ = false;
  std::uint64_t lost_ = 0;
  std::int64_t stamped_ = -1;  // the second that stamp_ shows
  Text<32> stamp_;
};

}  // namespace vital::logfile

// SPDX-License-Identifier: MIT
#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/time.h"

namespace vital {

/// The file with the daemon's process id, locked as long as it runs, so that a second instance
/// sees that it does. Taken away at the end.
class PidFile {
 public:
  PidFile() noexcept = default;
  /// Errors  refused: another instance holds it (the culprit names its id); else the system's
  static Result<PidFile> create(const std::string& path);
  PidFile(PidFile&&) noexcept = default;
  PidFile& operator=(PidFile&&) noexcept = default;
  ~PidFile();

 private:
  Fd fd_;
  std::string path_;
};

/// Tells the service manager how the daemon is doing.
///
/// Source  sd_notify(3), without its library
class ServiceManager {
 public:
  /// From the environment's NOTIFY_SOCKET and WATCHDOG_USEC, which are then taken out of it.
  ServiceManager();
  bool present() const noexcept { return !address_.empty(); }
  void tell(std::string_view state) const noexcept;
  /// How often it wants to hear "WATCHDOG=1"; zero: not at all.
  Nanoseconds watchdog_interval() const noexcept { return watchdog_; }

 private:
  std::string address_;
  Nanoseconds watchdog_{};
};

/// The parent's end of a start in the background: it waits there until the child says how it went.
class Background {
 public:
  /// Forks. The parent does not return: it exits with the status that the child reports, or 1 when
  /// the child dies before.
  ///
  /// Errors  the system's
  Status detach();
  /// In the child: the start succeeded or failed; on success the terminal is let go.
  void report(int exit_status) noexcept;

 private:
  Fd to_parent_;
};

/// Where the program was started. Relative paths of its command line and its configuration begin
/// there, also when the daemon has gone to another directory.
class StartDirectory {
 public:
  StartDirectory();
  /// Does the work there, in a thread that has a working directory of its own, and waits for it.
  void run(const std::function<void()>& work) const;

 private:
  Fd fd_;
};

/// One level; a directory that is there already is fine.
Status make_directory(const std::string& path);

/// Makes the directory if it is missing (one level) and goes there.
Status enter_directory(const std::string& path, bool make);

}  // namespace vital

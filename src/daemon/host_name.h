// SPDX-License-Identifier: MIT
#pragma once
#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"

namespace vital {

/// What this host is called: as configured, or as the kernel calls it, completed by the resolver in
/// a thread of its own, for a resolver may take long or hang.
///
/// Threads  start() and settle() belong to the main thread; name() any
class HostName {
 public:
  explicit HostName(Log log) : log_{std::move(log)} {}

  /// `configured` may be empty. Without a look-up the name is known at once.
  void start(const std::string& configured, bool look_up);
  /// Readable when the look-up has ended.
  int fd() const noexcept;
  /// True, once, when the name has become known; `give_up`: take the short name if it has not.
  bool settle(bool give_up);
  bool known() const noexcept { return known_; }
  std::string name() const;
  void wait(Nanoseconds limit);

 private:
  struct Lookup {
    std::string short_name;
    Bell done;
    std::mutex mutex;
    std::string full_name;  // guarded by mutex
    std::string failure;    // guarded by mutex
  };

  const Log log_;
  std::shared_ptr<Lookup> lookup_;
  Thread thread_;
  mutable std::mutex mutex_;
  std::string name_;  // guarded by mutex_
  std::atomic<bool> known_{false};
};

}  // namespace vital

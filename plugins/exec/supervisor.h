// SPDX-License-Identifier: MIT
#pragma once
#include <poll.h>

#include <memory>
#include <mutex>
#include <vector>

#include "base/ring.h"
#include "base/thread.h"
#include "exec/errand.h"

namespace vital::exec {

/// Looks after all programs, in one thread.
///
/// Threads  tick() and notify() any; start() and stop() belong to the owner
class Supervisor {
 public:
  Supervisor(const Surroundings& around, std::vector<ProgramPlan> programs,
             std::vector<ProgramPlan> errands);
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;
  ~Supervisor();

  Status start();
  /// Ends all programs: with SIGTERM, and what is left after a while with SIGKILL.
  void stop() noexcept;

  /// An interval has begun.
  void tick() noexcept;
  /// Errors  limit: too many wait already
  Status notify(std::string text) noexcept;

 private:
  void run();
  void tick_all();
  void begin_errands();
  void wait(Steady deadline);
  void look();
  void end_all();

  static constexpr std::size_t kMostErrands = 32;    // at a time
  static constexpr std::size_t kMostWaiting = 1000;  // texts

  const Surroundings around_;
  const Log log_;
  const std::vector<ProgramPlan> plans_;  // of errands
  Bell bell_;
  Thread thread_;

  // Of the thread.
  std::vector<std::unique_ptr<Program>> programs_;
  std::vector<std::unique_ptr<Errand>> errands_;
  std::vector<pollfd> fds_;
  Trouble errand_trouble_;

  std::mutex mutex_;  // guards all below
  bool ticked_ = false, stopping_ = false;
  Ring<std::string> waiting_;
};

}  // namespace vital::exec

// SPDX-License-Identifier: MIT
#pragma once
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/saved_state.h"
#include "base/thread.h"
#include "base/trouble.h"
#include "daemon/section.h"
#include "pipeline/pipeline.h"

namespace vital {

/// The value cache as a part of the saved state.
class CacheState final : public StatePart {
 public:
  /// `boot` names the kernel's run: what is of another one is not taken over.
  CacheState(Pipeline& pipeline, std::string boot, Span save_interval)
      : pipeline_{pipeline}, boot_{std::move(boot)}, save_interval_{save_interval} {}

  std::string_view state_name() const noexcept override { return "cache"; }
  std::string save() override { return pipeline_.save(boot_); }
  bool restore(std::string bytes) override {
    return pipeline_.restore(std::move(bytes), boot_, save_interval_);
  }

 private:
  Pipeline& pipeline_;
  const std::string boot_;
  const Span save_interval_;
};

/// Keeps what parts of the daemon want to know after a restart: reads it at the start, and writes
/// it now and then and at the end, in a thread of its own that may wait for the disk.
///
/// Threads  the main thread
class StateKeeper final : public Section {
 public:
  StateKeeper(const Options& globals, Clock& clock, Log log);
  ~StateKeeper() override;

  /// A part that outlives the thread. Before restore().
  void add(StatePart& part) { parts_.push_back(&part); }
  /// The same for a part that is small and that somebody asked for: it has a file of its own beside
  /// the other, which is also written when keep_now() was called.
  void add_small(StatePart& part) { small_parts_.push_back(&part); }
  /// Lets the small parts be written now. Any thread.
  void keep_now();
  /// What cannot be understood is said, once, and left aside.
  void restore();
  Status start();
  /// Lets it be written once more, and the thread end.
  void request_stop();
  /// False: the disk hangs, and the thread was given up.
  bool stop(Nanoseconds limit);

  void prepare(const Configuration& running, const Configuration& wanted) override;
  std::vector<std::string> commit() override;
  void discard() noexcept override {}

 private:
  struct Settings {
    std::string path;  // empty: nothing is kept
    Nanoseconds interval{};
  };

  using Parts = std::vector<StatePart*>;
  /// What the thread has to do.
  struct Work {
    bool all = false, small = false, last = false;
    Settings settings;
  };

  static Settings settings_of(const Options& globals);
  static std::string small_path(const std::string& path) { return path + ".now"; }
  void run();
  Work wait(Steady& next);
  void restore(const std::string& path, const Parts& parts);
  void save(const std::string& path, const Parts& parts);

  Clock& clock_;
  const Log log_;
  Parts parts_, small_parts_;
  Settings wanted_;

  std::mutex mutex_;  // guards the next ones
  Settings settings_;
  bool stopping_ = false, now_ = false;

  Trouble trouble_;  // the thread's
  Bell bell_;
  Thread thread_;
};

}  // namespace vital

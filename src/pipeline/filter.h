// SPDX-License-Identifier: MIT
#pragma once
#include <memory>
#include <span>

#include "base/clock.h"
#include "base/log.h"
#include "config/options.h"
#include "model/batch.h"
#include "model/notification.h"
#include "model/types.h"

namespace vital {

class Chains;
class Router;
class ValueCache;

/// One value on its way through the filter chains, as matches see it and targets change it.
///
/// Threads  the pipeline's lock is held
class Passage {
 public:
  /// What a passage may do beside its own value; the pipeline's.
  struct Surroundings {
    const ValueCache& cache;
    Router& router;
    std::vector<Notification>& raised;  // to be sent once the lock is released
    std::shared_ptr<Batch>& later;      // values to be submitted then; empty: none yet
    Time now{};
  };

  Passage(Batch& batch, std::size_t at, Surroundings& around) noexcept
      : batch_{batch}, at_{at}, around_{around} {}

  const SeriesInfo& series() const noexcept { return batch_.series(at_); }
  Sample sample() const noexcept { return batch_[at_]; }
  Time now() const noexcept { return around_.now; }
  /// What the cache says of the series: behind the cache the rates of this value, before it those
  /// of the last one. Empty: the cache does not know the series.
  std::span<const double> rates() const noexcept;
  /// The rate of one data source where it is known; of a gauge the value that passes.
  double rate(std::size_t source) const noexcept;
  bool behind_cache() const noexcept { return behind_cache_; }
  void now_behind_cache() noexcept { behind_cache_ = true; }

  // What stands behind this in the chain, and all writers, see what is changed here.

  /// The other name must be of the same type.
  void rename(SeriesInfo& series) noexcept;
  std::span<Value> change_values() noexcept;
  /// Behind the cache only.
  std::span<double> change_rates() noexcept;
  void change_meta(std::shared_ptr<const Meta> meta) noexcept;

  /// Hands the value as it stands to those on a route of the router.
  void write(std::size_t route) noexcept;
  void raise(Notification notification) { around_.raised.push_back(std::move(notification)); }
  /// A further value with this one's time and interval; it takes its own way, from the beginning.
  Status submit(SeriesInfo& series, std::span<const Value> values) noexcept;

 private:
  Batch& batch_;
  const std::size_t at_;
  Surroundings& around_;
  bool behind_cache_ = false;
};

/// Says whether a rule applies to a value.
///
/// Errors   logged now and then; the rule does not apply then
/// Threads  the pipeline's lock is held
class Match {
 public:
  virtual ~Match() = default;
  /// True: the identifier alone decides, so that it is asked once for each series.
  virtual bool by_name() const noexcept { return false; }
  virtual Result<bool> matches(const Passage& value) noexcept = 0;
};

/// How a chain goes on.
enum class Next : std::uint8_t {
  proceed,  ///< with the next target or rule
  leave,    ///< not at all; whoever jumped to it goes on behind the jump
  stop,     ///< neither it nor who jumped to it
};

/// Does something with a value that a rule applies to.
///
/// Errors   logged now and then; the chain proceeds
/// Threads  the pipeline's lock is held
class Target {
 public:
  virtual ~Target() = default;
  virtual Result<Next> apply(Passage& value) noexcept = 0;
  /// Called now and then: what it remembers of series and did not need since the last call goes;
  /// with `all` everything goes, for names have changed.
  virtual void forget(bool /*all*/) noexcept {}
};

/// What a match or target is made from. Its constructor may throw ConfigError.
struct FilterSetup {
  const Options& options;  // what stands in its block
  const Log& log;
  const Clock& clock;
  const Types& types;
  SeriesTable& series;
  Chains& chains;  // what it will be a part of
};

}  // namespace vital

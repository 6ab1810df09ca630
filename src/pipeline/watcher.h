// SPDX-License-Identifier: MIT
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "model/batch.h"
#include "model/notification.h"

namespace vital {

/// Something that is wrong with a series and has not been mended yet.
struct ActiveAlert {
  Time since;            // when it became as grave as it is
  Time told;             // when that was said last
  Notification last;     // what was said of it
  bool missing = false;  // there is no value at all
};

/// Looks at values inside of the pipeline, where no queue can lose them: thresholds, aggregations.
///
/// Threads  the pipeline's lock is held; what is raised is sent once it is released
class Watcher {
 public:
  using Raised = std::vector<Notification>;

  virtual ~Watcher() = default;
  /// Each value that is written to it, once.
  virtual void look(const Batch& batch, Raised& raised) noexcept = 0;
  /// The cache is about to forget a series that got no value for too long; `last` is the time of
  /// the last one.
  virtual void missing(const SeriesInfo& /*series*/, Time /*last*/, Time /*now*/,
                       Raised& /*raised*/) noexcept {}
  /// Called once in every global interval.
  virtual void tick(Time /*now*/, Raised& /*raised*/) noexcept {}

  /// Whether it says what is wrong with a series at all.
  virtual bool has_thresholds() const noexcept { return false; }
  /// What fires now.
  virtual void alerts(const std::function<void(const ActiveAlert&)>& /*each*/) {}
  /// The threshold that counts for values of that name, as lines for a client; empty: none.
  virtual std::vector<std::string> threshold(const Identifier& /*identifier*/) const { return {}; }

  /// What it must still know after a restart, and the same given back before the first value.
  /// Bytes that it does not understand it ignores. Empty: nothing.
  virtual std::string save() { return {}; }
  virtual void restore(std::string_view /*bytes*/) {}
};

}  // namespace vital

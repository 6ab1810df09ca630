// SPDX-License-Identifier: MIT
#pragma once
#include <memory>
#include <optional>

#include "daemon/section.h"
#include "pipeline/pipeline.h"
#include "scheduler/scheduler.h"

namespace vital {

/// Looks after the cache at each tick of the global interval, behind the readers; and hands on the
/// global options that may change at any time: Interval, Timeout, MaxReadInterval, ReadThreads.
class Upkeep final : public Section {
 public:
  Upkeep(Pipeline& pipeline, Scheduler& scheduler, Log log);
  ~Upkeep() override;

  /// At the start.
  void use(const Options& globals);

  void prepare(const Configuration& running, const Configuration& wanted) override;
  std::vector<std::string> commit() override;
  void discard() noexcept override { wanted_.reset(); }

 private:
  class Housekeeper;

  Pipeline& pipeline_;
  Scheduler& scheduler_;
  const Log log_;
  std::unique_ptr<Housekeeper> housekeeper_;
  std::shared_ptr<Read> read_;
  std::optional<Options> wanted_;
};

}  // namespace vital

// SPDX-License-Identifier: MIT
#pragma once
#include "daemon/section.h"
#include "pipeline/pipeline.h"
#include "plugin/loader.h"

namespace vital {

/// The filter chains of the running configuration. On a reload that changes none of them they stay,
/// with all that they remember; else all are built anew and take their place between two batches.
///
/// Threads  the main thread
class FilterChains final : public Section {
 public:
  FilterChains(Pipeline& pipeline, const Loader& loader, const Clock& clock, const Types& types,
               SeriesTable& series, Log log);

  /// Builds them. Throws ConfigError: values must not pass unfiltered.
  void use(const Configuration& configuration);

  std::vector<std::string> differences(const Configuration& running,
                                       const Configuration& wanted) const override;
  void prepare(const Configuration& running, const Configuration& wanted) override;
  std::vector<std::string> commit() override;
  void discard() noexcept override { wanted_.reset(); }

 private:
  /// What chains are built from.
  struct Plans {
    std::vector<ChainPlan> chains;
    std::string before_cache, behind_cache;

    explicit Plans(const Configuration& configuration);
    bool operator==(const Plans&) const noexcept = default;
  };
  void build(const Plans& plans);

  Pipeline& pipeline_;
  const Loader& loader_;
  const Clock& clock_;
  const Types& types_;
  SeriesTable& series_;
  const Log log_;
  std::unique_ptr<Plans> wanted_;  // prepared; nullptr: nothing changes
};

}  // namespace vital

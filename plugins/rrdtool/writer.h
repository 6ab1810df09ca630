// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <vector>

#include "base/ring.h"
#include "lib/rrd_maker.h"
#include "pipeline/writer.h"
#include "rrdtool/pace.h"
#include "rrdtool/store.h"

namespace vital::rrdtool {

/// How long values wait, so that several reach a file together.
struct CacheOptions {
  Span timeout{};                // zero: not at all
  Span flush{};                  // how often all files are searched for values that wait too long
  Span random{};                 // values wait up to that much more or less than the timeout
  double writes_per_second = 0;  // 0: as quick as one can
  bool make_apart = false;       // a thread of its own makes new files
};

/// Writes values to RRD files, one file a series.
///
/// Threads  the outlet's; new files may be made by a thread of its own
class RrdWriter final : public Writer {
 public:
  RrdWriter(std::string directory, LayoutOptions layout, const CacheOptions& cache,
            const Clock& clock, const Log& log, std::shared_ptr<Ledger> ledger);
  ~RrdWriter() override;

  Status write(const Batch& batch) noexcept override;
  Status flush(const FlushRequest& request) noexcept override;
  Steady next_wake() const noexcept override;
  void wake() noexcept override;

 private:
  // Values come in, and wait.
  void take(const Sample& sample, Steady now);
  bool accept(File& file, const Sample& sample, std::int64_t time, Steady now);
  void turn_back(File& file, const Sample& sample);
  void doubt(File& file, Steady now) noexcept;
  void retype(File& file, const DataSet& type);
  Span new_variation() noexcept;

  // Files whose values have waited long enough.
  void search(Steady now);
  void queue_due(Steady now);
  void write_queue();
  void write_out(File& file);
  void account_for(File& file, Store::Outcome outcome);
  void retry_kept(Steady now);
  void remove_idle(Steady now);

  // New files.
  void want_setup(File& file);
  void set_up_some();
  void set_up(File& file);
  Store::Outcome make(File& file);
  void after_setup(File& file, Store::Outcome outcome);
  void take_made(bool wait);

  // FLUSH and the end.
  void write_now(File& file);
  void fetch_from_maker(File& file);
  void insist();

  const CacheOptions cache_;
  const Clock& clock_;
  const Log log_;
  const std::shared_ptr<Ledger> ledger_;
  Files files_;
  Store store_;
  Pace pace_;
  std::vector<File*> due_;   // not sorted yet
  Ring<File*> queue_;        // in the order in which they are to be written
  Ring<File*> setup_;        // to be looked at, and made if need be
  std::vector<File*> kept_;  // tried in vain
  Steady next_write_{}, next_setup_{}, next_retry_{}, next_take_{}, next_search_{}, next_removal_{};
  Nanoseconds retry_pause_;
  std::size_t making_ = 0;    // with maker_
  std::uint64_t resets_ = 0;  // of the clock
  std::uint64_t random_;
  Complaint complaint_;
  Maker<File> maker_;  // last: its thread looks at files
};

}  // namespace vital::rrdtool

// SPDX-License-Identifier: MIT
#pragma once
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/strings.h"
#include "model/series.h"
#include "pipeline/threshold.h"
#include "pipeline/watcher.h"

namespace vital {

/// Compares values with thresholds and says when it gets worse or better. Which thresholds count
/// for a series is found out once. What was said is remembered over a value's absence and a
/// restart, so that everything is said once.
///
/// Threads  none of its own: the pipeline serialises
/// Source   collectd-threshold(5)
class Thresholds final : public Watcher {
 public:
  /// `forget_after`: how long something is remembered of a series that stays away.
  Thresholds(std::vector<Threshold> thresholds, Span forget_after);

  void look(const Batch& batch, Raised& raised) noexcept override;
  void missing(const SeriesInfo& series, Time last, Time now, Raised& raised) noexcept override;
  void tick(Time now, Raised& raised) noexcept override;
  bool has_thresholds() const noexcept override { return !lists_.empty(); }
  void alerts(const std::function<void(const ActiveAlert&)>& each) override;
  std::vector<std::string> threshold(const Identifier& identifier) const override;
  std::string save() override;
  void restore(std::string_view bytes) override;

 private:
  using List = std::vector<Threshold>;
  /// What is known of one series that thresholds count for.
  struct Watched {
    std::string name;
    State told = State::unknown;
    Finding::Reason reason = Finding::Reason::bounds;  // for it
    bool missing = false;                              // that was told, and no value came since
    State pending = State::unknown;                    // what will be told if it stays so
    std::uint32_t times = 0;                           // that it was seen in a row
    Time pending_since, since, repeated, gone;
    Span repeat{};                               // of the threshold that fires
    std::unique_ptr<Notification> last;          // of what fires
    std::vector<std::unique_ptr<Trend>> trends;  // threshold by threshold, source by source
    std::vector<std::unique_ptr<Band>> bands;    // source by source

    bool wrong() const noexcept { return missing || told > State::okay; }
  };
  struct Slot {
    std::uint32_t list = 0;  // 0: not found out yet, 1: none, else its place in lists_, plus 2
    std::unique_ptr<Watched> watched;
  };

  const List* find(const Identifier& identifier) const;
  Slot& slot_of(const SeriesInfo& series);
  std::unique_ptr<Watched> begin_to_watch(const SeriesInfo& series, const List& list);
  void check(const List& list, Watched& watched, const Sample& sample, Raised& raised);
  void judge(const Threshold& threshold, std::size_t number, Watched& watched, const Sample& sample,
             double total, Finding& worst);
  static void learn(const Watched& watched, const Sample& sample);
  void settle(Watched& watched, const Sample& sample, const Finding& finding, Raised& raised);
  static bool is_due(Watched& watched, Time time, const Finding& finding) noexcept;
  void tell(Watched& watched, const Sample& sample, const Finding& finding, Raised& raised);
  static void save_one(ByteWriter& out, const Watched& watched);

  const Span forget_after_;
  std::map<std::string, std::size_t, std::less<>> places_;  // of lists, by whom they are for
  std::vector<List> lists_;
  PerSeries<Slot> slots_;
  /// Of series that are away, or were not seen since the start.
  std::unordered_map<std::string, std::unique_ptr<Watched>, StringHash, std::equal_to<>> away_;
};

}  // namespace vital

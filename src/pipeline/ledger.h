// SPDX-License-Identifier: MIT
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>

namespace vital {

/// Why a value did not reach its writer's end.
enum class Loss : std::uint8_t {
  queue_full,    ///< the queue's bound was met, and this was the oldest
  shed,          ///< dropped between WriteQueueLimitLow and High
  refused,       ///< the far end, or the file, will never take it
  failed,        ///< could not be written and cannot be kept
  too_old,       ///< not newer than what the file has
  stopped,       ///< the daemon stopped before it could be written
  journal_full,  ///< the journal met its bound, and these were its oldest
  journal_age,   ///< waited in the journal for longer than it may
  damaged,       ///< the journal's file was damaged
};
constexpr std::size_t kLosses = 9;

std::string_view name_of(Loss loss) noexcept;

/// Counts what became of the values that an outlet was given. At every moment
/// submitted = delivered + queued + dropped, where what a writer holds back counts as queued.
///
/// Units    values: series at a time, whatever the number of their data sources
/// Threads  any
class Ledger {
 public:
  struct Snapshot {
    std::uint64_t submitted = 0, delivered = 0, queued = 0;
    std::array<std::uint64_t, kLosses> dropped{};
    std::uint64_t all_dropped() const noexcept;
    bool operator==(const Snapshot&) const noexcept = default;
  };

  /// From now on both count together: whom this one belongs to takes the place of the other's.
  /// Called before anything was counted here.
  void continues(const Ledger& before) noexcept { counts_ = before.counts_; }

  // The outlet's side.
  void submitted(std::uint64_t count) noexcept { counts_->submitted += count; }

  /// They have arrived. Of what a writer was given and did not count itself the outlet says so, of
  /// what it held the writer.
  void delivered(std::uint64_t count = 1) noexcept { counts_->delivered += count; }

  // The writer's side, of values that it was given by write().

  /// They will never arrive.
  void dropped(Loss loss, std::uint64_t count = 1) noexcept {
    counts_->dropped[static_cast<std::size_t>(loss)] += count;
  }
  /// They wait in the writer; later they are released, and then delivered or dropped.
  void held(std::uint64_t count = 1) noexcept { counts_->held += count; }
  void released(std::uint64_t count = 1) noexcept { counts_->held -= count; }

  std::uint64_t settled() const noexcept;  // delivered, dropped or held
  std::uint64_t held_now() const noexcept { return counts_->held; }
  /// As they all were at one moment.
  Snapshot snapshot() const noexcept;

 private:
  struct Counts {
    std::atomic<std::uint64_t> submitted{0}, delivered{0}, held{0};
    std::array<std::atomic<std::uint64_t>, kLosses> dropped{};
  };
  Snapshot collect() const noexcept;

  std::shared_ptr<Counts> counts_ = std::make_shared<Counts>();
};

}  // namespace vital

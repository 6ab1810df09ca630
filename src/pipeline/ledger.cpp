// SPDX-License-Identifier: MIT
#include "pipeline/ledger.h"

#include <numeric>

namespace vital {

std::string_view name_of(Loss loss) noexcept {
  constexpr std::array<std::string_view, kLosses> kNames{"queue_full",   "shed",        "refused",
                                                         "failed",       "too_old",     "stopped",
                                                         "journal_full", "journal_age", "damaged"};
  return kNames[static_cast<std::size_t>(loss)];
}

std::uint64_t Ledger::Snapshot::all_dropped() const noexcept {
  return std::accumulate(dropped.begin(), dropped.end(), std::uint64_t{0});
}

std::uint64_t Ledger::settled() const noexcept {
  std::uint64_t sum = counts_->delivered + counts_->held;
  for (const auto& count : counts_->dropped) sum += count;
  return sum;
}

/// What was submitted is read last, so that there is never less of it than of the others.
Ledger::Snapshot Ledger::collect() const noexcept {
  Snapshot now;
  now.delivered = counts_->delivered;
  for (std::size_t i = 0; i < kLosses; ++i) now.dropped[i] = counts_->dropped[i];
  now.submitted = counts_->submitted;
  now.queued = now.submitted - now.delivered - now.all_dropped();
  return now;
}

/// The counts only grow: when two looks find the same, they were so at every moment in between.
Ledger::Snapshot Ledger::snapshot() const noexcept {
  constexpr int kMostLooks = 1000;
  Snapshot now = collect();
  for (int look = 1; look < kMostLooks; ++look) {
    const Snapshot again = collect();
    if (again == now) break;
    now = again;
  }
  return now;
}

}  // namespace vital

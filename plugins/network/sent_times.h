// SPDX-License-Identifier: MIT
#pragma once
#include <array>
#include <atomic>
#include <memory>

#include "model/series.h"

namespace vital::network {

/// The time of the last value of each series that was sent, so that our own values are known when
/// they come back: by multicast, or by a server that forwards.
///
/// Threads  note() one; seen() any, without a lock
class SentTimes {
 public:
  void note(const SeriesInfo& series, Time time) noexcept {
    Entry* const entry = entry_of(series.index(), true);
    if (entry == nullptr) return;
    if (entry->generation.load(std::memory_order_relaxed) != series.generation()) {
      entry->time.store(0, std::memory_order_release);
      entry->generation.store(series.generation(), std::memory_order_release);
    }
    entry->time.store(time.time_since_epoch().count(), std::memory_order_release);
  }

  /// The series' value of that time, or a later one, was sent from here.
  bool seen(const SeriesInfo& series, Time time) noexcept {
    const Entry* const entry = entry_of(series.index(), false);
    return entry != nullptr &&
           entry->generation.load(std::memory_order_acquire) == series.generation() &&
           entry->time.load(std::memory_order_acquire) >= time.time_since_epoch().count();
  }

  SentTimes() = default;
  SentTimes(const SentTimes&) = delete;
  SentTimes& operator=(const SentTimes&) = delete;
  ~SentTimes() {
    for (auto& page : pages_) std::unique_ptr<Page>{page.load()}.reset();
  }

 private:
  struct Entry {
    std::atomic<std::int64_t> time{0};
    std::atomic<std::uint32_t> generation{0};
  };
  static constexpr std::size_t kPage = 1024, kPages = 4096;
  using Page = std::array<Entry, kPage>;

  /// The first pages' worth of series have a place; more are sent but not known again.
  Entry* entry_of(std::size_t index, bool make) noexcept {
    if (index / kPage >= kPages) return nullptr;
    auto& slot = pages_[index / kPage];
    Page* page = slot.load(std::memory_order_acquire);
    if (page == nullptr) {
      if (!make) return nullptr;
      page = std::make_unique<Page>().release();
      slot.store(page, std::memory_order_release);
    }
    return &(*page)[index % kPage];
  }

  std::array<std::atomic<Page*>, kPages> pages_{};
};

}  // namespace vital::network

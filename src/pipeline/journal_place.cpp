// SPDX-License-Identifier: MIT
#include "pipeline/journal_place.h"

#include <algorithm>

namespace vital::journal {
namespace {

Place earlier(Place a, Place b) noexcept { return a.entries <= b.entries ? a : b; }
Place later(Place a, Place b) noexcept { return a.entries >= b.entries ? a : b; }

bool ends_before(const Stretch& stretch, std::uint64_t entries) noexcept {
  return stretch.end.entries < entries;
}

}  // namespace

std::uint64_t Settled::settle(Stretch stretch) {
  stretch.begin = later(stretch.begin, low_);
  if (stretch.empty()) return 0;
  std::uint64_t fresh = stretch.values();
  // Those that touch it, and are one with it from now on.
  const auto first =
      std::lower_bound(behind_.begin(), behind_.end(), stretch.begin.entries, ends_before);
  auto last = first;
  Stretch whole = stretch;
  for (; last != behind_.end() && last->begin.entries <= stretch.end.entries; ++last) {
    const Stretch common{later(last->begin, stretch.begin), earlier(last->end, stretch.end)};
    fresh -= common.values();
    whole = {earlier(whole.begin, last->begin), later(whole.end, last->end)};
  }
  if (whole.begin.entries <= low_.entries) {
    low_ = whole.end;
    behind_.erase(first, last);
  } else if (first == last) {
    behind_.insert(first, whole);
  } else {
    *first = whole;
    behind_.erase(first + 1, last);
  }
  return fresh;
}

bool Settled::covers(const Stretch& stretch) const noexcept {
  return skip(stretch.begin).entries >= stretch.end.entries;
}

Place Settled::skip(Place place) const noexcept {
  if (place.entries < low_.entries) return low_;
  const auto next =
      std::lower_bound(behind_.begin(), behind_.end(), place.entries + 1, ends_before);
  return next != behind_.end() && next->begin.entries <= place.entries ? next->end : place;
}

std::uint64_t Settled::waiting(Place end) const noexcept {
  std::uint64_t values = end.values - low_.values;
  for (const Stretch& stretch : behind_) values -= stretch.values();
  return values;
}

}  // namespace vital::journal

// SPDX-License-Identifier: MIT
#include "network/series_index.h"

namespace vital::network {
namespace {

constexpr std::size_t kFirstSlots = 1024;

/// Compares the beginning of `name` and goes on behind it.
class Matcher {
 public:
  explicit Matcher(const char* at) noexcept : at_{at} {}
  bool text(std::string_view text) noexcept {
    const bool same = std::string_view{at_, text.size()} == text;
    at_ += text.size();
    return same;
  }
  bool sign(char sign) noexcept { return *at_++ == sign; }
  bool instance(std::string_view text) noexcept {
    return text.empty() || (sign('-') && this->text(text));
  }

 private:
  const char* at_;
};

std::size_t instance_size(std::string_view text) noexcept {
  return text.empty() ? 0 : 1 + text.size();
}

}  // namespace

bool is_named(const SeriesInfo& series, const Identifier& id) noexcept {
  const std::string_view name = series.name();
  const std::size_t size = id.host.size() + 1 + id.plugin.size() +
                           instance_size(id.plugin_instance) + 1 + id.type.size() +
                           instance_size(id.type_instance);
  if (name.size() != size) return false;
  Matcher match{name.data()};
  return match.text(id.host) && match.sign('/') && match.text(id.plugin) &&
         match.instance(id.plugin_instance) && match.sign('/') && match.text(id.type) &&
         match.instance(id.type_instance) && series.type().type == id.type;
}

bool SeriesIndex::is(Place place, std::uint32_t hash, const Identifier& identifier) const noexcept {
  const Entry& entry = entries_[place];
  return entry.hash == hash && entry.series != nullptr && !entry.series->retired() &&
         is_named(*entry.series, identifier);
}

SeriesInfo* SeriesIndex::find(std::uint64_t hash, const Identifier& identifier,
                              Place& expected) noexcept {
  const auto wanted = static_cast<std::uint32_t>(hash >> 32);
  Place place = expected;
  if (place >= top_ || !is(place, wanted, identifier)) place = place_of(wanted, identifier);
  if (place == kNone) return nullptr;
  fetch_behind(place);
  expected = place + 1;
  return entries_[place].series;
}

SeriesIndex::Place SeriesIndex::place_of(std::uint32_t hash,
                                         const Identifier& identifier) const noexcept {
  if (slots_.empty()) return kNone;
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash & mask; slots_[at].place != kNone; at = (at + 1) & mask)
    if (slots_[at].hash == hash && is(slots_[at].place, hash, identifier)) return slots_[at].place;
  return kNone;
}

/// A series takes two accesses: its own place, and where its name is.
void SeriesIndex::fetch_behind(Place place) const noexcept {
  constexpr Place kNear = 4, kFar = 8;
  if (place + kFar >= entries_.size()) return;
  __builtin_prefetch(entries_[place + kFar].series);
  const SeriesInfo* const near = entries_[place + kNear].series;
  if (near == nullptr || near->retired()) return;
  const std::string_view name = near->name();
  __builtin_prefetch(name.data());
  __builtin_prefetch(name.data() + name.size());
}

void SeriesIndex::insert(std::uint64_t hash, SeriesInfo& series, PeerId peer, Place& expected) {
  if ((used_ + 1) * 4 > slots_.size() * 3) grow();
  const Place place = new_place();
  const auto upper = static_cast<std::uint32_t>(hash >> 32);
  entries_[place] = {.series = &series,
                     .hash = upper,
                     .peer = peer,
                     .generation = static_cast<std::uint16_t>(series.generation())};
  put({upper, place});
  ++used_;
  expected = place + 1;
}

SeriesIndex::Place SeriesIndex::new_place() {
  if (!free_.empty()) return free_.pop();
  entries_.reach(top_);
  return top_++;
}

void SeriesIndex::put(const Slot& slot) noexcept {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = slot.hash & mask;
  while (slots_[at].place != kNone) at = (at + 1) & mask;
  slots_[at] = slot;
}

void SeriesIndex::grow() {
  std::vector<Slot> old(slots_.empty() ? kFirstSlots : slots_.size() * 2);
  old.swap(slots_);
  for (const Slot& slot : old)
    if (slot.place != kNone) put(slot);
}

/// Those behind its slot that could not stand at their own because of it move up.
void SeriesIndex::erase(Place place) noexcept {
  const std::size_t mask = slots_.size() - 1;
  std::size_t hole = entries_[place].hash & mask;
  while (slots_[hole].place != place) hole = (hole + 1) & mask;
  for (std::size_t at = (hole + 1) & mask; slots_[at].place != kNone; at = (at + 1) & mask) {
    const std::size_t home = slots_[at].hash & mask;
    if (((at - home) & mask) < ((at - hole) & mask)) continue;
    slots_[hole] = slots_[at];
    hole = at;
  }
  slots_[hole] = Slot{};
  entries_[place] = Entry{};
  free_.push(place);
  --used_;
}

}  // namespace vital::network

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

SeriesInfo* SeriesIndex::find(std::uint64_t hash, const Identifier& identifier) const noexcept {
  if (slots_.empty()) return nullptr;
  const auto wanted = static_cast<std::uint32_t>(hash >> 32);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = wanted & mask; slots_[at].series != nullptr; at = (at + 1) & mask) {
    const Slot& slot = slots_[at];
    if (slot.hash == wanted && !slot.series->retired() && is_named(*slot.series, identifier))
      return slot.series;
  }
  return nullptr;
}

void SeriesIndex::insert(std::uint64_t hash, SeriesInfo& series, PeerId peer) {
  if ((used_ + 1) * 4 > slots_.size() * 3) grow();
  place({.series = &series,
         .hash = static_cast<std::uint32_t>(hash >> 32),
         .peer = peer,
         .generation = static_cast<std::uint16_t>(series.generation())});
  ++used_;
}

void SeriesIndex::place(const Slot& slot) noexcept {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = slot.hash & mask;
  while (slots_[at].series != nullptr) at = (at + 1) & mask;
  slots_[at] = slot;
}

void SeriesIndex::grow() {
  std::vector<Slot> old(slots_.empty() ? kFirstSlots : slots_.size() * 2);
  old.swap(slots_);
  for (const Slot& slot : old)
    if (slot.series != nullptr) place(slot);
}

/// Those behind that could not stand at their place because of this one move up.
void SeriesIndex::erase(std::size_t hole) noexcept {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = (hole + 1) & mask; slots_[at].series != nullptr; at = (at + 1) & mask) {
    const std::size_t home = slots_[at].hash & mask;
    if (((at - home) & mask) < ((at - hole) & mask)) continue;
    slots_[hole] = slots_[at];
    hole = at;
  }
  slots_[hole] = Slot{};
  --used_;
}

}  // namespace vital::network

// SPDX-License-Identifier: MIT
#include "model/series.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/hash.h"

namespace vital {
namespace {

constexpr std::size_t kFirstSlots = 256;

/// An identifier whose fields have been normalised, with the bytes of those that had to be changed.
class Normalised {
 public:
  static bool needed(const Identifier& id) noexcept {
    for (const std::string_view field :
         {id.host, id.plugin, id.plugin_instance, id.type, id.type_instance})
      if (field.size() > Identifier::kLongestField || field.find('/') != std::string_view::npos)
        return true;
    return false;
  }

  /// Errors  too_long
  Status set(const Identifier& raw) noexcept {
    const std::array<std::string_view, 5> fields{raw.host, raw.plugin, raw.plugin_instance,
                                                 raw.type, raw.type_instance};
    const std::array<std::string_view*, 5> results{&id_.host, &id_.plugin, &id_.plugin_instance,
                                                   &id_.type, &id_.type_instance};
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const auto text = normalised(fields[i]);
      if (!text) return text.error();
      texts_[i] = *text;
      *results[i] = texts_[i].view();
    }
    return {};
  }
  const Identifier& identifier() const noexcept { return id_; }

 private:
  std::array<Text<Identifier::kLongestField>, 5> texts_;
  Identifier id_;
};

}  // namespace

std::string_view SeriesInfo::plugin_part() const noexcept {
  return name().substr(host_size_ + 1u, plugin_part_size_);
}

std::string_view SeriesInfo::type_part() const noexcept {
  return name().substr(host_size_ + 2u + plugin_part_size_);
}

std::string_view SeriesInfo::plugin_instance() const noexcept {
  const std::string_view part = plugin_part();
  return part.size() > plugin_size_ ? part.substr(plugin_size_ + 1u) : std::string_view{};
}

std::string_view SeriesInfo::type_instance() const noexcept {
  const std::string_view part = type_part();
  return part.size() > type_size_ ? part.substr(type_size_ + 1u) : std::string_view{};
}

Identifier SeriesInfo::identifier() const noexcept {
  return {host(), plugin(), plugin_instance(), type_name(), type_instance()};
}

const Labels& SeriesInfo::labels() const noexcept {
  static const Labels kNone;
  return labels_ ? *labels_ : kNone;
}

Era::~Era() { table_.reclaim(retired_); }

SeriesTable::SeriesTable(std::uint64_t hash_seed)
    : seed_{hash_seed}, slots_(kFirstSlots), era_{std::make_shared<Era>(*this)} {}

SeriesTable::~SeriesTable() { era_.reset(); }

Result<Series> SeriesTable::intern(const Identifier& raw, const DataSet& type, Labels labels) {
  Identifier identifier = raw;
  Normalised normal;
  if (Normalised::needed(raw)) {
    if (auto status = normal.set(raw); !status) return status.error();
    identifier = normal.identifier();
  }
  const std::lock_guard lock{mutex_};
  const bool local = identifier.host.empty();
  if (local) identifier.host = local_host_;
  const IdentifierText name = format(identifier);
  const std::uint32_t hash = hash_of(name.view());
  if (SeriesInfo* known = lookup(name.view(), hash)) {
    if (known->type_ == &type || *known->type_ == type) return Series{known};
    erase(*known);  // its type has changed: to all who look again it is another series
    known->retired_.store(true, std::memory_order_release);
  }
  SeriesInfo& made = make(identifier, name.view(), type);
  made.local_ = local;
  if (!labels.empty()) made.labels_ = std::make_unique<const Labels>(std::move(labels));
  insert(hash, made.index_);
  return Series{&made};
}

Series SeriesTable::find(std::string_view name) {
  const std::lock_guard lock{mutex_};
  return Series{lookup(name, hash_of(name))};
}

std::uint32_t SeriesTable::hash_of(std::string_view name) const noexcept {
  return static_cast<std::uint32_t>(hash_bytes(name, seed_));
}

SeriesInfo* SeriesTable::lookup(std::string_view name, std::uint32_t hash) noexcept {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash & mask; slots_[at].place != 0; at = (at + 1) & mask) {
    if (slots_[at].hash != hash || slots_[at].place == kGone) continue;
    SeriesInfo& info = infos_[slots_[at].place - 1];
    if (info.name() == name) return &info;
  }
  return nullptr;
}

void SeriesTable::set_name(SeriesInfo& info, const Identifier& identifier, std::string_view name) {
  info.name_ = std::make_unique_for_overwrite<char[]>(name.size());
  std::memcpy(info.name_.get(), name.data(), name.size());
  info.name_size_ = static_cast<std::uint16_t>(name.size());
  info.host_size_ = static_cast<std::uint8_t>(identifier.host.size());
  info.plugin_size_ = static_cast<std::uint8_t>(identifier.plugin.size());
  info.type_size_ = static_cast<std::uint8_t>(identifier.type.size());
  const std::size_t instance = identifier.plugin_instance.size();
  info.plugin_part_size_ =
      static_cast<std::uint16_t>(identifier.plugin.size() + (instance != 0 ? 1 + instance : 0));
}

SeriesInfo& SeriesTable::make(const Identifier& identifier, std::string_view name,
                              const DataSet& type) {
  if (free_.empty()) {
    const auto index = static_cast<std::uint32_t>(infos_.size());
    infos_.emplace_back().index_ = index;
    free_.push_back(index);
  }
  SeriesInfo& info = infos_[free_.back()];
  free_.pop_back();
  set_name(info, identifier, name);
  info.type_ = &type;
  ++info.generation_;
  info.retired_.store(false, std::memory_order_release);
  return info;
}

void SeriesTable::insert(std::uint32_t hash, std::uint32_t index) {
  if ((used_ + 1) * 4 > slots_.size() * 3) grow();
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash & mask;
  while (slots_[at].place != 0) at = (at + 1) & mask;
  slots_[at] = {hash, index + 1};
  ++used_;
  ++alive_;
}

void SeriesTable::grow() {
  std::vector<Slot> old(
      std::max(kFirstSlots, slots_.size() * (alive_ * 2 > slots_.size() ? 2 : 1)));
  old.swap(slots_);
  used_ = 0;
  const std::size_t mask = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.place == 0 || slot.place == kGone) continue;
    std::size_t at = slot.hash & mask;
    while (slots_[at].place != 0) at = (at + 1) & mask;
    slots_[at] = slot;
    ++used_;
  }
}

void SeriesTable::erase(const SeriesInfo& info) noexcept {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash_of(info.name()) & mask; slots_[at].place != 0; at = (at + 1) & mask) {
    if (slots_[at].place != info.index_ + 1) continue;
    slots_[at].place = kGone;
    --alive_;
    return;
  }
}

void SeriesTable::set_local_host(std::string_view host) {
  const std::lock_guard lock{mutex_};
  if (host == local_host_) return;
  local_host_ = host;
  renames_.fetch_add(1, std::memory_order_relaxed);
  rename_local();
}

std::string SeriesTable::local_host() const {
  const std::lock_guard lock{mutex_};
  return local_host_;
}

void SeriesTable::rename_local() {
  for (SeriesInfo& info : infos_) {
    if (!info.local_ || info.retired() || info.name_size_ == 0) continue;
    erase(info);
    Identifier identifier = info.identifier();
    const std::unique_ptr<char[]> before = std::move(info.name_);  // what identifier looks at
    identifier.host = local_host_;
    const IdentifierText name = format(identifier);
    const std::uint32_t hash = hash_of(name.view());
    if (SeriesInfo* other = lookup(name.view(), hash)) {
      erase(*other);
      other->retired_.store(true, std::memory_order_release);
    }
    set_name(info, identifier, name.view());
    insert(hash, info.index_);
  }
}

std::shared_ptr<Era> SeriesTable::era() {
  const std::lock_guard lock{mutex_};
  return era_;
}

void SeriesTable::retire(const std::vector<SeriesInfo*>& candidates) {
  std::shared_ptr<Era> ended;  // let go after the lock: its end locks again
  const std::lock_guard lock{mutex_};
  for (SeriesInfo* info : candidates) {
    if (info->in_era_ || info->holders_.load(std::memory_order_acquire) != 0) continue;
    if (!info->retired()) erase(*info);
    info->retired_.store(true, std::memory_order_release);
    info->in_era_ = true;
    era_->retired_.push_back(info);
  }
  if (era_->retired_.empty()) return;
  ended = std::move(era_);
  era_ = std::make_shared<Era>(*this);
  ended->next_ = era_;
}

void SeriesTable::reclaim(const std::vector<SeriesInfo*>& retired) noexcept {
  const std::lock_guard lock{mutex_};
  for (SeriesInfo* info : retired) {
    info->name_.reset();
    info->name_size_ = 0;
    info->labels_.reset();
    info->in_era_ = false;
    free_.push_back(info->index_);
  }
}

void SeriesTable::retire_unheld() {
  std::vector<SeriesInfo*> candidates;
  {
    const std::lock_guard lock{mutex_};
    for (SeriesInfo& info : infos_)
      if (info.name_size_ != 0 && !info.in_era_ && info.holders_.load() == 0)
        candidates.push_back(&info);
  }
  if (!candidates.empty()) retire(candidates);
}

std::size_t SeriesTable::size() const noexcept {
  const std::lock_guard lock{mutex_};
  return alive_;
}

std::size_t SeriesTable::index_limit() const noexcept {
  const std::lock_guard lock{mutex_};
  return infos_.size();
}

}  // namespace vital

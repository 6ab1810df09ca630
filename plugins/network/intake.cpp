// SPDX-License-Identifier: MIT
#include "network/intake.h"

#include <sys/random.h>

#include "base/hash.h"

namespace vital::network {
namespace {

constexpr std::size_t kMostBatches = 16;
constexpr std::uint64_t kMostUseless = 10'000;        // per peer and second
constexpr std::uint64_t kMostNotifications = 10'000;  // per second
constexpr std::uint64_t kMostComplaints = 5;          // log lines per second
constexpr std::uint64_t kLongestInterval = std::uint64_t{366} * 86400 << 30;
constexpr std::size_t kSweeps = 64;  // of a part of the index, until all of it was looked at

std::uint64_t random_seed() noexcept {
  std::uint64_t seed = 0;
  [[maybe_unused]] const ssize_t got = ::getrandom(&seed, sizeof seed, GRND_NONBLOCK);
  return seed;
}

bool has_control_characters(const Identifier& id) noexcept {
  for (const std::string_view text :
       {id.host, id.plugin, id.plugin_instance, id.type, id.type_instance})
    for (const char c : text)
      if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') return true;
  return false;
}

/// The texts of an identifier as the series table will have them.
class NormalIdentifier {
 public:
  explicit NormalIdentifier(const Identifier& raw) noexcept
      : id_{set(raw.host, 0), set(raw.plugin, 1), set(raw.plugin_instance, 2), set(raw.type, 3),
            set(raw.type_instance, 4)} {}
  const Identifier& get() const noexcept { return id_; }
  bool changed() const noexcept { return changed_; }

 private:
  std::string_view set(std::string_view raw, std::size_t which) noexcept {
    if (raw.find('/') == std::string_view::npos) return raw;
    changed_ = true;
    const auto text = normalised(raw);
    if (!text) return {};
    texts_[which] = *text;
    return texts_[which].view();
  }

  bool changed_ = false;
  Text<Identifier::kLongestField> texts_[5];
  Identifier id_;
};

bool is_level(std::uint64_t severity) noexcept {
  return severity == static_cast<std::uint64_t>(Level::failure) ||
         severity == static_cast<std::uint64_t>(Level::warning) ||
         severity == static_cast<std::uint64_t>(Level::okay);
}

Drop drop_of(Verdict verdict) noexcept {
  switch (verdict) {
    case Verdict::unknown_user:
      return Drop::unknown_user;
    case Verdict::bad_signature:
      return Drop::bad_signature;
    default:
      return Drop::malformed;
  }
}

}  // namespace

Intake::Intake(const Context& context) : context_{context}, seed_{random_seed()} {}

void Intake::packet(MutableBytes bytes, bool whole, const HostAddress& from, const Door& door,
                    Steady now) noexcept {
  counts_.packets.add();
  counts_.octets.add(bytes.size());
  peer_ = &peers_.find(from, now);
  second_ = now.time_since_epoch() / std::chrono::seconds{1};
  door_ = &door;
  if (!door.settings.admits(from)) return drop(Drop::denied);
  if (is_flooding(*peer_)) return drop(Drop::flood);
  if (!batch_) begin_batch();
  trusted({}, Trust::none);
  const std::size_t before = batch_->size();
  const Verdict verdict = PacketParser<Intake>{*this, door.settings.security}.parse(bytes);
  if (!whole)
    drop(Drop::cut);
  else if (verdict != Verdict::fine)
    drop(drop_of(verdict));
  peer_->useful.add(second_, batch_->size() - before);
}

/// Who sends next to nothing of use costs no more than the reading of its packets.
bool Intake::is_flooding(Peer& peer) const noexcept {
  const std::uint64_t useless = peer.useless.in(second_);
  return useless > kMostUseless && useless / 4 > peer.useful.in(second_);
}

void Intake::begin_batch() {
  for (const auto& batch : batches_) {
    if (!is_free(batch)) continue;
    batch_ = batch;
    break;
  }
  if (!batch_) {
    batch_ = std::make_shared<Batch>();
    if (batches_.size() < kMostBatches) batches_.push_back(batch_);
  }
  wall_ = context_.host.clock().wall();
  batch_->begin(wall_, context_.interval, context_.host.series().era());
  batch_->mark_received();
}

bool Intake::submit() {
  if (!batch_) return false;
  const bool any = !batch_->empty();
  counts_.values.add(batch_->size());
  if (any) context_.host.submit(std::exchange(batch_, nullptr));
  batch_.reset();
  meta_.reset();
  return any;
}

void Intake::values(Fields& fields, const WireValues& wire) noexcept {
  const Identifier id = fields.identifier();
  if (fields.time == 0 || id.host.empty() || id.plugin.empty() || id.type.empty())
    return drop(Drop::incomplete);
  if (fields.time >> 63 != 0 || fields.interval > kLongestInterval) return drop(Drop::bad_time);
  if (is_replayed(fields.time)) return drop(Drop::replayed);
  SeriesInfo* const series = find(fields);
  if (series == nullptr) return;
  if (!convert(wire, series->type())) return drop(Drop::wrong_values, id.type);
  const Time time{Span{static_cast<std::int64_t>(fields.time)}};
  const Span interval{static_cast<std::int64_t>(fields.interval)};
  if (context_.sent != nullptr && context_.sent->seen(*series, time)) return drop(Drop::looped);
  (void)batch_->add_at(*series, time, interval == Span::zero() ? context_.interval : interval,
                       values_, meta_);
}

/// The bits stay, whatever the sender's types.db calls a total. A gauge cannot become one.
bool Intake::convert(const WireValues& wire, const DataSet& type) noexcept {
  if (wire.size() != type.size()) return false;
  values_.resize(type.size());
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const Kind theirs = wire.kind(i), ours = type.sources[i].kind;
    values_[i] = wire[i];
    if ((theirs == Kind::gauge) == (ours == Kind::gauge)) continue;
    if (theirs == Kind::gauge) return false;
    values_[i].gauge = theirs == Kind::derive ? static_cast<double>(values_[i].derive)
                                              : static_cast<double>(values_[i].counter);
  }
  return true;
}

SeriesInfo* Intake::find(Fields& fields) noexcept {
  for (unsigned which = 0; fields.changed != 0; ++which, fields.changed >>= 1) {
    if ((fields.changed & 1) == 0) continue;
    fields.hash -= fields.hashes[which];
    fields.hashes[which] = hash_bytes(fields.texts[which], seed_ + which);
    fields.hash += fields.hashes[which];
  }
  const Identifier id = fields.identifier();
  SeriesInfo* const known = index_.find(fields.hash, id, peer_->expected);
  return known != nullptr ? known : meet(id, fields.hash);
}

/// A series that this thread has not met, or that has been forgotten since.
SeriesInfo* Intake::meet(const Identifier& raw, std::uint64_t hash) noexcept {
  const DataSet* const type = context_.host.types().find(raw.type);
  if (type == nullptr) return drop(Drop::unknown_type, raw.type), nullptr;
  if (has_control_characters(raw)) return drop(Drop::bad_name), nullptr;
  const NormalIdentifier normal{raw};
  SeriesTable& table = context_.host.series();
  const Series known = table.find(format(normal.get()).view());
  if (!known && !may_add_series()) return drop(Drop::series_limit, raw.host), nullptr;
  const auto series = table.intern(normal.get(), *type);
  if (!series) return drop(Drop::bad_name), nullptr;
  if (!known) {
    new_series_.add(second_);
    peer_->new_series.add(second_);
  }
  if (!normal.changed() && is_named(**series, raw)) {
    index_.insert(hash, *series->get(), peer_->id, peer_->expected);
    ++peer_->series;
  }
  return series->get();
}

bool Intake::may_add_series() noexcept {
  const Limits& limits = context_.limits;
  return permits(limits.series, context_.host.series().size(), peer_->series) &&
         permits(limits.new_per_second, new_series_.in(second_), peer_->new_series.in(second_));
}

void Intake::notification(const Fields& fields, std::string_view message) noexcept {
  if (!is_level(fields.severity) || message.empty() || fields.time == 0)
    return drop(Drop::incomplete);
  if (fields.time >> 63 != 0) return drop(Drop::bad_time);
  if (is_replayed(fields.time)) return drop(Drop::replayed);
  if (!permits(kMostNotifications, notifications_.in(second_), peer_->notifications.in(second_)))
    return drop(Drop::notifications);
  notifications_.add(second_);
  peer_->notifications.add(second_);
  const Identifier id = fields.identifier();
  Notification heard;
  heard.level = static_cast<Level>(fields.severity);
  heard.time = Time{Span{static_cast<std::int64_t>(fields.time)}};
  heard.set_message(message);
  heard.host = id.host;
  heard.plugin = id.plugin;
  heard.plugin_instance = id.plugin_instance;
  heard.type = id.type;
  heard.type_instance = id.type_instance;
  heard.meta.set("network:received", true);
  context_.host.notify(std::move(heard));
}

/// Only who vouches for the time can be held to it.
bool Intake::is_replayed(std::uint64_t time) const noexcept {
  const Span window = door_->settings.replay_window;
  if (window == Span::zero() || trust_ == Trust::none) return false;
  return Time{Span{static_cast<std::int64_t>(time)}} < wall_ - window;
}

Verdict Intake::verify(const Signed& part) noexcept {
  const auto user = door_->users->find(part.user);
  if (user == door_->users->end()) return Verdict::unknown_user;
  return crypt_.verify(user->second, part.content, part.mac) ? Verdict::fine
                                                             : Verdict::bad_signature;
}

Verdict Intake::decrypt(const Encrypted& part) noexcept {
  if (door_->users == nullptr) return Verdict::unknown_user;
  const auto user = door_->users->find(part.user);
  if (user == door_->users->end()) return Verdict::unknown_user;
  return crypt_.decrypt(user->second, part.iv, part.cipher) ? Verdict::fine
                                                            : Verdict::bad_signature;
}

void Intake::trusted(std::string_view user, Trust trust) noexcept {
  trust_ = trust;
  if (const auto& meta = peer_->meta(user); meta_ != meta) meta_ = meta;
}

void Intake::skipped(PartType type) noexcept {
  if (type == PartType::values || type == PartType::message) drop(Drop::unprotected);
}

void Intake::drop(Drop drop, std::string_view what) noexcept {
  counts_.drops.add(drop);
  peer_->drops.add(drop);
  peer_->useless.add(second_);
  const std::uint32_t bit = std::uint32_t{1} << static_cast<unsigned>(drop);
  if ((peer_->said & bit) != 0 || drop == Drop::looped || drop == Drop::incomplete) return;
  if (complaints_.in(second_) >= kMostComplaints) return;
  complaints_.add(second_);
  peer_->said |= bit;
  complain(drop, what);
}

/// Names in log lines are cut short and bare of control characters.
void Intake::complain(Drop drop, std::string_view what) noexcept {
  Text<128> text;
  for (const char c : what) text.add(static_cast<unsigned char>(c) < ' ' ? '?' : c);
  const auto who = peer_->id == 0 ? Text<64>{}.add("one of many peers") : peer_->address.text();
  const std::string_view unit = counts_packets(drop) ? "packets" : "values";
  context_.log.notice(unit, " from ", who, " are dropped: ", name_of(drop),
                      text.empty() ? "" : ", ", text, " (said once an hour)");
}

void Intake::look_after(Steady now) {
  if (now >= next_forgetting_) {
    peers_.forget_idle(now);
    next_forgetting_ = now + std::chrono::minutes{1};
  }
  if (now < next_sweep_) return;
  next_sweep_ = now + std::chrono::seconds{1};
  const auto era = context_.host.series().era();  // what we look at stays while we look
  index_.sweep(index_.capacity() / kSweeps + 1,
               [this](SeriesIndex::PeerId id) { --peers_[id].series; });
}

}  // namespace vital::network

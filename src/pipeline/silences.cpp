// SPDX-License-Identifier: MIT
#include "pipeline/silences.h"

#include <fnmatch.h>

#include <algorithm>

#include "base/bytes.h"

namespace vital {
namespace {

constexpr std::uint8_t kVersion = 1;  // of what save() writes

}  // namespace

bool Silence::covers(std::string_view identifier) const noexcept {
  return ::fnmatch(pattern.c_str(), std::string{identifier}.c_str(), 0) == 0;
}

std::string subject_of(const Notification& notification) {
  const auto part = [](const std::string& name, const std::string& instance) {
    return instance.empty() ? name : name + "-" + instance;
  };
  return notification.host + "/" + part(notification.plugin, notification.plugin_instance) + "/" +
         part(notification.type, notification.type_instance);
}

std::uint64_t Silences::add(std::string pattern, std::string comment, Time since, Time until) {
  all_.push_back({++last_id_, std::move(pattern), std::move(comment), since, until});
  return last_id_;
}

bool Silences::end(std::uint64_t id, Time now) noexcept {
  const auto found = std::find_if(all_.begin(), all_.end(),
                                  [&](const Silence& silence) { return silence.id == id; });
  if (found == all_.end()) return false;
  found->until = std::min(found->until, now);
  return true;
}

const Silence* Silences::find(std::string_view identifier, Time now) const noexcept {
  const auto found = std::find_if(all_.begin(), all_.end(), [&](const Silence& silence) {
    return now < silence.until && silence.covers(identifier);
  });
  return found == all_.end() ? nullptr : &*found;
}

std::vector<Silence> Silences::take_ended(Time now) {
  std::vector<Silence> ended;
  for (Silence& silence : all_)
    if (now >= silence.until) ended.push_back(silence);
  if (!ended.empty())
    std::erase_if(all_, [&](const Silence& silence) { return now >= silence.until; });
  return ended;
}

std::string Silences::save() const {
  ByteWriter out;
  out.fixed(kVersion);
  out.small(last_id_);
  for (const Silence& silence : all_) {
    out.small(silence.id);
    out.text(silence.pattern);
    out.text(silence.comment);
    out.fixed(silence.since.time_since_epoch().count());
    out.fixed(silence.until.time_since_epoch().count());
  }
  return std::string{out.view()};
}

void Silences::restore(std::string_view bytes) {
  ByteReader in{bytes};
  if (in.fixed<std::uint8_t>() != kVersion) return;
  const std::uint64_t last_id = in.small();
  while (in.ok() && in.left() != 0) {
    Silence silence;
    silence.id = in.small();
    silence.pattern = in.text();
    silence.comment = in.text();
    silence.since = Time{Span{in.fixed<std::int64_t>()}};
    silence.until = Time{Span{in.fixed<std::int64_t>()}};
    if (!in.ok()) return;
    all_.push_back(std::move(silence));
  }
  if (in.ok()) last_id_ = std::max(last_id_, last_id);
}

}  // namespace vital

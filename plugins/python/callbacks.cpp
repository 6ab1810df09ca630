// SPDX-License-Identifier: MIT
#include "python/callbacks.h"

#include "base/strings.h"

namespace vital::python {
namespace {

constexpr std::array<std::string_view, kEvents> kNames{
    "config", "init", "read", "write", "flush", "log", "notification", "shutdown"};

}  // namespace

std::string_view name_of(Event event) noexcept { return kNames[static_cast<std::size_t>(event)]; }

std::optional<Event> event_of(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kEvents; ++i)
    if (kNames[i] == name) return static_cast<Event>(i);
  return std::nullopt;
}

std::shared_ptr<Callback> Callbacks::find(Event event, std::string_view name) noexcept {
  for (const auto& callback : all(event))
    if (callback->function && iequals(callback->name, name)) return callback;
  return nullptr;
}

std::shared_ptr<Callback> Callbacks::add(std::shared_ptr<Callback> callback) {
  auto known = find(callback->event, callback->name);
  if (known && callback->event == Event::read) return nullptr;
  if (!known) return all(callback->event).emplace_back(std::move(callback));
  known->function = std::move(callback->function);
  known->data = std::move(callback->data);
  return known;
}

bool Callbacks::remove(Event event, std::string_view name) noexcept {
  const auto known = find(event, name);
  if (!known) return false;
  known->function = Ref{};
  known->taken_back = true;
  return true;
}

}  // namespace vital::python

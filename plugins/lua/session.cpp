// SPDX-License-Identifier: MIT
#include "lua/session.h"

#include <algorithm>

namespace vital::lua {
namespace {

/// A time that can be shown; else the other one.
Time time_or(double seconds, Time fallback) noexcept {
  constexpr double kLatest = 8e9;  // the year 2223
  return seconds > 0 && seconds < kLatest ? time_of(seconds) : fallback;
}

}  // namespace

Session::Session(Host& host, Log log, Span interval)
    : Surface{host.types(), host.series()},
      host_{host},
      log_{std::move(log)},
      interval_{interval} {}

void Session::log(Severity severity, std::string_view message) const noexcept {
  host_.log_hub().write(severity, message.substr(0, Log::kLongest));
}

Batch& Session::batch() {
  if (reading_ != nullptr) return *reading_;
  if (!own_) {
    own_ = std::make_shared<Batch>();
    own_->begin(host_.clock().wall(), interval_, host_.series().era());
  }
  return *own_;
}

void Session::hand_on() {
  if (!own_) return;
  host_.submit(std::exchange(own_, nullptr));
  host_.publish();
}

Session::Refusal Session::dispatch(const ValueTable& table) noexcept {
  Refusal refusal;
  if (!table.has_values) return refusal.add("values is missing");
  Series series;
  if (refusal = declare(table.identifier, series); !refusal.empty()) return refusal;
  Batch& into = batch();
  const Time time = time_or(table.time, reading_ ? into.time() : host_.clock().wall());
  const Span interval = table.interval > 0 ? span_of(table.interval) : into.interval();
  return add_sample(series, time, interval, table.values);
}

Session::Refusal Session::submit(const Series& series, const LuaNumbers& values) noexcept {
  Batch& into = batch();
  return add_sample(series, reading_ ? into.time() : host_.clock().wall(), into.interval(), values);
}

Session::Refusal Session::add_sample(const Series& series, Time time, Span interval,
                                     const LuaNumbers& numbers) {
  Refusal refusal;
  const auto& sources = series->type().sources;
  if (numbers.size != sources.size())
    return refusal.add("type \"")
        .add_cut(series->type().type)
        .add("\" has ")
        .add(sources.size())
        .add(sources.size() == 1 ? " value, not " : " values, not ")
        .add(numbers.size);
  std::array<Value, LuaNumbers::kMost> values;
  for (std::size_t i = 0; i < numbers.size; ++i) {
    if (numbers.numbers[i].as(sources[i].kind, values[i])) continue;
    no_number_.say(log_, host_.clock().now(), "a value of ", series->name(),
                   " is no number and is dropped");
    return refusal;
  }
  (void)batch().add_at(*series.get(), time, interval, {values.data(), numbers.size});
  return refusal;
}

Session::Refusal Session::notify(Notification notification) noexcept {
  if (notification.time == Time{}) notification.time = host_.clock().wall();
  if (notification.host.empty()) notification.host = host_name();
  host_.notify(std::move(notification));
  return {};
}

/// A name that is there already: a second read callback is refused, any other takes its place.
Session::Refusal Session::add(Event event, std::string_view function, int reference) noexcept {
  Refusal refusal;
  Callback callback{.name = function.empty() ? "callback_" + std::to_string(unnamed_++)
                                             : std::string{function} + "()",
                    .reference = reference};
  auto& all = callbacks(event);
  const auto same = std::find_if(
      all.begin(), all.end(), [&](const Callback& known) { return known.name == callback.name; });
  if (same == all.end()) {
    all.push_back(std::move(callback));
  } else if (event == Event::read) {
    refusal.add("the read callback ").add_cut(callback.name).add(" is registered already");
  } else {
    log_.warning("the ", name_of(event), " callback ", std::string_view{callback.name},
                 " is registered again and replaces the first");
    *same = std::move(callback);
  }
  return refusal;
}

}  // namespace vital::lua

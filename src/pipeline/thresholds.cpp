// SPDX-License-Identifier: MIT
#include "pipeline/thresholds.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace vital {
namespace {

constexpr std::uint8_t kVersion = 1;  // of what save() writes
constexpr unsigned kMostDays = 366;

/// Names cannot have a NUL, so that it may stand between them.
std::string key_of(const Identifier& id) {
  std::string key;
  for (const std::string_view field :
       {id.host, id.plugin, id.plugin_instance, id.type, id.type_instance})
    key.append(field).push_back('\0');
  return key;
}

Identifier identifier_of(const Threshold& threshold) noexcept {
  return {threshold.host, threshold.plugin, threshold.plugin_instance, threshold.type,
          threshold.type_instance};
}

/// Which names count in each of the steps in which a threshold is looked for.
struct Step {
  bool host, plugin, plugin_instance, type_instance;
};
constexpr std::array<Step, 12> kSteps{{{true, true, true, true},
                                       {true, true, true, false},
                                       {true, true, false, true},
                                       {true, true, false, false},
                                       {true, false, false, true},
                                       {true, false, false, false},
                                       {false, true, true, true},
                                       {false, true, true, false},
                                       {false, true, false, true},
                                       {false, true, false, false},
                                       {false, false, false, true},
                                       {false, false, false, false}}};

double sum_of(std::span<const double> rates) noexcept {
  double sum = 0;
  bool any = false;
  for (const double rate : rates) {
    if (std::isnan(rate)) continue;
    sum += rate;
    any = true;
  }
  return any && sum != 0 ? sum : Threshold::kUnset;
}

/// The lines of GETTHRESHOLD; what is not set has none.
class Lines {
 public:
  void add(const char* name, const std::string& value) {
    if (!value.empty()) lines_.push_back(std::string{name} + ": " + value);
  }
  void add(const char* name, double value) {
    if (std::isnan(value)) return;
    char number[40];
    std::snprintf(number, sizeof number, "%g", value);
    add(name, std::string{number});
  }
  std::vector<std::string> take() { return std::move(lines_); }

 private:
  std::vector<std::string> lines_;
};

}  // namespace

Thresholds::Thresholds(std::vector<Threshold> thresholds, Span forget_after)
    : forget_after_{forget_after} {
  for (Threshold& threshold : thresholds) {
    const auto [at, fresh] = places_.try_emplace(key_of(identifier_of(threshold)), lists_.size());
    if (fresh) lists_.emplace_back();
    lists_[at->second].push_back(std::move(threshold));
  }
}

const Thresholds::List* Thresholds::find(const Identifier& id) const {
  for (const Step& step : kSteps) {
    if ((step.plugin_instance && id.plugin_instance.empty()) ||
        (step.type_instance && id.type_instance.empty()))
      continue;  // the same as a later step
    const auto found = places_.find(key_of(
        {step.host ? id.host : std::string_view{}, step.plugin ? id.plugin : std::string_view{},
         step.plugin_instance ? id.plugin_instance : std::string_view{}, id.type,
         step.type_instance ? id.type_instance : std::string_view{}}));
    if (found != places_.end()) return &lists_[found->second];
  }
  return nullptr;
}

Thresholds::Slot& Thresholds::slot_of(const SeriesInfo& series) {
  Slot& slot = slots_[series];
  if (slot.list != 0) return slot;
  const List* const list = find(series.identifier());
  slot.list = list == nullptr ? 1 : static_cast<std::uint32_t>(list - lists_.data()) + 2;
  if (list != nullptr) slot.watched = begin_to_watch(series, *list);
  return slot;
}

/// Goes on where it was when the series was seen last.
std::unique_ptr<Thresholds::Watched> Thresholds::begin_to_watch(const SeriesInfo& series,
                                                                const List& list) {
  std::unique_ptr<Watched> watched;
  if (const auto known = away_.find(series.name()); known != away_.end()) {
    watched = std::move(known->second);
    away_.erase(known);
    watched->gone = Time{};
  } else {
    watched = std::make_unique<Watched>();
    watched->name = series.name();
  }
  const std::size_t sources = series.type().size();
  unsigned days = 0;
  for (std::size_t i = 0; i < list.size(); ++i) {
    days = std::max(days, list[i].band.days);
    if (list[i].trend.window == Span::zero()) continue;
    watched->trends.resize(list.size() * sources);
    for (std::size_t source = 0; source < sources; ++source)
      watched->trends[i * sources + source] = std::make_unique<Trend>(list[i].trend.window);
  }
  if (days == 0) watched->bands.clear();
  if (days != 0) watched->bands.resize(sources);
  for (auto& band : watched->bands)
    if (!band || band->days() < days) band = std::make_unique<Band>(days);
  return watched;
}

void Thresholds::look(const Batch& batch, Raised& raised) noexcept {
  for (const Sample& sample : batch) {
    Slot& slot = slot_of(sample.series);
    if (slot.list > 1) check(lists_[slot.list - 2], *slot.watched, sample, raised);
  }
}

void Thresholds::check(const List& list, Watched& watched, const Sample& sample, Raised& raised) {
  const double total = sum_of(sample.rates);
  Finding worst;
  for (std::size_t i = 0; i < list.size(); ++i) judge(list[i], i, watched, sample, total, worst);
  learn(watched, sample);
  // What a trend or band said is not taken back as long as that cannot be judged anew.
  const bool in_doubt =
      worst.state == State::okay && watched.told > State::okay && worst.is_open(watched.reason);
  if (worst.state != State::unknown && !in_doubt) settle(watched, sample, worst, raised);
}

void Thresholds::judge(const Threshold& threshold, std::size_t number, Watched& watched,
                       const Sample& sample, double total, Finding& worst) {
  const auto& sources = sample.series.type().sources;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (!threshold.data_source.empty() && threshold.data_source != sources[i].name) continue;
    Finding finding{.threshold = &threshold, .source = i, .rate = sample.rates[i]};
    if (threshold.percentage) finding.share = 100 * finding.rate / total;
    const double value = threshold.percentage ? finding.share : finding.rate;
    const auto keep_worse = [&] {
      const bool trend = worst.trend_open || finding.trend_open;
      const bool band = worst.band_open || finding.band_open;
      if (finding.state > worst.state) worst = finding;
      worst.trend_open = trend;
      worst.band_open = band;
    };
    finding.state = judge_bounds(threshold, value, watched.told);
    keep_worse();
    if (std::isnan(value)) continue;
    if (threshold.trend.window > Span::zero()) {
      Trend& trend = *watched.trends[number * sources.size() + i];
      trend.add(sample.time, value);
      judge_trend(threshold, trend, finding);
      finding.trend_open = finding.state == State::unknown;
      keep_worse();
    }
    if (threshold.band.days != 0) {
      judge_band(threshold, *watched.bands[i], sample.time, finding);
      finding.band_open = finding.state == State::unknown;
      keep_worse();
    }
  }
}

/// A value counts for what is usual only in later days.
void Thresholds::learn(const Watched& watched, const Sample& sample) {
  for (std::size_t i = 0; i < watched.bands.size(); ++i)
    if (!std::isnan(sample.rates[i])) watched.bands[i]->add(sample.time, sample.rates[i]);
}

void Thresholds::settle(Watched& watched, const Sample& sample, const Finding& finding,
                        Raised& raised) {
  const Threshold& threshold = *finding.threshold;
  if (!watched.missing && finding.state == watched.told) {
    watched.pending = State::unknown;
    const bool again =
        finding.state == State::okay
            ? threshold.persist && threshold.persist_ok
            : threshold.persist || (threshold.repeat > Span::zero() &&
                                    sample.time - watched.repeated >= threshold.repeat);
    if (again) tell(watched, sample, finding, raised);
    return;
  }
  const bool nothing_new = !watched.missing && watched.told == State::unknown &&
                           finding.state == State::okay &&
                           !(threshold.persist && threshold.persist_ok);
  if (nothing_new) {
    watched.told = State::okay;
    watched.pending = State::unknown;
  } else if (is_due(watched, sample.time, finding)) {
    tell(watched, sample, finding, raised);
  }
}

/// Whether a state that was not told yet has been seen often and long enough. What is wrong may get
/// worse or better until it is told; after that each step is counted by itself.
bool Thresholds::is_due(Watched& watched, Time time, const Finding& finding) noexcept {
  const Threshold& threshold = *finding.threshold;
  const bool goes_on =
      watched.wrong() ? watched.pending == finding.state : watched.pending > State::okay;
  if (!goes_on) {
    watched.times = 0;
    watched.pending_since = time;
  }
  watched.pending = finding.state;
  ++watched.times;
  const bool okay = finding.state == State::okay;
  const std::uint32_t wanted = okay && !threshold.persist_ok ? 1 : std::max(1u, threshold.hits);
  return watched.times >= wanted && (okay || time - watched.pending_since >= threshold.duration);
}

void Thresholds::tell(Watched& watched, const Sample& sample, const Finding& finding,
                      Raised& raised) {
  const auto& source = sample.series.type().sources[finding.source].name;
  raised.push_back(
      notification_of(sample.series.identifier(), sample.time, finding, source, watched.missing));
  if (watched.missing || watched.told != finding.state)
    watched.since = watched.pending == finding.state ? watched.pending_since : sample.time;
  watched.told = finding.state;
  watched.reason = finding.reason;
  watched.missing = false;
  watched.pending = State::unknown;
  watched.repeated = sample.time;
  watched.repeat = finding.threshold->repeat;
  watched.last = watched.wrong() ? std::make_unique<Notification>(raised.back()) : nullptr;
}

void Thresholds::missing(const SeriesInfo& series, Time last, Time now, Raised& raised) noexcept {
  Slot& slot = slot_of(series);
  if (slot.list < 2) return;
  const Threshold& first = lists_[slot.list - 2].front();
  auto watched = std::exchange(slot.watched, nullptr);
  slot.list = 0;
  watched->gone = now;
  watched->trends.clear();
  watched->pending = State::unknown;
  if (first.interesting && !watched->missing) {
    raised.push_back(notification_of_missing(series.identifier(), series.name(), last, now));
    watched->missing = true;
    watched->since = last;
    watched->repeated = now;
    watched->repeat = first.repeat;
    watched->last = std::make_unique<Notification>(raised.back());
  }
  if (watched->wrong() || !watched->bands.empty())
    away_.insert_or_assign(std::string{series.name()}, std::move(watched));
}

void Thresholds::tick(Time now, Raised& raised) noexcept {
  for (auto& [name, watched] : away_)
    if (watched->gone == Time{}) watched->gone = now;  // not seen since the start
  std::erase_if(away_, [&](const auto& entry) {
    return forget_after_ > Span::zero() && now - entry.second->gone > forget_after_;
  });
  for (auto& [name, watched] : away_) {
    if (!watched->missing || watched->repeat == Span::zero()) continue;
    if (now - watched->repeated < watched->repeat) continue;
    watched->repeated = now;
    raised.push_back(*watched->last);
    raised.back().time = now;
    raised.back().set_message(notification_of_missing({}, name, watched->since, now).message);
  }
}

void Thresholds::alerts(const std::function<void(const ActiveAlert&)>& each) {
  const auto show = [&](const Watched& watched) {
    if (watched.last) each({watched.since, watched.repeated, *watched.last, watched.missing});
  };
  slots_.each([&](const Slot& slot) {
    if (slot.watched) show(*slot.watched);
  });
  for (const auto& [name, watched] : away_) show(*watched);
}

std::vector<std::string> Thresholds::threshold(const Identifier& identifier) const {
  const List* const list = find(identifier);
  if (list == nullptr) return {};
  const Threshold& first = list->front();
  Lines lines;
  lines.add("Host", first.host);
  lines.add("Plugin", first.plugin);
  lines.add("Plugin Instance", first.plugin_instance);
  lines.add("Type", first.type);
  lines.add("Type Instance", first.type_instance);
  lines.add("Data Source", first.data_source);
  lines.add("Warning Min", first.warning.min);
  lines.add("Warning Max", first.warning.max);
  lines.add("Failure Min", first.failure.min);
  lines.add("Failure Max", first.failure.max);
  if (first.hysteresis > 0) lines.add("Hysteresis", first.hysteresis);
  if (first.hits > 1) lines.add("Hits", std::to_string(first.hits));
  return lines.take();
}

void Thresholds::save_one(ByteWriter& out, const Watched& watched) {
  out.text(watched.name);
  out.fixed(static_cast<std::uint8_t>(watched.told));
  out.fixed(static_cast<std::uint8_t>(watched.reason));
  out.fixed(static_cast<std::uint8_t>(watched.missing));
  out.fixed(static_cast<std::uint8_t>(watched.pending));
  out.small(watched.times);
  for (const Time time : {watched.pending_since, watched.since, watched.repeated, watched.gone})
    out.fixed(time.time_since_epoch().count());
  out.fixed(watched.repeat.count());
  out.text(watched.last ? watched.last->message : std::string{});
  out.fixed(static_cast<std::uint8_t>(watched.last ? watched.last->level : Level::okay));
  out.fixed(watched.last ? watched.last->time.time_since_epoch().count() : 0);
  out.small(watched.bands.size());
  for (const auto& band : watched.bands) {
    out.small(band->days());
    band->save(out);
  }
}

std::string Thresholds::save() {
  ByteWriter out;
  out.fixed(kVersion);
  slots_.each([&](const Slot& slot) {
    if (!slot.watched) return;
    const Watched& watched = *slot.watched;
    if (watched.wrong() || watched.pending != State::unknown || !watched.bands.empty())
      save_one(out, watched);
  });
  for (const auto& [name, watched] : away_) save_one(out, *watched);
  return std::string{out.view()};
}

void Thresholds::restore(std::string_view bytes) {
  ByteReader in{bytes};
  if (in.fixed<std::uint8_t>() != kVersion) return;
  while (in.ok() && in.left() != 0) {
    const std::string name{in.text()};
    auto watched = std::make_unique<Watched>();
    watched->name = name;
    const auto state = [&] { return static_cast<State>(in.fixed<std::uint8_t>() & 3); };
    watched->told = state();
    watched->reason = static_cast<Finding::Reason>(in.fixed<std::uint8_t>() % 3);
    watched->missing = in.fixed<std::uint8_t>() != 0;
    watched->pending = state();
    watched->times = static_cast<std::uint32_t>(in.small());
    for (Time* time :
         {&watched->pending_since, &watched->since, &watched->repeated, &watched->gone})
      *time = Time{Span{in.fixed<std::int64_t>()}};
    watched->repeat = Span{in.fixed<std::int64_t>()};
    Notification last;
    last.set_message(in.text());
    const auto level = in.fixed<std::uint8_t>();
    last.level = level == 1 ? Level::failure : level == 2 ? Level::warning : Level::okay;
    last.time = Time{Span{in.fixed<std::int64_t>()}};
    for (std::uint64_t left = in.small(); left != 0 && in.ok(); --left) {
      const std::uint64_t days = in.small();
      if (days == 0 || days > kMostDays) return;
      watched->bands.push_back(std::make_unique<Band>(static_cast<unsigned>(days)));
      watched->bands.back()->restore(in);
    }
    const auto identifier = parse_identifier(name);
    if (!in.ok() || !identifier) return;
    if (watched->wrong()) {
      last.host = identifier->host;
      last.plugin = identifier->plugin;
      last.plugin_instance = identifier->plugin_instance;
      last.type = identifier->type;
      last.type_instance = identifier->type_instance;
      watched->last = std::make_unique<Notification>(std::move(last));
    }
    if (find(*identifier) != nullptr) away_.insert_or_assign(name, std::move(watched));
  }
}

}  // namespace vital

// SPDX-License-Identifier: MIT
#include "rrdtool/rrd_steps.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/text.h"
#include "lib/rrd_layout.h"
#include "rrdtool/rrd_number.h"

namespace vital::rrdtool {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();
constexpr double kMicroseconds = 1e6;
constexpr std::int64_t kLatest = std::int64_t{1} << 40;  // s: far in the future
constexpr std::size_t kMostKept = 4096;                  // values that an archive's memory keeps

double or_else(double value, double instead) noexcept {
  return std::isnan(value) ? instead : value;
}

bool is_total(Kind kind) noexcept { return kind == Kind::counter || kind == Kind::derive; }

WholeNumber whole_number(Kind kind, Value value) noexcept {
  if (kind != Kind::derive || value.derive >= 0) return {value.counter, false};
  return {0 - value.counter, true};
}

using ValueText = Text<32>;

ValueText text_of(Kind kind, Value value) noexcept {
  ValueText text;
  if (kind == Kind::gauge) return text.add(value.gauge);
  return kind == Kind::derive ? text.add(value.derive) : text.add(value.counter);
}

/// A counter that has stepped back has wrapped, at 32 bits or else at 64; librrd is one short
/// there.
double unwrapped(double change) noexcept {
  if (change < 0) change += 4294967295.0;
  if (change < 0) change += 18446744069414584320.0;
  return change;
}

/// One row's value when `steps` of it are missing and each of those has that rate.
double first_value(Consolidation kind, const HeadRow& row, double rate, std::uint64_t missing,
                   std::uint64_t steps) noexcept {
  switch (kind) {
    case Consolidation::average:
      return (or_else(row.value.number, 0) + or_else(rate, 0) * static_cast<double>(missing)) /
             static_cast<double>(steps - row.unknown_steps.count);
    case Consolidation::minimum:
      return std::min(or_else(row.value.number, kInfinite), or_else(rate, kInfinite));
    case Consolidation::maximum:
      return std::max(or_else(row.value.number, -kInfinite), or_else(rate, -kInfinite));
    case Consolidation::last:
      break;
  }
  return rate;
}

/// What a row begins with when `steps` of it are there already.
double begun_value(Consolidation kind, double rate, std::uint64_t steps) noexcept {
  const bool nothing = steps == 0 || std::isnan(rate);
  switch (kind) {
    case Consolidation::average:
      return nothing ? 0.0 : rate * static_cast<double>(steps);
    case Consolidation::minimum:
      return nothing ? kInfinite : rate;  // NOLINT(bugprone-narrowing-conversions): both double
    case Consolidation::maximum:
      return nothing ? -kInfinite : rate;
    case Consolidation::last:
      break;
  }
  return nothing ? kUnknown : rate;
}

double continued_value(Consolidation kind, double value, double rate,
                       std::uint64_t steps) noexcept {
  const double weight = static_cast<double>(steps);
  switch (kind) {
    case Consolidation::average:
      return std::isnan(value) ? rate * weight : value + rate * weight;
    case Consolidation::minimum:
      return rate < value || std::isnan(value) ? rate : value;
    case Consolidation::maximum:
      return rate > value || std::isnan(value) ? rate : value;
    case Consolidation::last:
      break;
  }
  return rate;
}

/// Where a row is a step.
void take_step(HeadRow& row, double rate, std::uint64_t steps) noexcept {
  row.primary.number = rate;
  if (steps > 1) row.secondary.number = rate;
}

void continue_row(Consolidation kind, HeadRow& row, double rate, std::uint64_t steps) noexcept {
  if (std::isnan(rate))
    row.unknown_steps.count += steps;
  else
    row.value.number = continued_value(kind, row.value.number, rate, steps);
}

/// `missing` steps complete it, and `more` come after those.
void complete_row(const HeadArchive& archive, Consolidation kind, HeadRow& row, double rate,
                  std::uint64_t missing, std::uint64_t more) noexcept {
  const bool unknown = std::isnan(rate);
  if (unknown) row.unknown_steps.count += missing;
  const bool too_little = static_cast<double>(row.unknown_steps.count) >
                          static_cast<double>(archive.steps) * archive.xff.number;
  row.primary.number = too_little ? kUnknown : first_value(kind, row, rate, missing, archive.steps);
  row.secondary.number = unknown ? kUnknown : rate;
  const std::uint64_t begun = more % archive.steps;
  row.value.number = begun_value(kind, rate, begun);
  row.unknown_steps.count = unknown ? begun : 0;
}

}  // namespace

/// The steps that an update completes.
struct RrdSteps::Elapsed {
  std::uint64_t before = 0;     // complete since 1970 before it
  std::uint64_t steps = 0;      // that it completes
  std::uint64_t seconds = 0;    // of those
  double interval = 0;          // since the last update
  double inside = 0, rest = 0;  // how much of it lies before the last of them ends, and after

  Elapsed(const HeadTime& last, std::uint64_t time, std::uint64_t step) noexcept {
    const auto from = static_cast<std::uint64_t>(last.seconds);
    const std::uint64_t begin = from - from % step, end = time - time % step;
    const double late = static_cast<double>(last.microseconds) / kMicroseconds;
    before = begin / step;
    seconds = end - begin;
    steps = seconds / step;
    interval = static_cast<double>(time - from) - late;
    inside = static_cast<double>(static_cast<std::int64_t>(end - from)) - late;
    rest = static_cast<double>(time - end);
  }
  /// Of several steps the one that had begun before is completed by itself, with whole seconds;
  /// false: there are none left of it.
  bool split(std::uint64_t step, Elapsed& first) noexcept {
    first = *this;
    first.inside = std::floor(inside - static_cast<double>(seconds - step));
    if (steps == 1 || inside == static_cast<double>(seconds) || first.inside == 0) return false;
    first.steps = 1;
    first.seconds = step;
    first.interval = first.inside;
    first.rest = 0;
    ++before;
    --steps;
    seconds -= step;
    interval -= first.inside;
    inside -= first.inside;
    return true;
  }
};

/// Forgets the rows of the last file.
void RrdSteps::clear(const RrdHead& head) {
  rows_.resize(head.archives().size());
  for (NewRows& rows : rows_) {
    if (rows.values.capacity() > kMostKept) rows.values = {};
    rows.values.clear();
    rows.values.reserve(head.columns().size());  // coarse archives get their first row much later
  }
}

bool RrdSteps::begin(RrdHead& head, const DataSet& type) noexcept {
  clear(head);
  if (head.columns().size() != type.size()) return false;
  last_.clear();
  for (std::size_t i = 0; i < type.size(); ++i) {
    if (text_of(head.columns()[i].kind) != word_of(type.sources[i].kind)) return false;
    Last last{0, false, false};
    if (const std::string_view text = text_of(head.steps()[i].last);
        is_total(type.sources[i].kind) && !text.starts_with('U')) {
      const auto number = parse_whole_number(text);
      if (!number) return false;
      last = {number->magnitude, number->negative, true};
    }
    last_.push_back(last);
  }
  amounts_.resize(type.size());
  rates_.resize(type.size());
  return true;
}

bool RrdSteps::add(RrdHead& head, const DataSet& type, std::span<const Value> record) {
  HeadTime& last = head.time();
  const std::int64_t time = record[0].derive;
  if (time <= last.seconds || time > kLatest) return false;
  Elapsed elapsed{last, static_cast<std::uint64_t>(time), head.step()};
  interval_ = elapsed.interval;
  take_values(head, type, record.subspan(1));
  if (elapsed.steps == 0) {
    gather(head);
  } else {
    if (Elapsed first = elapsed; elapsed.split(head.step(), first)) complete_first(head, first);
    complete(head, elapsed);
  }
  last = {time, 0};
  return true;
}

void RrdSteps::take_values(RrdHead& head, const DataSet& type,
                           std::span<const Value> record) noexcept {
  for (std::size_t i = 0; i < type.size(); ++i)
    amounts_[i] = taken(head.columns()[i], i, type.sources[i].kind, record[i]);
}

/// No step is complete yet.
void RrdSteps::gather(RrdHead& head) noexcept {
  for (std::size_t i = 0; i < amounts_.size(); ++i) {
    HeadStep& step = head.steps()[i];
    if (std::isnan(amounts_[i]))
      step.unknown_seconds.count += static_cast<std::uint64_t>(std::floor(interval_));
    else
      step.sum.number = std::isnan(step.sum.number) ? amounts_[i] : step.sum.number + amounts_[i];
  }
}

/// What was counted is shared out between this step and the others.
void RrdSteps::complete_first(RrdHead& head, const Elapsed& first) {
  others_.clear();
  for (double& amount : amounts_) {
    const double share = amount * first.interval / interval_;
    others_.push_back(amount - share);
    amount = share;
  }
  complete(head, first);
  amounts_.swap(others_);
}

void RrdSteps::complete(RrdHead& head, const Elapsed& elapsed) {
  finish_steps(head, elapsed);
  for (std::size_t i = 0; i < head.archives().size(); ++i) consolidate(head, i, elapsed);
}

/// What was counted in the interval; unknown when it is too long, or lies outside the bounds.
double RrdSteps::taken(const HeadColumn& column, std::size_t index, Kind kind,
                       Value value) noexcept {
  const bool in_time = static_cast<double>(column.heartbeat.count) >= interval_;
  double amount = kUnknown;
  if (is_total(kind)) {
    const WholeNumber now = whole_number(kind, value);
    const Last before = std::exchange(last_[index], Last{now.magnitude, now.negative, true});
    if (in_time && before.known)
      amount = difference_as_librrd(now, {before.magnitude, before.negative});
    if (kind == Kind::counter) amount = unwrapped(amount);
  } else if (in_time && kind == Kind::absolute) {
    amount = whole_as_librrd_reads(value.absolute);
  } else if (in_time) {
    amount = gauge_as_librrd_reads(value.gauge) * interval_;
  }
  const double rate = amount / interval_;
  return rate > column.max.number || rate < column.min.number ? kUnknown : amount;
}

/// Closes the steps that are complete and begins the one that is not.
void RrdSteps::finish_steps(RrdHead& head, const Elapsed& elapsed) noexcept {
  for (std::size_t i = 0; i < amounts_.size(); ++i) {
    HeadStep& step = head.steps()[i];
    const double amount = amounts_[i];
    const bool known = !std::isnan(amount);
    if (known)
      step.sum.number = or_else(step.sum.number, 0) + amount / elapsed.interval * elapsed.inside;
    const auto unknown = step.unknown_seconds.count;
    const bool too_little =
        elapsed.interval > static_cast<double>(head.columns()[i].heartbeat.count) ||
        static_cast<double>(head.step()) / 2 < static_cast<std::int32_t>(unknown);
    rates_[i] = too_little ? kUnknown
                           : step.sum.number / (static_cast<double>(elapsed.seconds - unknown) -
                                                (known ? 0 : elapsed.inside));
    step.unknown_seconds.count = known ? 0 : static_cast<std::uint64_t>(std::floor(elapsed.rest));
    step.sum.number = known ? amount / elapsed.interval * elapsed.rest : kUnknown;
  }
}

/// Gathers the steps into the row of an archive, and writes it when it is complete. In a gap that
/// is longer than the archive that goes round once.
void RrdSteps::consolidate(RrdHead& head, std::size_t archive, const Elapsed& elapsed) {
  const std::uint64_t steps = head.archives()[archive].steps;
  const std::uint64_t missing = steps - elapsed.before % steps;
  const bool completes = missing <= elapsed.steps;
  for (std::size_t i = 0; i < rates_.size(); ++i) {
    HeadRow& row = head.rows(archive)[i];
    if (steps == 1)
      take_step(row, rates_[i], elapsed.steps);
    else if (completes)
      complete_row(head.archives()[archive], head.consolidation(archive), row, rates_[i], missing,
                   elapsed.steps - missing);
    else
      continue_row(head.consolidation(archive), row, rates_[i], elapsed.steps);
  }
  if (!completes) return;
  const std::uint64_t rows = (elapsed.steps - missing) / steps + 1;
  add_rows(head, archive, std::min(rows, head.archives()[archive].rows));
}

/// The first row is of the values that were gathered, all further ones of the last.
void RrdSteps::add_rows(RrdHead& head, std::size_t archive, std::uint64_t count) {
  const std::uint64_t limit = head.archives()[archive].rows;
  const std::size_t width = rates_.size();
  std::uint64_t& place = head.places()[archive];
  NewRows& rows = rows_[archive];
  if (rows.values.empty()) rows.first = (place + 1) % limit;
  const auto add = [&](bool first) {
    for (const HeadRow& row : head.rows(archive))
      rows.values.push_back(first ? row.primary.number : row.secondary.number);
  };
  for (std::uint64_t i = 0; i < count; ++i) add(i == 0);
  place = (place + count) % limit;
  if (const std::size_t most = limit * width; rows.values.size() >= most) {
    rows.values.erase(rows.values.begin(), rows.values.end() - static_cast<std::ptrdiff_t>(most));
    rows.first = (place + 1) % limit;
  }
}

void RrdSteps::turn_back(RrdHead& head, std::int64_t time) {
  clear(head);
  if (time >= head.time().seconds) return;
  const auto from = static_cast<std::uint64_t>(head.time().seconds) / head.step();
  const auto to = static_cast<std::uint64_t>(time) / head.step();
  for (std::size_t i = 0; i < head.archives().size(); ++i) {
    const std::uint64_t steps = head.archives()[i].steps;
    for (HeadRow& row : head.rows(i)) {
      row.value.number = begun_value(head.consolidation(i), kUnknown, to % steps);
      row.unknown_steps.count = to % steps;
      row.primary.number = row.secondary.number = kUnknown;
    }
    take_rows_back(head, i, from / steps - to / steps);
  }
  for (HeadStep& step : head.steps()) {
    std::fill(std::begin(step.last), std::end(step.last), '\0');
    step.last[0] = 'U';
    step.sum.number = kUnknown;
    step.unknown_seconds.count = static_cast<std::uint64_t>(time) % head.step();
  }
  head.time() = {time, 0};
}

/// The newest rows of an archive become its oldest, and unknown.
void RrdSteps::take_rows_back(RrdHead& head, std::size_t archive, std::uint64_t count) {
  const std::uint64_t limit = head.archives()[archive].rows;
  std::uint64_t& place = head.places()[archive];
  const std::uint64_t blank = std::min(count, limit);
  place = (place + limit - count % limit) % limit;
  rows_[archive].first = (place + 1) % limit;
  rows_[archive].values.assign(blank * head.columns().size(), kUnknown);
}

void RrdSteps::end(RrdHead& head, const DataSet& type, std::span<const Value> record) noexcept {
  for (std::size_t i = 0; i < type.size(); ++i) {
    HeadStep& step = head.steps()[i];
    const ValueText text = text_of(type.sources[i].kind, record[1 + i]);
    std::fill(std::begin(step.last), std::end(step.last), '\0');
    text.view().copy(step.last, sizeof step.last - 1);
  }
}

}  // namespace vital::rrdtool

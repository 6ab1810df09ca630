// SPDX-License-Identifier: MIT
#include <cmath>
#include <limits>
#include <map>
#include <mutex>

#include "aggregation/selector.h"
#include "aggregation/totals.h"
#include "plugin/plugin.h"

namespace vital::aggregation {
namespace {

constexpr int kPatience = 3;                               // intervals without a value
constexpr std::string_view kMark = "aggregation:created";  // the datum that keeps results out

std::shared_ptr<const Meta> mark() {
  auto meta = std::make_shared<Meta>();
  meta->set(kMark, true);
  return meta;
}

bool is_result(const Meta* meta) noexcept {
  const MetaValue* const value = meta == nullptr ? nullptr : meta->find(kMark);
  const bool* const flag = value == nullptr ? nullptr : std::get_if<bool>(value);
  return flag != nullptr && *flag;
}

/// The sums of a group at one moment.
struct Sums {
  double n = 0, sum = 0, squares = 0;
  double min = std::numeric_limits<double>::infinity(), max = -min;

  void add(double rate) noexcept {
    n += 1;
    sum += rate;
    squares += rate * rate;
    min = std::min(min, rate);
    max = std::max(max, rate);
  }
  double of(Function function) const noexcept {
    switch (function) {
      case kNum:
        return n;
      case kSum:
        return sum;
      case kAverage:
        return sum / n;
      case kMin:
        return min;
      case kMax:
        return max;
      default:
        return std::sqrt(std::max(0.0, n * squares - sum * sum)) / n;
    }
  }
};

}  // namespace

/// Puts values together as they pass, and adds what comes of them to its own reads. Each member of
/// a group counts once in each read, with its last rate, until it is missing.
///
/// Threads  looks under the pipeline's lock, reads on a lane: its own lock stands between them
class Aggregation final : public Watcher, public Reader {
 public:
  explicit Aggregation(Setup& setup) : host_{setup.host()}, mark_{mark()} {
    for (const Options& block : setup.options().blocks("Aggregation")) {
      const std::string wrong = complaint(setup, block);
      if (wrong.empty())
        groups_of_.push_back({Selector{block}, {}});
      else
        setup.leave_out(block.position("Type"), wrong);
    }
    if (groups_of_.empty()) return;
    setup.add(static_cast<Watcher&>(*this));
    setup.add(static_cast<Reader&>(*this));
  }

  void look(const Batch& batch, Raised&) noexcept override {
    const Steady now = host_.clock().now();
    const std::lock_guard lock{mutex_};
    for (const Sample& sample : batch) {
      Membership& membership = memberships_[sample.series];
      if (!membership.decided) decide(membership, sample);
      for (Place& place : membership.places)
        place.group->members[place.number] = {sample.rates[0],
                                              now + kPatience * nanoseconds(sample.interval)};
    }
  }

  void missing(const SeriesInfo& series, Time, Time, Raised&) noexcept override {
    const std::lock_guard lock{mutex_};
    Membership& membership = memberships_[series];
    for (const Place& place : membership.places) {
      place.group->members[place.number] = {};
      place.group->free.push_back(place.number);
    }
    membership = {};
  }

  Status read(Batch& batch) noexcept override {
    const Steady now = host_.clock().now();
    const std::lock_guard lock{mutex_};
    Status outcome;
    for (Selected& selected : groups_of_) {
      for (auto& [key, group] : selected.groups)
        if (auto status = report(batch, *group, now); !status) outcome = status;
      // Those that have lost their last member said so: their number was 0.
      std::erase_if(selected.groups, [](const auto& entry) {
        return entry.second->members.size() == entry.second->free.size();
      });
    }
    return outcome;
  }

 private:
  struct Result {
    Function function;
    Series series;
    Totals totals;
  };
  struct Member {
    double rate = std::numeric_limits<double>::quiet_NaN();  // the last; NaN: not known
    Steady until{};  // it counts no longer, also when the cache never knew the series by that name
  };
  struct Group {
    std::vector<Member> members;
    std::vector<std::uint32_t> free;  // places of members that went
    std::vector<Result> results;
  };
  struct Place {
    std::shared_ptr<Group> group;
    std::uint32_t number;
  };
  struct Membership {
    bool decided = false;
    std::vector<Place> places;
  };
  struct Selected {
    Selector selector;
    std::map<std::string, std::shared_ptr<Group>> groups;
  };

  /// What is wrong with a block that types.db decides; empty: nothing.
  static std::string complaint(const Setup& setup, const Options& block) {
    const std::string name = block.text("Type");
    const auto* const type = setup.types().find(name);
    if (type == nullptr) return "there is no type " + name + " in types.db";
    if (type->size() == 1) return {};
    return "the type " + name + " has more than one data source";
  }

  void decide(Membership& membership, const Sample& sample) {
    if (sample.values.size() != 1 || is_result(sample.meta)) return;
    membership.decided = true;
    const Identifier id = sample.series.identifier();
    for (Selected& selected : groups_of_) {
      if (!selected.selector.selects(id)) continue;
      auto& group = selected.groups[selected.selector.key(id)];
      if (!group) group = make_group(selected.selector, id);
      membership.places.push_back({group, place_in(*group)});
    }
  }

  std::shared_ptr<Group> make_group(const Selector& selector, const Identifier& member) const {
    auto group = std::make_shared<Group>();
    for (std::size_t i = 0; i < kFunctions; ++i) {
      const auto function = static_cast<Function>(i);
      if (!selector.wants(function)) continue;
      std::string text;
      const auto series = host_.series().intern(selector.name(member, function, text),
                                                *host_.types().find(selector.type()));
      if (series) group->results.push_back({function, *series, {}});
    }
    return group;
  }

  static std::uint32_t place_in(Group& group) {
    if (group.free.empty()) {
      group.members.emplace_back();
      return static_cast<std::uint32_t>(group.members.size() - 1);
    }
    const std::uint32_t number = group.free.back();
    group.free.pop_back();
    return number;
  }

  Status report(Batch& batch, Group& group, Steady now) const noexcept {
    Sums sums;
    for (const Member& member : group.members)
      if (!std::isnan(member.rate) && now < member.until) sums.add(member.rate);
    Status outcome;
    for (Result& result : group.results) {
      if (result.function != kNum && sums.n == 0) continue;
      const Kind kind = result.series->type().sources[0].kind;
      const auto value = result.totals.add(kind, sums.of(result.function), batch.time());
      if (!value) continue;
      auto status =
          batch.add_at(*result.series.get(), batch.time(), batch.interval(), {&*value, 1}, mark_);
      if (!status) outcome = status;
    }
    return outcome;
  }

  Host& host_;
  const std::shared_ptr<const Meta> mark_;
  std::mutex mutex_;  // guards all below
  std::vector<Selected> groups_of_;
  PerSeries<Membership> memberships_;
};

}  // namespace vital::aggregation

extern "C" void vital_register(vital::Registry& registry) {
  registry
      .plugin<vital::aggregation::Aggregation>(
          "aggregation", "Puts values together: sums, means and more over series, CPUs, hosts.")
      .never_isolated("it watches all values")
      .reports("PLUGIN-INSTANCE/TYPE-{num,sum,average,min,max,stddev}",
               "what was asked for; see SetPlugin and the others for the names")
      .note(
          "Each member counts once in each interval of the plugin with its last rate, however "
          "often "
          "it was sent, until it is missing. A group whose last member is gone says 0 as its num "
          "once and ends. Results are not put together once more.")
      .block("Aggregation", "", "Which values, and what comes of them.",
             vital::aggregation::Selector::declare)
      .apart();
}

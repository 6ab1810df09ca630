// SPDX-License-Identifier: MIT
#include "model/types.h"

#include <algorithm>
#include <mutex>
#include <optional>

#include "base/numbers.h"

namespace vital {
namespace {

constexpr std::string_view kBlanks = " \t\r";
constexpr std::size_t kMostWords = 64;
constexpr std::size_t kLongestLine = 4094;
constexpr std::size_t kLongestName = 127;

std::optional<Kind> parse_kind(std::string_view word) noexcept {
  for (const Kind kind : {Kind::gauge, Kind::counter, Kind::derive, Kind::absolute})
    if (iequals(word, name_of(kind))) return kind;
  return std::nullopt;
}

double parse_bound(std::string_view word) noexcept {
  if (iequals(word, "U")) return std::numeric_limits<double>::quiet_NaN();
  std::size_t used = 0;
  return c_strtod(word, used);  // as atof(3): garbage is 0
}

Result<DataSource> parse_source(std::string_view word) {
  const Error malformed{Errc::malformed, word};
  if (word.ends_with(',')) word.remove_suffix(1);
  const auto parts = split(word, ":");
  constexpr std::size_t kShortest = 11;
  if (parts.size() != 4 || word.size() < kShortest) return malformed;
  const auto kind = parse_kind(parts[1]);
  if (!kind) return malformed;
  return DataSource{.name = std::string{parts[0].substr(0, kLongestName)},
                    .kind = *kind,
                    .min = parse_bound(parts[2]),
                    .max = parse_bound(parts[3])};
}

}  // namespace

Result<DataSet> parse_data_set(std::string_view line) {
  if (line.size() > kLongestLine) return Error{Errc::too_long, line};
  const auto words = split(line, kBlanks);
  if (words.size() < 2 || words.size() > kMostWords) return Error{Errc::malformed, line};
  DataSet set{.type = std::string{words[0].substr(0, kLongestName)}, .sources = {}};
  for (auto word = words.begin() + 1; word != words.end(); ++word) {
    auto source = parse_source(*word);
    if (!source) return source.error();
    set.sources.push_back(std::move(*source));
  }
  return set;
}

void Types::add(std::string_view text, const Complaint& complain) {
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto words = split(line, kBlanks);
    if (words.size() < 2 || words[0].starts_with('#')) continue;
    auto set = parse_data_set(line);
    if (!set) {
      complain(number, set.error().message().view());
      continue;
    }
    const DataSet* const known = find(set->type);
    if (known != nullptr && *known != *set)
      complain(number, "type " + set->type + " is defined again, differently; this one counts");
    add(std::move(*set));
  }
}

Types::Types(Types&& other) noexcept
    : sets_{std::move(other.sets_)}, past_{std::move(other.past_)} {}

void Types::add(DataSet set) {
  std::string name = set.type;
  const std::unique_lock lock{mutex_};
  sets_[std::move(name)] = std::make_unique<const DataSet>(std::move(set));
}

Types::Set Types::from_the_past(const DataSet& set) {
  const auto found =
      std::find_if(past_.begin(), past_.end(), [&](const Set& past) { return *past == set; });
  if (found == past_.end()) return nullptr;
  Set again = std::move(*found);
  past_.erase(found);
  return again;
}

void Types::replace(Types fresh) {
  const std::unique_lock lock{mutex_};
  for (auto& [name, set] : fresh.sets_) {
    const auto known = sets_.find(name);
    if (known != sets_.end() && *known->second == *set)
      set = std::move(known->second);
    else if (Set again = from_the_past(*set))
      set = std::move(again);
  }
  for (auto& [name, set] : sets_)
    if (set) past_.push_back(std::move(set));
  sets_ = std::move(fresh.sets_);
}

Types Types::copy() const {
  Types result;
  const std::shared_lock lock{mutex_};
  for (const auto& [name, set] : sets_) result.add(*set);
  return result;
}

const DataSet* Types::find(std::string_view type) const noexcept {
  const std::shared_lock lock{mutex_};
  const auto found = sets_.find(type);
  return found == sets_.end() ? nullptr : found->second.get();
}

std::size_t Types::size() const noexcept {
  const std::shared_lock lock{mutex_};
  return sets_.size();
}

std::vector<std::string> Types::names() const {
  std::vector<std::string> names;
  const std::shared_lock lock{mutex_};
  for (const auto& [name, set] : sets_) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

TypesDifference difference(const Types& before, const Types& after) {
  TypesDifference result;
  for (const std::string& name : after.names()) {
    const DataSet* const known = before.find(name);
    if (known == nullptr)
      result.added.push_back(name);
    else if (*known != *after.find(name))
      result.changed.push_back(name);
  }
  for (const std::string& name : before.names())
    if (after.find(name) == nullptr) result.removed.push_back(name);
  return result;
}

}  // namespace vital

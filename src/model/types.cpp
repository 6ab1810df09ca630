// SPDX-License-Identifier: MIT
#include "model/types.h"

#include <algorithm>
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

void Types::add(DataSet set) {
  std::string name = set.type;
  sets_[std::move(name)] = std::make_unique<const DataSet>(std::move(set));
}

const DataSet* Types::find(std::string_view type) const noexcept {
  const auto found = sets_.find(type);
  return found == sets_.end() ? nullptr : found->second.get();
}

std::vector<std::string_view> Types::names() const {
  std::vector<std::string_view> names;
  for (const auto& [name, set] : sets_) names.emplace_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace vital

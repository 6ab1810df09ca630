// SPDX-License-Identifier: MIT
#include "base/strings.h"

#include <algorithm>
#include <numeric>

namespace vital {
namespace {

/// How many letters must be changed, added, removed or swapped with their neighbour.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  const std::size_t width = b.size() + 1;
  std::vector<std::size_t> two_up(width), up(width), row(width);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    two_up.swap(up);
    up.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = up[j - 1] + (to_lower(a[i - 1]) != to_lower(b[j - 1]));
      row[j] = std::min({change, up[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && to_lower(a[i - 1]) == to_lower(b[j - 2]) &&
          to_lower(a[i - 2]) == to_lower(b[j - 1]))
        row[j] = std::min(row[j], two_up[j - 2] + 1);
    }
  }
  return row[b.size()];
}

}  // namespace

bool iequals(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && istarts_with(a, b);
}

bool istarts_with(std::string_view text, std::string_view prefix) noexcept {
  return text.size() >= prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), text.begin(),
                    [](char x, char y) { return to_lower(x) == to_lower(y); });
}

std::string lower(std::string_view text) {
  std::string result{text};
  std::transform(result.begin(), result.end(), result.begin(), to_lower);
  return result;
}

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> pieces;
  while (true) {
    const auto first = text.find_first_not_of(separators);
    if (first == std::string_view::npos) return pieces;
    text.remove_prefix(first);
    const auto last = std::min(text.find_first_of(separators), text.size());
    pieces.push_back(text.substr(0, last));
    text.remove_prefix(last);
  }
}

std::string join(std::span<const std::string> pieces, std::string_view separator) {
  std::string result;
  for (const std::string& piece : pieces) {
    if (!result.empty()) result += separator;
    result += piece;
  }
  return result;
}

bool parse_bool(std::string_view text, bool& value) noexcept {
  if (iequals(text, "true") || iequals(text, "yes") || iequals(text, "on"))
    value = true;
  else if (iequals(text, "false") || iequals(text, "no") || iequals(text, "off"))
    value = false;
  else
    return false;
  return true;
}

std::string_view suggest(std::string_view word, std::span<const std::string_view> candidates) {
  constexpr std::size_t kLongestWord = 64;  // nobody means a longer one, and the work is quadratic
  if (word.empty() || word.size() > kLongestWord) return {};
  std::string_view best;
  std::size_t best_distance = 1 + word.size() / 3;
  for (const std::string_view candidate : candidates) {
    if (candidate.empty() || candidate.size() > kLongestWord) continue;
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance || (distance == best_distance && best.empty()))
      best = candidate, best_distance = distance;
  }
  return best;
}

}  // namespace vital

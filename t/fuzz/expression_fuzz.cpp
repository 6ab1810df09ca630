// SPDX-License-Identifier: MIT
#include <regex.h>

#include <algorithm>
#include <string>

#include "fuzz/fuzz.h"
#include "lib/expression.h"

using namespace vital;

namespace {

/// regcomp(3) takes memory and time without bound for repetitions of repetitions, and reads escapes
/// within braces in ways of its own.
bool is_cheap(const std::string& pattern) {
  const auto count = [&](char c) { return std::count(pattern.begin(), pattern.end(), c); };
  const auto brace = std::min(pattern.find('{'), pattern.size());
  const auto inside =
      std::min(pattern.find_first_not_of("0123456789,", std::min(brace + 1, pattern.size())),
               pattern.size());
  const bool plain = brace == pattern.size() || (inside < pattern.size() && pattern[inside] == '}');
  return pattern.size() <= 30 && count('{') <= 1 && count('*') + count('+') + count('?') <= 3 &&
         plain && inside - brace <= 4;
}

/// What the C library says: whether it matches, and where; nothing when it refuses the pattern.
bool judge(const std::string& pattern, const std::string& text, bool& compiles) {
  regex_t compiled{};
  compiles = ::regcomp(&compiled, pattern.c_str(), REG_EXTENDED | REG_NOSUB) == 0;
  if (!compiles) return false;
  const bool matches = ::regexec(&compiled, text.c_str(), 0, nullptr, 0) == 0;
  ::regfree(&compiled);
  return matches;
}

}  // namespace

/// A pattern, a line feed, a text. What the C library refuses is refused; what we take means the
/// same to both, as far as it is ASCII and has no \< and \>, which are both \b to us.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string pattern{fuzz::text_of(data, size)};
  for (char& c : pattern) c = static_cast<char>(c & 0x7f);
  std::erase(pattern, '\0');
  const auto end = std::min(pattern.find('\n'), pattern.size());
  const std::string text = pattern.substr(std::min(end + 1, pattern.size())).substr(0, 100);
  pattern.resize(end);
  const bool has_word_ends =
      pattern.find("\\<") != std::string::npos || pattern.find("\\>") != std::string::npos;
  if (!is_cheap(pattern) || has_word_ends) return 0;
  bool compiles = false;
  const bool expected = judge(pattern, text, compiles);
  const auto expression = Expression::make(pattern);
  fuzz::promise(compiles || !expression);
  if (!expression) return 0;
  fuzz::promise(expression->matches(text) == expected);
  std::string_view part;
  fuzz::promise(expression->find(text, part) == expected);
  return 0;
}

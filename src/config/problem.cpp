// SPDX-License-Identifier: MIT
#include "config/problem.h"

#include <algorithm>

#include "base/strings.h"

namespace vital {
namespace {

std::string_view name_of(Gravity gravity) noexcept {
  return gravity == Gravity::warning ? "warning" : gravity == Gravity::error ? "error" : "fatal";
}

/// The line as a terminal may safely show it, with the place underlined.
std::string excerpt(const Position& position) {
  const std::string_view line = position.source->line(position.line);
  constexpr std::size_t kLongest = 200;
  std::string text{"    "}, marks{"    "};
  const std::size_t first = position.column - 1;
  const std::size_t last = std::min(first + std::max(position.length, 1u), line.size());
  for (std::size_t i = 0; i < std::min(line.size(), kLongest); ++i) {
    const auto byte = static_cast<unsigned char>(line[i]);
    text += byte == '\t' ? ' ' : byte < 0x20 || byte == 0x7f ? '?' : line[i];
    if (i <= first || i < last) marks += i < first ? ' ' : i == first ? '^' : '~';
  }
  if (first >= line.size() && first < kLongest) marks.append(first - line.size(), ' ') += '^';
  return text + "\n" + marks + "\n";
}

}  // namespace

std::string_view Source::line(std::uint32_t number) const noexcept {
  std::string_view rest = text;
  for (; number > 1; --number) {
    const auto end = rest.find('\n');
    if (end == std::string_view::npos) return {};
    rest.remove_prefix(end + 1);
  }
  rest = rest.substr(0, rest.find('\n'));
  if (rest.ends_with('\r')) rest.remove_suffix(1);
  return rest;
}

std::string Position::text() const {
  std::string text = source ? source->path : "(built in)";
  if (line != 0) text += ':' + std::to_string(line) + ':' + std::to_string(column);
  return text;
}

std::string Problem::log_line() const {
  std::string line = position.text() + ": " + std::string{name_of(gravity)} + ": " + what;
  if (!hint.empty()) line += "; " + hint;
  return line;
}

std::string Problem::text() const {
  std::string text = log_line() + "\n";
  if (position.source && position.line != 0) text += excerpt(position);
  return text;
}

void Problems::add(Gravity gravity, Position position, std::string what, std::string hint) {
  all_.push_back({gravity, std::move(position), std::move(what), std::move(hint)});
}

bool Problems::any_fatal() const noexcept {
  return std::any_of(all_.begin(), all_.end(),
                     [](const Problem& problem) { return problem.gravity == Gravity::fatal; });
}

ConfigError::ConfigError(Position position, const std::string& what, std::string hint)
    : std::runtime_error{what}, position_{std::move(position)}, hint_{std::move(hint)} {}

ConfigError::~ConfigError() = default;

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& candidates) {
  const std::string_view near = suggest(word, candidates);
  return near.empty() ? std::string{} : "did you mean \"" + std::string{near} + "\"?";
}

}  // namespace vital

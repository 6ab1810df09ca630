// SPDX-License-Identifier: MIT
#include "lib/vmstat.h"

#include <optional>

#include "lib/take_number.h"

namespace vital {

bool VmstatLines::Line::number(std::uint64_t& number) const noexcept {
  std::string_view text = rest;
  return take_number(text, number) && text == "\n";
}

bool VmstatLines::next(Line& line) noexcept {
  std::string_view whole;
  while (lines_.next(whole)) {
    const auto blank = whole.find(' ');
    if (blank == 0 || blank == std::string_view::npos) continue;
    line = {.name = whole.substr(0, blank), .rest = whole.substr(blank)};
    return true;
  }
  return false;
}

Result<SwapPages> parse_swap_pages(std::string_view text) noexcept {
  std::optional<std::uint64_t> in, out;
  VmstatLines lines{text};
  VmstatLines::Line line;
  while (!(in && out) && lines.next(line)) {
    auto* const wanted = line.name == "pswpin" ? &in : line.name == "pswpout" ? &out : nullptr;
    std::uint64_t pages = 0;
    if (wanted != nullptr && line.number(pages)) *wanted = pages;
  }
  if (in && out) return SwapPages{.in = *in, .out = *out};
  if (lines.truncated()) return Error{Errc::malformed, lines.rest()};
  return Error{Errc::absent, in ? "pswpout" : "pswpin"};
}

}  // namespace vital

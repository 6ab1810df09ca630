// SPDX-License-Identifier: MIT
#include "entropy/entropy_avail.h"

#include <utility>

#include "base/fields.h"
#include "base/strings.h"

namespace vital::entropy {
namespace {

/// The number that the text begins with, which is taken off it; 0 if there is none.
unsigned take_number(std::string_view& text) noexcept {
  unsigned number = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number).ptr;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

}  // namespace

Result<std::uint64_t> parse_entropy(std::string_view text) noexcept {
  Fields fields{text};
  std::uint64_t bits = 0;
  if (fields.next(bits) && fields.at_end()) return bits;
  return Error{Errc::malformed, trim(text)};
}

bool stays_full(std::string_view osrelease) noexcept {
  const unsigned major = take_number(osrelease);
  if (!osrelease.starts_with('.')) return false;
  osrelease.remove_prefix(1);
  return std::pair{major, take_number(osrelease)} >= std::pair{5U, 19U};
}

}  // namespace vital::entropy

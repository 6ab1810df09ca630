// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <string_view>

#include "model/identifier.h"

namespace vital {

/// Replaces each %{name} in a text by what `value(name, out)` appends to `out`; where that returns
/// false the placeholder stays as it is.
///
/// Threads  pure
template <typename Value>
std::string with_placeholders(std::string_view text, Value&& value) {
  std::string result;
  while (true) {
    const auto begin = text.find("%{");
    const auto end = begin == std::string_view::npos ? begin : text.find('}', begin);
    if (end == std::string_view::npos) return result.append(text);
    result.append(text.substr(0, begin));
    if (!value(text.substr(begin + 2, end - begin - 2), result)) {
      result.append("%{");
      text.remove_prefix(begin + 2);
    } else {
      text.remove_prefix(end + 1);
    }
  }
}

/// The five parts of an identifier, as chains' targets call them; false: it is none of them.
bool append_part(std::string_view name, const Identifier& identifier, std::string& out);

}  // namespace vital

// SPDX-License-Identifier: MIT
#pragma once
#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "support/fixture.h"

namespace vital::test {

/// For parsers of many lines: whatever `records` makes of the file when it is cut short is the
/// beginning of what it makes of the whole, on every machine that has the file.
template <typename Records>
void assert_truncations_are_beginnings(std::string_view file, Records&& records) {
  for (const std::string& machine : Fixture::machines()) {
    if (!Fixture{machine}.has(file)) continue;
    const std::string whole = Fixture{machine}.text(file);
    const std::vector<std::string> all = records(std::string_view{whole});
    for (std::size_t length = 0; length < whole.size(); ++length) {
      const std::vector<std::string> some = records(std::string_view{whole}.substr(0, length));
      CPPUNIT_ASSERT_MESSAGE(
          machine, some.size() <= all.size() && std::equal(some.begin(), some.end(), all.begin()));
    }
  }
}

}  // namespace vital::test

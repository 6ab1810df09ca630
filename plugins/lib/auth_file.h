// SPDX-License-Identifier: MIT
#pragma once
#include <string_view>
#include <utility>
#include <vector>

namespace vital {

/// The users of a file with lines "USER: PASSWORD", in their order; of two with the same name the
/// first counts. Blanks before the user and before the password go; those behind the password are
/// part of it. Lines that are empty, begin with '#', or have no colon or no password name nobody.
///
/// Threads  pure; the texts stand in `text`
/// Source   collectd.conf(5), AuthFile
std::vector<std::pair<std::string_view, std::string_view>> parse_auth_file(std::string_view text);

}  // namespace vital

// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace vital::rrdcached {

/// The first line of an answer, "NUMBER TEXT": below 0 an error, else how many lines follow.
///
/// Errors  malformed
struct Head {
  std::int64_t number = 0;
  std::string_view text;
};
Result<Head> parse_head(std::string_view line) noexcept;

/// What was wrong with one command of a batch.
struct Complaint {
  std::size_t command = 0;  // its number, from 1
  std::string text;
};

/// One of the lines that follow on a batch, "COMMAND TEXT". What does not begin with a number goes
/// on with the one before.
void add_complaint(std::string_view line, std::vector<Complaint>& complaints);

/// One of the lines that follow on STATS, "NAME: NUMBER".
///
/// Errors  malformed
struct Figure {
  std::string_view name;
  std::uint64_t value = 0;
};
Result<Figure> parse_figure(std::string_view line) noexcept;

}  // namespace vital::rrdcached

// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <vector>

namespace vital {

/// Makes tables for people of the lines that STATUS answers.
std::string status_table(const std::vector<std::string>& lines);

/// One of those lines, cut up: its kind, its name, and its values by key.
struct StatusLine {
  std::string kind, name;
  std::vector<std::pair<std::string, std::string>> values;

  explicit StatusLine(std::string_view line);
  std::string get(std::string_view key) const;
  double number(std::string_view key) const;
};

}  // namespace vital

// SPDX-License-Identifier: MIT
#include "rrdcached/reply.h"

#include "base/numbers.h"
#include "base/strings.h"

namespace vital::rrdcached {

Result<Head> parse_head(std::string_view line) noexcept {
  const auto blank = line.find(' ');
  Head head;
  if (!parse_whole(line.substr(0, blank), head.number)) return Error{Errc::malformed, line};
  if (blank != std::string_view::npos) head.text = line.substr(blank + 1);
  return head;
}

void add_complaint(std::string_view line, std::vector<Complaint>& complaints) {
  const auto head = parse_head(line);
  if (head && head->number > 0)
    complaints.push_back({static_cast<std::size_t>(head->number), std::string{head->text}});
  else if (!complaints.empty())
    complaints.back().text.append(" ").append(line);
}

Result<Figure> parse_figure(std::string_view line) noexcept {
  const auto colon = line.find(':');
  Figure figure;
  if (colon == std::string_view::npos || !parse_whole(trim(line.substr(colon + 1)), figure.value))
    return Error{Errc::malformed, line};
  figure.name = line.substr(0, colon);
  return figure;
}

}  // namespace vital::rrdcached

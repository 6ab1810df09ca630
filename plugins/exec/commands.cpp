// SPDX-License-Identifier: MIT
#include "exec/commands.h"

#include "base/strings.h"

namespace vital::exec {

void Commands::take(std::span<char> line, Time now, Receiver& receiver) {
  const std::string_view text{line.data(), line.size()};
  if (trim(text).empty() || text.front() == '#') return;
  std::size_t size = 0;
  while (size < text.size() && !is_space(text[size])) ++size;
  const std::string_view word = text.substr(0, size);
  const std::span<char> arguments = line.subspan(size);
  Refusal refusal;
  if (iequals(word, "PUTVAL")) {
    if (putval_.parse(arguments, now, refusal)) return receiver.values(putval_);
  } else if (iequals(word, "PUTNOTIF")) {
    Notification notification;
    if (parse_putnotif(arguments, notification, refusal))
      return receiver.notification(std::move(notification));
  } else {
    refusal.add("it is neither PUTVAL nor PUTNOTIF");
  }
  receiver.wrong(text, refusal.view());
}

}  // namespace vital::exec

// SPDX-License-Identifier: MIT
#include "daemon/alerts.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/numbers.h"
#include "base/strings.h"
#include "daemon/reply_line.h"
#include "model/put.h"

namespace vital {
namespace {

std::string refuse(std::string_view why) { return "-1 " + std::string{why} + "\n"; }

std::string line_of(const Pipeline::Firing& firing) {
  const ActiveAlert& alert = firing.alert;
  ReplyLine line{name_of(alert.last.level)};
  line.add("since", static_cast<std::uint64_t>(std::max(0.0, seconds(alert.since))))
      .add("identifier", subject_of(alert.last))
      .add("message", alert.last.message);
  if (alert.missing) line.add("missing", std::string_view{"true"});
  if (firing.silence != 0) line.add("silence", firing.silence);
  return line.take();
}

std::string list_of(const std::vector<Silence>& silences) {
  std::string reply = std::to_string(silences.size()) + " Silences found\n";
  for (const Silence& silence : silences)
    reply += ReplyLine{"silence", std::to_string(silence.id)}
                 .add("until", static_cast<std::uint64_t>(seconds(silence.until)))
                 .add("pattern", silence.pattern)
                 .add("comment", silence.comment)
                 .take() +
             "\n";
  return reply;
}

/// What a SILENCE command asks for.
struct Wish {
  std::string pattern, comment, why_not;
  double duration = 0;
  std::uint64_t end = 0;
  bool any = false;
};

void take(Wish& wish, std::string_view name, std::string_view value) {
  wish.any = true;
  if (iequals(name, "pattern")) {
    wish.pattern = value;
  } else if (iequals(name, "comment")) {
    wish.comment = value;
  } else if (iequals(name, "duration")) {
    if (!parse_whole(value, wish.duration) || !(wish.duration > 0))
      wish.why_not = "duration wants a number of seconds above 0";
  } else if (iequals(name, "end")) {
    if (!parse_whole(value, wish.end)) wish.why_not = "end wants the number of a silence";
  } else {
    wish.why_not = "Unknown option: " + std::string{name};
  }
}

Wish wish_of(std::string_view arguments) {
  std::string copy{arguments};
  CommandFields fields{copy};
  Wish wish;
  std::string_view field;
  while (wish.why_not.empty() && fields.next(field)) {
    const std::string_view name = option_name(field);
    if (name.empty())
      wish.why_not = "Invalid option string `" + std::string{field} + "'.";
    else
      take(wish, name, field.substr(name.size() + 1));
  }
  if (!fields.refusal().empty()) wish.why_not = fields.refusal();
  return wish;
}

}  // namespace

std::string alerts_reply(Pipeline& pipeline) {
  auto alerts = pipeline.alerts();
  std::sort(alerts.begin(), alerts.end(), [](const Pipeline::Firing& a, const Pipeline::Firing& b) {
    if (a.alert.last.level != b.alert.last.level)
      return a.alert.last.level < b.alert.last.level;  // failures first
    return a.alert.since < b.alert.since;
  });
  std::string reply = std::to_string(alerts.size()) + " Alerts found";
  reply += alerts.empty() && !pipeline.has_thresholds() ? ": there are no thresholds\n" : "\n";
  for (const Pipeline::Firing& alert : alerts) reply += line_of(alert) + "\n";
  return reply;
}

std::string silence_reply(Pipeline& pipeline, std::string_view arguments) {
  Wish wish = wish_of(arguments);
  if (!wish.why_not.empty()) return refuse(wish.why_not);
  if (!wish.any) return list_of(pipeline.silences());
  if (wish.end != 0) {
    if (!pipeline.end_silence(wish.end))
      return refuse("There is no silence " + std::to_string(wish.end));
    return "0 Silence " + std::to_string(wish.end) + " is over\n";
  }
  if (wish.pattern.empty()) return refuse("Missing option pattern");
  if (wish.duration == 0) return refuse("Missing option duration");
  const auto id =
      pipeline.silence(std::move(wish.pattern), std::move(wish.comment), span_of(wish.duration));
  return "0 Silence " + std::to_string(id) + "\n";
}

std::string pack_memory(const Pipeline::Memory& memory) {
  ByteWriter out;
  for (const auto& [name, bytes] : memory) {
    out.text(name);
    out.text(bytes);
  }
  return std::string{out.view()};
}

Result<Pipeline::Memory> unpack_memory(std::string_view bytes) {
  ByteReader in{bytes};
  Pipeline::Memory memory;
  while (in.ok() && in.left() != 0) {
    const std::string_view name = in.text();
    const std::string_view value = in.text();
    if (in.ok()) memory[std::string{name}] = value;
  }
  if (!in.ok()) return Error{Errc::malformed, "cut short"};
  return memory;
}

bool AlertState::restore(std::string bytes) {
  auto memory = unpack_memory(bytes);
  if (memory) pipeline_.restore_memory(std::move(*memory));
  return static_cast<bool>(memory);
}

}  // namespace vital

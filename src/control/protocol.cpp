// SPDX-License-Identifier: MIT
#include "control/protocol.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/numbers.h"
#include "base/strings.h"

namespace vital {
namespace {

constexpr Nanoseconds kLongestWait = std::chrono::seconds{2};
constexpr std::size_t kLongestFlush = 1023;  // bytes of an identifier

std::string_view text_of(std::span<char> bytes) noexcept { return {bytes.data(), bytes.size()}; }

/// The command word of a line, and where its arguments begin.
std::string_view command_word(std::string_view line) noexcept {
  constexpr std::string_view kBlanks = " \t\r\n";
  const auto first = std::min(line.find_first_not_of(kBlanks), line.size());
  const auto last = std::min(line.find_first_of(kBlanks, first), line.size());
  return line.substr(first, last - first);
}

/// An identifier once more as text, whatever the lengths of its fields.
std::string joined(const Identifier& id) {
  std::string text;
  text.append(id.host).append("/").append(id.plugin);
  if (!id.plugin_instance.empty()) text.append("-").append(id.plugin_instance);
  text.append("/").append(id.type);
  if (!id.type_instance.empty()) text.append("-").append(id.type_instance);
  return text;
}

}  // namespace

Text<32> getval_number(double value) noexcept {
  Text<32> text;
  if (std::isnan(value)) return text.add("NaN");
  constexpr std::size_t kWidth = 12;
  if (std::isinf(value)) return text.add(value < 0 ? "        -inf" : "         inf");
  char buffer[32];
  const auto [end, error] =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific, 6);
  const std::string_view digits{buffer, static_cast<std::size_t>(end - buffer)};
  for (std::size_t i = digits.size(); i < kWidth; ++i) text.add(' ');
  return text.add(digits);
}

void LateReply::give(std::string lines) {
  {
    const std::lock_guard lock{mutex_};
    lines_ = std::move(lines);
  }
  ready_();
}

std::optional<std::string> LateReply::take() {
  const std::lock_guard lock{mutex_};
  return std::exchange(lines_, std::nullopt);
}

Session::Session(const ControlContext& context, Span interval, std::function<void()> ready,
                 ClientRights rights)
    : context_{context},
      interval_{interval},
      ready_{std::move(ready)},
      rights_{rights},
      parser_{context.types} {}

Session::~Session() { submit(); }

std::size_t Session::feed(std::span<char> bytes) {
  std::size_t used = 0;
  while (!waiting()) {
    const auto rest = bytes.subspan(used);
    const auto end = std::find(rest.begin(), rest.end(), '\n');
    if (end == rest.end()) break;
    const auto size = static_cast<std::size_t>(end - rest.begin());
    line(rest.first(size));
    used += size + 1;
  }
  submit();
  return used;
}

void Session::finish(std::span<char> bytes) {
  line(bytes);
  submit();
}

void Session::poll() {
  if (late_) {
    auto lines = late_->take();
    if (!lines) return;
    output_ += *lines;
    late_.reset();
  }
  if (!pending_ || (!pending_->done && context_.clock.now() < pending_->give_up)) return;
  output_ += pending_->reply.view();
  pending_.reset();
}

void Session::say(std::string_view status, std::string_view message) {
  output_.append(status).append(" ").append(message).append("\n");
}

void Session::submit() {
  if (!batch_ || batch_->empty()) return;
  context_.pipeline.submit(std::exchange(batch_, nullptr));
  context_.pipeline.publish();
}

void Session::line(std::span<char> bytes) {
  bytes = bytes.first(static_cast<std::size_t>(std::find(bytes.begin(), bytes.end(), '\0') -
                                               bytes.begin()));  // a NUL ends the line
  while (!bytes.empty() && bytes.back() == '\r') bytes = bytes.first(bytes.size() - 1);
  const std::string_view word = command_word(text_of(bytes));
  if (word.empty()) return;
  const auto arguments =
      bytes.subspan(static_cast<std::size_t>(word.data() + word.size() - bytes.data()));
  if (iequals(word, "PUTVAL")) return putval(arguments);
  submit();  // what follows must see what was put before it
  if (iequals(word, "GETVAL")) return getval(arguments);
  if (iequals(word, "LISTVAL")) return listval(arguments);
  if (iequals(word, "PUTNOTIF")) return putnotif(arguments);
  if (iequals(word, "FLUSH")) return flush(arguments);
  if (iequals(word, "GETTHRESHOLD")) return getthreshold(arguments);
  other(word, trim(text_of(arguments)));
}

/// A command that the daemon has to answer.
void Session::other(std::string_view word, std::string_view arguments) {
  std::string upper{word};
  std::transform(upper.begin(), upper.end(), upper.begin(), to_upper);
  if (const auto found = context_.commands.find(upper); found != context_.commands.end()) {
    output_ += found->second(arguments);
    return;
  }
  const auto found = context_.manage.find(upper);
  if (found == context_.manage.end()) return refuse("Unknown command: " + std::string{word});
  if (!rights_.manages) return refuse(upper + " is only for the daemon's own control socket");
  late_ = std::make_shared<LateReply>(ready_);
  found->second(arguments, rights_.trusted, late_);
  poll();
}

void Session::putval(std::span<char> arguments) {
  Refusal refusal;
  const Time now = context_.clock.wall();
  if (!batch_) {
    batch_ = std::make_shared<Batch>();
    batch_->begin(now, interval_, context_.series.era());
  }
  if (!parser_.parse(arguments, now, refusal)) return refuse(refusal.view());
  if (const auto status = parser_.add_to(*batch_, context_.series, interval_); !status)
    return refuse(status.error().message().view());
  Text<64> reply;
  const std::size_t count = parser_.size();
  reply.add("Success: ")
      .add(count)
      .add(count == 1 ? " value has been dispatched." : " values have been dispatched.");
  say("0", reply.view());
}

void Session::getval(std::span<char> arguments) {
  CommandFields fields{arguments};
  std::string_view name, extra;
  if (!fields.next(name))
    return refuse(fields.refusal().empty() ? "Missing identifier." : fields.refusal());
  if (fields.next(extra)) return refuse("Garbage after identifier: `" + std::string{extra} + "'.");
  const auto identifier = parse_identifier(name);
  if (!identifier) return refuse("Cannot parse identifier `" + std::string{name} + "'.");
  const DataSet* const type = context_.types.find(identifier->type);
  if (type == nullptr) return refuse("Type `" + std::string{identifier->type} + "' is unknown.");
  const bool found = context_.pipeline.visit(name, [&](const ValueCache::Entry& entry) {
    const auto& sources = entry.series.type().sources;
    Text<32> head;
    head.add(sources.size()).add(sources.size() == 1 ? " Value found" : " Values found");
    output_.append(head.view()).append("\n");
    for (std::size_t i = 0; i < sources.size(); ++i)
      output_.append(sources[i].name)
          .append("=")
          .append(getval_number(entry.rates[i]).view())
          .append("\n");
  });
  if (!found) refuse("No such value.");
}

void Session::listval(std::span<char> arguments) {
  CommandFields fields{arguments};
  std::string_view extra;
  if (fields.next(extra))
    return refuse("Garbage after end of command: `" + std::string{extra} + "'.");
  if (!fields.refusal().empty()) return refuse(fields.refusal());
  context_.pipeline.list(
      [&](std::size_t count) {
        constexpr std::size_t kUsualLine = 64;
        output_.reserve(output_.size() + count * kUsualLine);
        output_.append(std::to_string(count))
            .append(count == 1 ? " Value found\n" : " Values found\n");
      },
      [&](std::string_view name, Time time) {
        Text<32> stamp;
        constexpr int kDecimals = 3;
        stamp.add_fixed(seconds(time), kDecimals).add(' ');
        output_.append(stamp.view()).append(name).append("\n");
      });
}

void Session::putnotif(std::span<char> arguments) {
  Notification notification;
  Refusal refusal;
  if (!parse_putnotif(arguments, notification, refusal)) return refuse(refusal.view());
  context_.pipeline.notify(std::move(notification));
  say("0", "Success");
}

void Session::flush(std::span<char> arguments) {
  CommandFields fields{arguments};
  std::string_view field;
  std::vector<std::string> plugins, identifiers;
  Span older_than{};
  std::size_t too_long = 0;
  while (fields.next(field)) {
    const std::string_view name = option_name(field);
    if (name.empty()) return refuse("Invalid option string `" + std::string{field} + "'.");
    const std::string_view value = field.substr(name.size() + 1);
    if (iequals(name, "plugin")) {
      plugins.emplace_back(value);
    } else if (iequals(name, "identifier")) {
      const auto identifier = parse_identifier(value);
      if (!identifier)
        return refuse("Invalid identifier `" + std::string{value.substr(0, value.find('/'))} +
                      "'.");  // collectd, too, names the host alone
      std::string whole = joined(*identifier);
      if (whole.size() > kLongestFlush)
        ++too_long;
      else
        identifiers.push_back(std::move(whole));
    } else if (iequals(name, "timeout")) {
      std::size_t used = 0;
      const double timeout = c_strtod(value, used);
      if (used == 0 || !std::isfinite(timeout))
        return refuse("Invalid value for option `timeout': " + std::string{value});
      older_than = span_of(std::max(timeout, 0.0));
    } else {
      return refuse("Cannot parse option `" + std::string{name} + "'.");
    }
  }
  if (!fields.refusal().empty()) return refuse(fields.refusal());
  const std::size_t each = std::max<std::size_t>(plugins.size(), 1);
  const std::size_t asked = each * (identifiers.empty() && too_long == 0 ? 1 : identifiers.size());
  pending_ = std::make_shared<Pending>();
  pending_->give_up = context_.clock.now() + kLongestWait;
  pending_->reply.add("0 Done: ")
      .add(asked)
      .add(" successful, ")
      .add(each * too_long)
      .add(" errors\n");
  if (plugins.empty()) plugins.emplace_back();
  if (identifiers.empty() && too_long == 0) identifiers.emplace_back();
  if (!ask_flush(plugins, identifiers, older_than)) pending_->done = true;
  poll();  // it may be done already
}

/// Asks every combination; false when there was nothing to ask. The session waits for the answers.
bool Session::ask_flush(const std::vector<std::string>& plugins,
                        const std::vector<std::string>& ids, Span older_than) {
  const auto left = std::make_shared<std::atomic<std::size_t>>(plugins.size() * ids.size());
  if (*left == 0) return false;
  const Outlet::Done done = [left, pending = pending_, ready = ready_] {
    if (--*left != 0) return;
    pending->done = true;
    ready();
  };
  for (const std::string& plugin : plugins)
    for (const std::string& id : ids)
      context_.pipeline.flush(plugin, {.older_than = older_than, .identifier = id}, done);
  return true;
}

void Session::getthreshold(std::span<char> arguments) {
  std::string_view rest = text_of(arguments);
  std::string name;
  if (!next_string(rest, name)) return refuse("Cannot parse identifier.");
  rest = trim(rest);
  if (!rest.empty()) return refuse("Garbage after end of command: " + std::string{rest});
  const auto identifier = parse_identifier(name);
  if (!identifier) return refuse("Cannot parse identifier `" + name + "'.");
  const auto lines = context_.pipeline.threshold(*identifier);
  if (lines.empty()) return refuse("No threshold found for identifier " + name);
  say(std::to_string(lines.size()), "Threshold found");
  for (const std::string& line : lines) output_.append(line).append("\n");
}

}  // namespace vital

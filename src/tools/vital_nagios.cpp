// SPDX-License-Identifier: MIT
#include <getopt.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "base/clock.h"
#include "base/numbers.h"
#include "base/strings.h"
#include "control/client.h"
#include "model/identifier.h"
#include "tools/nagios_alerts.h"
#include "tools/nagios_check.h"

namespace vital {
namespace {

constexpr int kUsageError = 1;  // as collectd-nagios has it

constexpr char kUsage[] =
    "Usage: vital-nagios -s SOCKET -H HOST -n NAME [OPTION ...]\n"
    "       vital-nagios -s SOCKET [-H HOST] -n LIST\n"
    "       vital-nagios [-s SOCKET] --alerts [-H HOST] [-n NAME]\n"
    "\n"
    "  -s SOCKET     the control socket of vitald, or of collectd's unixsock plugin\n"
    "  -H HOST       the host, as identifiers begin with it\n"
    "  -n NAME       PLUGIN[-INSTANCE]/TYPE[-INSTANCE], or LIST for all there are\n"
    "  -d SOURCE     a data source to look at; may be repeated. By default all are\n"
    "  -g FUNCTION   none: each data source by itself (default); average or sum: of all;\n"
    "                percentage: the first one's share of the sum\n"
    "  -c RANGE      critical outside of this range: [@][MIN:]MAX, with @ inside of it\n"
    "  -w RANGE      warning outside of this range\n"
    "  -m            what is not a number is critical (default: warning)\n"
    "  -h            this text\n"
    "\n"
    "  --alerts             the state of the thresholds of vitald that are firing\n"
    "  --freshness SECONDS  a value that is older is UNKNOWN\n"
    "  --timeout SECONDS    how long to wait for the daemon (default: 10)\n"
    "\n"
    "With one of these three, whatever keeps a state from being told is UNKNOWN (exit 3), a "
    "mistake\n"
    "in the options included; without them it is CRITICAL (exit 2), as collectd-nagios has it, "
    "and\n"
    "a mistake is exit 1.\n";

struct Request {
  std::optional<std::string> socket, host, name;
  std::vector<std::string> sources;
  ValueCheck check;
  bool alerts = false;
  bool asks_for_values = false;  // by an option that means nothing else
  std::optional<double> freshness;
  double timeout = 10;
  bool unknown = false;  // what cannot be told is UNKNOWN
  bool lists() const { return name && iequals(*name, "LIST"); }
  bool complete() const { return alerts || (socket && name && (lists() || host)); }
};

Verdict unknown(const std::string& text) {
  return {CheckState::unknown, "UNKNOWN: " + text + "\n"};
}

/// The state cannot be told.
Verdict untold(const Request& request, const std::string& text) {
  if (request.unknown) return unknown(text);
  return {CheckState::critical, "ERROR: " + text + "\n"};
}

std::string text_of(const Error& error) { return std::string{error.message().view()}; }

/// Why there is no answer. collectd-nagios waits without end, so nobody expects an ERROR of it when
/// the time is over.
struct Refusal {
  std::string text;
  bool timed_out = false;
};

std::optional<ControlReply> ask(ControlClient& client, const std::string& command, Refusal& why) {
  auto reply = client.request(command);
  if (!reply)
    why = {text_of(reply.error()), reply.error().code() == Errc::timed_out};
  else if (reply->status < 0)
    why = {"Server error: " + reply->message};
  else
    return std::move(*reply);
  return std::nullopt;
}

/// A time and a name, as LISTVAL gives them.
struct Listed {
  double time = 0;
  std::string name;
};

std::vector<Listed> read_list(const ControlReply& reply) {
  std::vector<Listed> all;
  for (const std::string& line : reply.lines) {
    const auto blank = std::min(line.find(' '), line.size());
    std::size_t used = 0;
    all.push_back({c_strtod(line.substr(0, blank), used),
                   std::string{trim(std::string_view{line}.substr(blank))}});
  }
  return all;
}

std::string_view host_of(std::string_view name) { return name.substr(0, name.find('/')); }

/// By host, plugin, type and their instances, byte for byte.
bool comes_before(const std::string& a, const std::string& b) {
  const auto fields = [](const std::string& name) {
    const auto id = parse_identifier(name);
    return id ? std::tuple{id->host, id->plugin, id->plugin_instance, id->type, id->type_instance}
              : std::tuple{std::string_view{name}, std::string_view{}, std::string_view{},
                           std::string_view{}, std::string_view{}};
  };
  return fields(a) < fields(b);
}

Verdict list(ControlClient& client, const Request& request) {
  Refusal why;
  const auto reply = ask(client, "LISTVAL", why);
  if (!reply) return unknown(why.text);
  std::vector<std::string> names;
  for (Listed& listed : read_list(*reply))
    if (!request.host || iequals(*request.host, host_of(listed.name)))
      names.push_back(std::move(listed.name));
  std::sort(names.begin(), names.end(), comes_before);
  std::string text, host;
  for (const std::string& name : names) {
    if (text.empty() || !iequals(host, host_of(name))) {
      host = host_of(name);
      text += "Host: " + host + "\n";
    }
    text += "\t" + name.substr(std::min(host_of(name).size() + 1, name.size())) + "\n";
  }
  return {CheckState::okay, text};
}

/// Why the series' value is too old to be told; nothing: it is not.
std::optional<std::string> staleness(ControlClient& client, const std::string& name, double limit) {
  Refusal why;
  const auto reply = ask(client, "LISTVAL", why);
  if (!reply) return "Listing values failed: " + why.text;
  const auto all = read_list(*reply);
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const Listed& listed) { return listed.name == name; });
  if (found == all.end()) return name + " has no value";
  const double age = seconds(SystemClock{}.wall()) - found->time;
  if (age <= limit) return std::nullopt;
  return name + " is " + std::to_string(static_cast<long long>(age)) + " seconds old";
}

std::vector<CheckValue> read_values(const ControlReply& reply) {
  std::vector<CheckValue> values;
  for (const std::string& line : reply.lines) {
    const auto sign = std::min(line.find('='), line.size());
    std::size_t used = 0;
    values.push_back(
        {line.substr(0, sign), c_strtod(line.substr(std::min(sign + 1, line.size())), used)});
  }
  return values;
}

Verdict check_value(ControlClient& client, const Request& request) {
  const std::string whole = *request.host + "/" + *request.name;
  const auto identifier = parse_identifier(whole);
  if (!identifier)
    return untold(request,
                  "Creating an identifier failed: Malformed identifier string: " + whole + ".");
  const std::string name{format(*identifier).view()};
  if (request.freshness)
    if (const auto why = staleness(client, name, *request.freshness)) return unknown(*why);
  Refusal why;
  const auto reply = ask(client, "GETVAL " + std::string{quoted(name).view()}, why);
  if (!reply && why.timed_out) return unknown(why.text);
  if (!reply) return untold(request, "Retrieving values from the daemon failed: " + why.text + ".");
  std::string missing;
  const auto values = select(read_values(*reply), request.sources, missing);
  if (values.empty() && !request.sources.empty())
    return untold(request, "DS `" + missing + "' is not available.");
  return judge(values, request.check);
}

AlertScope scope_of(const Request& request) {
  return {request.host.value_or(""), request.name.value_or("")};
}

/// What no threshold complains of must be there at least.
std::optional<std::string> nothing_known(ControlClient& client, const Request& request) {
  Refusal why;
  const auto reply = ask(client, "LISTVAL", why);
  if (!reply) return "Listing values failed: " + why.text;
  const AlertScope scope = scope_of(request);
  const auto all = read_list(*reply);
  const double oldest =
      request.freshness ? seconds(SystemClock{}.wall()) - *request.freshness : -HUGE_VAL;
  bool found = false;
  for (const Listed& listed : all) {
    if (!scope.has(listed.name)) continue;
    found = true;
    if (listed.time >= oldest) return std::nullopt;
  }
  if (!found) return scope.text() + " has no value";
  return scope.text() + " has no value that is fresh";
}

/// A failure is worth more than knowing that nothing comes any more, and whoever silenced an alert
/// knows.
bool speaks_for_itself(const AlertLine& alert) noexcept {
  return alert.level == Level::failure || alert.silenced;
}

Verdict check_alerts(ControlClient& client, const Request& request) {
  Refusal why;
  const auto reply = ask(client, "ALERTS", why);
  if (!reply) return unknown("Asking for alerts failed: " + why.text);
  if (reply->message.ends_with(kNoThresholds)) return unknown(std::string{kNoThresholds});
  const AlertScope scope = scope_of(request);
  std::vector<AlertLine> alerts;
  for (const std::string& line : reply->lines) {
    auto alert = parse_alert(line);
    if (!alert) return unknown("The daemon's answer is not understood: " + line);
    if (scope.has(alert->identifier)) alerts.push_back(std::move(*alert));
  }
  if (std::none_of(alerts.begin(), alerts.end(), speaks_for_itself))
    if (const auto missing = nothing_known(client, request)) return unknown(*missing);
  return judge(std::move(alerts));
}

Result<ControlClient> connect(const Request& request, Steady deadline) {
  if (request.socket) return ControlClient::connect(*request.socket, deadline);
  std::optional<Error> first;
  for (const std::string& path : usual_sockets(RUNDIR, STATEDIR)) {
    auto client = ControlClient::connect(path, deadline);
    if (client) return client;
    if (!first) first = client.error();
  }
  return *first;
}

Verdict check(const Request& request) {
  const Steady deadline = SystemClock{}.now() + nanoseconds(span_of(request.timeout));
  auto client = connect(request, deadline);
  if (!client && client.error().code() == Errc::timed_out) return unknown(text_of(client.error()));
  if (!client && request.unknown)
    return unknown("Connecting to the daemon failed: " + text_of(client.error()));
  if (!client) return untold(request, "Connecting to daemon at " + *request.socket + " failed.");
  if (request.alerts) return check_alerts(*client, request);
  return request.lists() ? list(*client, request) : check_value(*client, request);
}

/// Nagios shows what is on standard output: a mistake must be seen there.
int usage(const Request& request, const std::string& complaint) {
  if (request.unknown && !complaint.empty()) {
    std::fputs(unknown(complaint).text.c_str(), stdout);
    return static_cast<int>(CheckState::unknown);
  }
  if (!complaint.empty()) std::fprintf(stderr, "%s\n", complaint.c_str());
  std::fputs(kUsage, stderr);
  return kUsageError;
}

enum : int { kAlerts = 256, kFreshness, kTimeout };

constexpr option kLongOptions[] = {{"alerts", no_argument, nullptr, kAlerts},
                                   {"freshness", required_argument, nullptr, kFreshness},
                                   {"timeout", required_argument, nullptr, kTimeout},
                                   {"help", no_argument, nullptr, 'h'},
                                   {}};

/// A number of seconds above zero, or nothing.
std::optional<double> seconds_in(const char* text) {
  double number = 0;
  if (!parse_whole(std::string_view{text}, number) || !(number > 0) || number > 1e8)
    return std::nullopt;
  return number;
}

/// One option; what is wrong with it, nothing: it is fine.
std::optional<std::string> take(Request& request, int option, const char* argument) {
  if (option < kAlerts &&
      std::string_view{"dgcwm"}.find(static_cast<char>(option)) != std::string_view::npos)
    request.asks_for_values = true;
  switch (option) {
    case 's':
      request.socket = argument;
      break;
    case 'H':
      request.host = argument;
      break;
    case 'n':
      request.name = argument;
      break;
    case 'd':
      request.sources.emplace_back(argument);
      break;
    case 'g':
      if (const auto how = parse_consolidation(argument)) {
        request.check.how = *how;
        break;
      }
      return "Unknown consolidation function `" + std::string{argument} + "'.";
    case 'c':
      request.check.critical.read(argument);
      break;
    case 'w':
      request.check.warning.read(argument);
      break;
    case 'm':
      request.check.nan_is_critical = true;
      break;
    case kAlerts:
      request.alerts = request.unknown = true;
      break;
    case kFreshness:
    case kTimeout: {
      const auto number = seconds_in(argument);
      if (!number) return "Not a number of seconds: `" + std::string{argument} + "'.";
      (option == kTimeout ? request.timeout : request.freshness.emplace()) = *number;
      request.unknown = true;
      break;
    }
    default:
      return "No such option, or its argument is missing.";
  }
  return std::nullopt;
}

/// What is wrong with them all together; empty: nothing.
std::string complaint_of(const Request& request, bool more_words) {
  if (!request.complete()) return "Missing required arguments.";
  if (!request.alerts) return {};
  if (request.asks_for_values) return "-d, -g, -c, -w and -m are not for --alerts.";
  if (request.lists()) return "-n LIST is not for --alerts.";
  if (more_words) return "There are words that belong to no option.";
  return {};
}

int run(int count, char** arguments) {
  Request request;
  std::string complaint;
  for (int option = 0; (option = ::getopt_long(count, arguments, "w:c:s:n:H:g:d:hm", kLongOptions,
                                               nullptr)) != -1;) {
    if (option == 'h') return usage(request, {});
    const auto wrong = take(request, option, optarg);
    if (wrong && complaint.empty()) complaint = *wrong;
  }
  if (complaint.empty()) complaint = complaint_of(request, optind < count);
  if (!complaint.empty()) return usage(request, complaint);
  const Verdict verdict = check(request);
  std::fputs(verdict.text.c_str(), stdout);
  return static_cast<int>(verdict.state);
}

}  // namespace
}  // namespace vital

int main(int count, char** arguments) { return vital::run(count, arguments); }

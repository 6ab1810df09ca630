// SPDX-License-Identifier: MIT
#include <getopt.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/numbers.h"
#include "base/strings.h"
#include "control/client.h"
#include "model/identifier.h"
#include "tools/status_table.h"

namespace vital {
namespace {

constexpr int kFailed = 255;  // what collectdctl exits with

constexpr char kUsage[] =
    "Usage: vitalctl [-s SOCKET] COMMAND [ARGUMENT ...]\n"
    "\n"
    "  -s SOCKET   the control socket of vitald, or of collectd's unixsock plugin\n"
    "  -h          this text\n"
    "\n"
    "  getval IDENTIFIER\n"
    "  listval\n"
    "  show [PATTERN]                          all current values, or those whose names contain "
    "it\n"
    "  putval IDENTIFIER [interval=SECONDS] TIME:VALUE[:VALUE ...] ...\n"
    "  putnotif severity=LEVEL time=SECONDS message=TEXT [host=... plugin=... type=...]\n"
    "  flush [timeout=SECONDS] [plugin=NAME] [identifier=IDENTIFIER]\n"
    "  status\n"
    "  reload                                  take over the configuration as it is now\n"
    "  diff [FILE]                             what a reload would change\n"
    "  restart PLUGIN                          starts its process anew, also when it is parked\n"
    "  alerts                                  what is wrong now, since when and why\n"
    "  silence                                 lists what nobody wants to hear of\n"
    "  silence PATTERN DURATION [COMMENT]      DURATION in seconds, or as 30m, 2h, 1d\n"
    "  silence end ID\n"
    "\n"
    "An identifier is [HOST/]PLUGIN[-INSTANCE]/TYPE[-INSTANCE]; without a host it is this "
    "host's.\n";

using Arguments = std::vector<std::string>;

int fail(const std::string& message) {
  std::fprintf(stderr, "ERROR: %s\n", message.c_str());
  return kFailed;
}

std::string in_quotes(std::string_view text) {
  std::string result{"\""};
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + "\"";
}

/// Completes an identifier that has no host with this host's name.
std::optional<std::string> complete(const std::string& text) {
  std::string whole = text;
  if (std::count(text.begin(), text.end(), '/') == 1) {
    char host[256] = "localhost";
    ::gethostname(host, sizeof host - 1);
    whole = std::string{host} + "/" + text;
  }
  if (parse_identifier(whole)) return whole;
  fail("Failed to parse identifier ``" + text + "'': Malformed identifier string: " + text + ".");
  return std::nullopt;
}

/// Sends a command; says what is wrong when it is refused.
std::optional<ControlReply> ask(ControlClient& client, const std::string& command) {
  auto reply = client.request(command);
  if (!reply) {
    fail(std::string{reply.error().message().view()});
    return std::nullopt;
  }
  if (reply->status >= 0) return std::move(*reply);
  fail("Server error: " + reply->message);
  return std::nullopt;
}

std::string number_text(std::string_view text) {
  std::size_t used = 0;
  const double value = c_strtod(text, used);
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%e", value);
  return std::isnan(value) ? "nan" : buffer;
}

void print_values(const ControlReply& reply) {
  for (const std::string& line : reply.lines) {
    const auto sign = line.find('=');
    if (sign == std::string::npos) continue;
    std::printf("%s=%s\n", line.substr(0, sign).c_str(),
                number_text(line.substr(sign + 1)).c_str());
  }
}

int getval(ControlClient& client, const Arguments& arguments) {
  if (arguments.size() != 1) return fail("getval: Missing identifier.");
  const auto identifier = complete(arguments[0]);
  if (!identifier) return kFailed;
  const auto reply = ask(client, "GETVAL " + in_quotes(*identifier));
  if (!reply) return kFailed;
  print_values(*reply);
  return 0;
}

std::string name_in(const std::string& line) { return line.substr(line.find(' ') + 1); }

int listval(ControlClient& client, const Arguments& arguments) {
  if (!arguments.empty()) return fail("listval: Does not accept any arguments.");
  const auto reply = ask(client, "LISTVAL");
  if (!reply) return kFailed;
  for (const std::string& line : reply->lines) std::printf("%s\n", name_in(line).c_str());
  return 0;
}

int show(ControlClient& client, const Arguments& arguments) {
  const std::string pattern = arguments.empty() ? std::string{} : arguments[0];
  const auto list = ask(client, "LISTVAL");
  if (!list) return kFailed;
  for (const std::string& line : list->lines) {
    const std::string name = name_in(line);
    if (name.find(pattern) == std::string::npos) continue;
    const auto values = client.request("GETVAL " + in_quotes(name));
    if (!values) return fail(std::string{values.error().message().view()});
    std::string text;
    for (const std::string& value : values->lines) {
      const auto sign = value.find('=');
      std::size_t used = 0;
      Text<32> number;
      number.add(c_strtod(std::string_view{value}.substr(sign + 1), used));
      const bool only = values->lines.size() == 1 && value.starts_with("value=");
      text +=
          "  " + (only ? std::string{} : value.substr(0, sign) + " ") + std::string{number.view()};
    }
    if (values->status > 0) std::printf("%-60s%s\n", name.c_str(), text.c_str());
  }
  return 0;
}

/// The number that an option begins with, as text; what follows it is warned of and left out.
std::optional<std::string> number_of(const std::string& option, const std::string& value) {
  std::size_t used = 0;
  (void)c_strtod(value, used);
  if (used == 0) {
    fail("Failed to parse " + option + " as number: " + value + ".");
    return std::nullopt;
  }
  if (used != value.size())
    std::fprintf(stderr, "WARNING: Ignoring trailing garbage after %s: %s.\n", option.c_str(),
                 value.substr(used).c_str());
  return value.substr(0, used);
}

/// One piece of a value list: the number, or the word in upper case that may stand for it.
std::optional<std::string> list_piece(const char* what, std::string_view piece,
                                      const std::string& word) {
  if (iequals(piece, word)) return word;
  std::size_t used = 0;
  (void)c_strtod(piece, used);
  if (used != 0 && used == piece.size()) return std::string{piece};
  if (used == 0)
    fail(std::string{"Failed to parse "} + what + " as number: " + std::string{piece} + ".");
  else
    fail(std::string{"Garbage after "} + what + ": " + std::string{piece.substr(used)} + ".");
  return std::nullopt;
}

/// "time:value[:value ...]" as the protocol wants it; says what is wrong with it.
std::optional<std::string> value_list(const std::string& text) {
  std::size_t colon = text.find(':');
  if (colon == std::string::npos) {
    fail("putval: Invalid value list: " + text + ".");
    return std::nullopt;
  }
  auto list = list_piece("time", text.substr(0, colon), "N");
  std::size_t used = 0;
  if (list && *list != "N" && c_strtod(*list, used) == 0) list = "N";  // so does collectdctl
  while (list && colon != std::string::npos) {
    const std::size_t begin = colon + 1;
    colon = text.find(':', begin);
    const auto value = list_piece("value", text.substr(begin, colon - begin), "U");
    if (!value) return std::nullopt;
    list->append(":").append(*value);
  }
  return list;
}

int putval(ControlClient& client, const Arguments& arguments) {
  if (arguments.size() < 2) return fail("putval: Missing identifier and/or value list.");
  const auto identifier = complete(arguments[0]);
  if (!identifier) return kFailed;
  std::string interval;
  bool any = false;
  for (auto argument = arguments.begin() + 1; argument != arguments.end(); ++argument) {
    const auto sign = argument->find('=');
    if (sign != std::string::npos) {
      const std::string key = argument->substr(0, sign);
      if (!iequals(key, "interval")) return fail("putval: Unknown option `" + key + "'.");
      const auto seconds = number_of("interval", argument->substr(sign + 1));
      if (!seconds) return kFailed;
      interval = " interval=" + *seconds;
      continue;
    }
    const auto list = value_list(*argument);
    if (!list) return kFailed;
    if (!ask(client, "PUTVAL " + in_quotes(*identifier) + interval + " " + *list)) return kFailed;
    any = true;
  }
  return any ? 0 : fail("putval: Missing value list(s).");
}

int putnotif(ControlClient& client, const Arguments& arguments) {
  std::string command = "PUTNOTIF";
  for (const std::string& argument : arguments) {
    const auto sign = argument.find('=');
    if (sign == std::string::npos) return fail("putnotif: Invalid option ``" + argument + "''.");
    command += " " + argument.substr(0, sign) + "=" + in_quotes(argument.substr(sign + 1));
  }
  return ask(client, command) ? 0 : kFailed;
}

int flush(ControlClient& client, const Arguments& arguments) {
  std::string timeout;
  Arguments plugins, identifiers;
  for (const std::string& argument : arguments) {
    const auto sign = argument.find('=');
    if (sign == std::string::npos) return fail("flush: Invalid option ``" + argument + "''.");
    const std::string key = argument.substr(0, sign), value = argument.substr(sign + 1);
    if (iequals(key, "plugin")) {
      plugins.push_back(" plugin=" + in_quotes(value));
    } else if (iequals(key, "identifier")) {
      const auto identifier = complete(value);
      if (!identifier) return kFailed;
      identifiers.push_back(" identifier=" + in_quotes(*identifier));
    } else if (iequals(key, "timeout")) {
      const auto seconds = number_of("timeout", value);
      if (!seconds) return kFailed;
      timeout = seconds->starts_with('-') ? std::string{} : " timeout=" + *seconds;
    } else {
      return fail("flush: Unknown option `" + key + "'.");
    }
  }
  if (plugins.empty()) plugins.emplace_back();
  if (identifiers.empty()) identifiers.emplace_back();
  for (const std::string& plugin : plugins)
    for (const std::string& identifier : identifiers)
      (void)ask(client, "FLUSH" + timeout + plugin + identifier);
  return 0;
}

int status(ControlClient& client, const Arguments&) {
  const auto reply = ask(client, "STATUS");
  if (!reply) return kFailed;
  std::fputs(status_table(reply->lines).c_str(), stdout);
  return 0;
}

void print_lines(std::FILE* file, const ControlReply& reply) {
  for (const std::string& line : reply.lines) std::fprintf(file, "%s\n", line.c_str());
}

/// Whether the daemon would have nothing of it; then it has said why.
bool was_refused(const ControlReply& reply) {
  if (!reply.message.starts_with("Reload refused")) return false;
  print_lines(stderr, reply);
  return true;
}

int reload(ControlClient& client, const Arguments& arguments) {
  if (!arguments.empty()) return fail("reload: Does not accept any arguments.");
  const auto reply = ask(client, "RELOAD");
  if (!reply) return kFailed;
  if (was_refused(*reply)) return fail("Reload refused; the old configuration goes on.");
  print_lines(stdout, *reply);
  std::printf("%s.\n", reply->message.c_str());
  return 0;
}

/// The daemon has another working directory.
std::string absolute(const std::string& path) {
  if (path.starts_with('/')) return path;
  char directory[4096];
  return ::getcwd(directory, sizeof directory) == nullptr ? path : directory + ("/" + path);
}

int diff(ControlClient& client, const Arguments& arguments) {
  constexpr int kTrouble = 2;  // as diff(1)
  if (arguments.size() > 1) return fail("diff: Takes one file at most."), kTrouble;
  const auto reply =
      ask(client, arguments.empty() ? "DIFF" : "DIFF " + absolute(arguments.front()));
  if (!reply || was_refused(*reply)) return kTrouble;
  print_lines(stdout, *reply);
  return reply->lines.empty() ? 0 : 1;
}

int restart(ControlClient& client, const Arguments& arguments) {
  if (arguments.size() != 1) return fail("restart: Missing name of a plugin.");
  const auto reply = ask(client, "RESTART " + arguments[0]);
  if (!reply) return kFailed;
  std::printf("%s\n", reply->message.c_str());
  return 0;
}

std::string when(const StatusLine& line, const char* key) {
  return std::string{local_time(time_of(line.number(key))).view()};
}

int alerts(ControlClient& client, const Arguments& arguments) {
  if (!arguments.empty()) return fail("alerts: Does not accept any arguments.");
  const auto reply = ask(client, "ALERTS");
  if (!reply) return kFailed;
  for (const std::string& text : reply->lines) {
    const std::string severity = text.substr(0, text.find(' '));
    const StatusLine line{"alert " + text};
    std::string mark = line.get("silence");
    if (!mark.empty()) mark = "  (silence " + mark + ")";
    std::printf("%-8s since %s  %s%s\n    %s\n", severity.c_str(), when(line, "since").c_str(),
                line.get("identifier").c_str(), mark.c_str(), line.get("message").c_str());
  }
  if (reply->message.ends_with(kNoThresholds))
    std::printf("Nobody looks: there are no thresholds.\n");
  else if (reply->lines.empty())
    std::printf("Nothing is wrong.\n");
  return 0;
}

/// "90", "30m", "2h", "1d" in seconds; 0: it is no length of time.
double duration_of(const std::string& text) {
  std::size_t used = 0;
  const double number = c_strtod(text, used);
  const std::string unit = text.substr(used);
  const double factor = unit.empty() || unit == "s" ? 1
                        : unit == "m"               ? 60
                        : unit == "h"               ? 3600
                        : unit == "d"               ? 86400
                                                    : 0;
  return used == 0 || !(number > 0) ? 0 : number * factor;
}

int list_silences(ControlClient& client) {
  const auto reply = ask(client, "SILENCE");
  if (!reply) return kFailed;
  for (const std::string& text : reply->lines) {
    const StatusLine line{text};
    std::printf("%-4s until %s  %s  %s\n", line.name.c_str(), when(line, "until").c_str(),
                line.get("pattern").c_str(), line.get("comment").c_str());
  }
  return 0;
}

int silence(ControlClient& client, const Arguments& arguments) {
  if (arguments.empty()) return list_silences(client);
  std::string command = "SILENCE";
  if (arguments[0] == "end") {
    if (arguments.size() != 2) return fail("silence: end wants the number of a silence.");
    command += " end=" + in_quotes(arguments[1]);
  } else {
    if (arguments.size() < 2) return fail("silence: Missing duration.");
    Text<64> seconds;
    const double duration = duration_of(arguments[1]);
    if (duration == 0) return fail("silence: Not a duration: " + arguments[1] + ".");
    command += " pattern=" + in_quotes(arguments[0]) +
               " duration=" + std::string{seconds.add(duration).view()};
    const Arguments comment(arguments.begin() + 2, arguments.end());
    if (!comment.empty()) command += " comment=" + in_quotes(join(comment, " "));
  }
  const auto reply = ask(client, command);
  if (!reply) return kFailed;
  std::printf("%s\n", reply->message.c_str());
  return 0;
}

struct Command {
  const char* name;
  int (*run)(ControlClient&, const Arguments&);
};

constexpr Command kCommands[] = {
    {"getval", getval},     {"listval", listval}, {"show", show},       {"putval", putval},
    {"putnotif", putnotif}, {"flush", flush},     {"status", status},   {"reload", reload},
    {"diff", diff},         {"alerts", alerts},   {"silence", silence}, {"restart", restart},
};

std::optional<ControlClient> connect(const std::string& path) {
  const auto paths = path.empty() ? usual_sockets(RUNDIR, STATEDIR) : Arguments{path};
  std::string failure;
  for (const std::string& candidate : paths) {
    auto client = ControlClient::connect(candidate);
    if (client) return std::move(*client);
    if (failure.empty()) {
      char reason[128];
      failure = "Failed to connect to daemon at unix:" + candidate + ": " +
                strerror_r(client.error().number(), reason, sizeof reason) + ".";
    }
  }
  fail(failure);
  return std::nullopt;
}

int run(int count, char** arguments) {
  std::string path;
  for (int option = 0; (option = ::getopt(count, arguments, "s:h")) != -1;) {
    if (option == 'h') {
      std::fputs(kUsage, stdout);
      return 0;
    }
    if (option != 's') {
      std::fputs(kUsage, stderr);
      return 1;
    }
    path = optarg;
    if (path.starts_with("unix:")) path.erase(0, 5);
  }
  if (optind == count) {
    std::fprintf(stderr, "%s: missing command\n%s", arguments[0], kUsage);
    return 1;
  }
  auto client = connect(path);
  if (!client) return 1;
  const Arguments rest(arguments + optind + 1, arguments + count);
  for (const Command& command : kCommands)
    if (iequals(command.name, arguments[optind])) return command.run(*client, rest);
  std::fprintf(stderr, "%s: invalid command: %s\n", arguments[0], arguments[optind]);
  return 1;
}

}  // namespace
}  // namespace vital

int main(int count, char** arguments) { return vital::run(count, arguments); }

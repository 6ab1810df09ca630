// SPDX-License-Identifier: MIT
#include "daemon/command_line.h"

#include <getopt.h>

#include <array>
#include <cstdio>

namespace vital {
namespace {

enum LongOnly : int { kVersion = 256, kPlugins, kDescribe, kManual, kStrict, kEmbedded };

constexpr auto kOptions = std::to_array<option>({
    {"config", required_argument, nullptr, 'C'},
    {"test", no_argument, nullptr, 't'},
    {"test-read", no_argument, nullptr, 'T'},
    {"pid-file", required_argument, nullptr, 'P'},
    {"no-base-dir", no_argument, nullptr, 'B'},
    {"foreground", no_argument, nullptr, 'f'},
    {"help", no_argument, nullptr, 'h'},
    {"version", no_argument, nullptr, kVersion},
    {"plugins", no_argument, nullptr, kPlugins},
    {"describe", required_argument, nullptr, kDescribe},
    {"manual", no_argument, nullptr, kManual},
    {"strict", no_argument, nullptr, kStrict},
    {"embedded", required_argument, nullptr, kEmbedded},
    {nullptr, 0, nullptr, 0},
});

bool apply(CommandLine& line, int option, const char* value) {
  using Action = CommandLine::Action;
  switch (option) {
    case 'C':
      line.config_file = value;
      return true;
    case 't':
      line.action = Action::check;
      return true;
    case 'T':
      line.action = Action::read_once;
      return true;
    case 'P':
      line.pid_file = value;
      return true;
    case 'B':
      line.make_base_dir = false;
      return true;
    case 'f':
      line.foreground = true;
      return true;
    case 'h':
      line.action = Action::help;
      return true;
    case kVersion:
      line.action = Action::version;
      return true;
    case kPlugins:
      line.action = Action::plugins;
      return true;
    case kDescribe:
      line.action = Action::describe;
      line.subject = value;
      return true;
    case kManual:
      line.action = Action::manual;
      return true;
    case kStrict:
      line.strict = true;
      return true;
    case kEmbedded:
      line.embedded = value;
      return true;
    default:
      return false;  // getopt_long has said what is wrong
  }
}

}  // namespace

std::string usage(const std::string& default_config) {
  return "Usage: vitald [OPTION ...]\n"
         "Reads this host's numbers every few seconds and hands them to files and servers.\n"
         "\n"
         "  -C, --config FILE     the configuration (default " +
         default_config +
         ")\n"
         "  -t, --test            check the configuration: 0 nothing to say, 1 it would start "
         "with\n"
         "                        problems, 2 it would not start\n"
         "      --strict          let every problem of the configuration stop the start\n"
         "  -T, --test-read       read everything once, then stop: 0 if all of it worked\n"
         "  -P, --pid-file FILE   where to write the process id, instead of PIDFile\n"
         "  -B, --no-base-dir     do not make BaseDir when it is missing\n"
         "  -f, --foreground      stay in the foreground\n"
         "      --embedded DIR    run on the built-in configuration: RRD files and the control\n"
         "                        socket below DIR\n"
         "      --plugins         list what LoadPlugin can load\n"
         "      --describe NAME   what a plugin reports, and its options; \"global\" for the\n"
         "                        options outside of all plugins\n"
         "      --manual          the manual of all options as a man page\n"
         "      --version         the version\n"
         "  -h, --help            this text\n";
}

std::optional<CommandLine> parse_command_line(int count, char** arguments,
                                              const std::string& default_config) {
  CommandLine line;
  line.config_file = default_config;
  while (true) {
    const int option = ::getopt_long(count, arguments, "C:tTP:Bfh", kOptions.data(), nullptr);
    if (option == -1) break;
    if (!apply(line, option, optarg)) {
      std::fputs(usage(default_config).c_str(), stderr);
      return std::nullopt;
    }
  }
  if (optind == count) return line;
  std::fprintf(stderr, "vitald: unexpected argument \"%s\"\n%s", arguments[optind],
               usage(default_config).c_str());
  return std::nullopt;
}

}  // namespace vital

// SPDX-License-Identifier: MIT
#pragma once
#include <optional>
#include <string>

namespace vital {

/// What the daemon was told when it was started.
struct CommandLine {
  enum class Action {
    run,
    check,      // -t
    read_once,  // -T
    help,
    version,
    plugins,
    describe,
    manual,
  };

  Action action = Action::run;
  std::string config_file;  // -C
  std::optional<std::string>
      embedded;  // --embedded: the built-in configuration below this directory
  std::optional<std::string> pid_file;  // -P
  bool make_base_dir = true;            // -B clears it
  bool foreground = false;              // -f
  bool strict = false;
  std::string subject;  // of --describe
};

/// Reads the arguments; nothing when they are wrong, which is then already said on standard error.
std::optional<CommandLine> parse_command_line(int count, char** arguments,
                                              const std::string& default_config);

/// The text of -h.
std::string usage(const std::string& default_config);

}  // namespace vital

// SPDX-License-Identifier: MIT
#include "lib/secret.h"

#include <cstdlib>

#include "base/fd.h"
#include "base/strings.h"
#include "config/problem.h"

namespace vital {
namespace {

constexpr std::size_t kLargest = 65536;  // bytes of a file with a secret

std::string content_of(const Options& options, const std::string& name) {
  const std::string path = options.text(name);
  auto content = read_file(path, kLargest);
  if (content) return std::move(*content);
  throw ConfigError{options.position(name),
                    name + ": " + std::string{content.error().message().view()},
                    "make it readable for the daemon"};
}

}  // namespace

void declare_secret(Declaration& declaration, std::string_view name, std::string_view help) {
  const std::string base{name};
  declaration.option(name, Unset<std::string>{}, help)
      .option(base + "File", Unset<std::string>{},
              "A file that holds it, so that it need not stand here. A newline at its end does not "
              "count. A reload reads it again when it has changed.")
      .called("PATH")
      .read_once()
      .since("vitald 1")
      .option(base + "Environment", Unset<std::string>{},
              "A variable of the environment that holds it.")
      .called("VARIABLE")
      .since("vitald 1");
}

std::string secret_of(const Options& options, std::string_view name) {
  const std::string base{name};
  const std::string file = base + "File", environment = base + "Environment";
  if (options.given(environment)) {
    const std::string variable = options.text(environment);
    if (const char* const value = std::getenv(variable.c_str())) return value;
    throw ConfigError{options.position(environment),
                      environment + ": the environment has no variable " + variable,
                      "set it where the daemon is started"};
  }
  if (!options.given(file)) return options.text(name);
  std::string secret = content_of(options, file);
  while (secret.ends_with('\n') || secret.ends_with('\r')) secret.pop_back();
  return secret;
}

std::vector<std::string> secret_lines(const Options& options, std::string_view name) {
  std::vector<std::string> lines;
  if (!options.given(name)) return lines;
  const std::string content = content_of(options, std::string{name});
  for (const std::string_view line : split(content, "\r\n"))
    if (!trim(line).empty()) lines.emplace_back(trim(line));
  return lines;
}

}  // namespace vital

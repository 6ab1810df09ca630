// SPDX-License-Identifier: MIT
#include <csignal>
#include <cstdio>

#include "tools/bench_commands.h"

namespace vital::bench {
namespace {

std::atomic<bool> ended{false};

int run(const BenchOptions& options) {
  switch (options.command) {
    case BenchOptions::Command::send:
      return send(options, ended);
    case BenchOptions::Command::receive:
      return receive(options, ended);
    case BenchOptions::Command::flood:
      return flood(options, ended);
    case BenchOptions::Command::help:
      break;
  }
  std::fputs(kUsage, stdout);
  return 0;
}

/// The first signal ends the work, and what was done is printed; the second ends the program.
void end(int signal) {
  ended = true;
  (void)std::signal(signal, SIG_DFL);
}

}  // namespace
}  // namespace vital::bench

int main(int count, char** arguments) {
  (void)std::signal(SIGINT, vital::bench::end);
  (void)std::signal(SIGTERM, vital::bench::end);
  try {
    return vital::bench::run(vital::bench::parse_options(count, arguments));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "vital-bench: %s\n", error.what());
    return 1;
  }
}

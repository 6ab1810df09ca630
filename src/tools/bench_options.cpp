// SPDX-License-Identifier: MIT
#include "tools/bench_options.h"

#include <getopt.h>

#include "base/numbers.h"
#include "base/strings.h"

namespace vital::bench {

const char kUsage[] =
    "Usage: vital-bench send [OPTION ...] [HOST [PORT]]\n"
    "       vital-bench receive [OPTION ...] [ADDRESS [PORT]]\n"
    "       vital-bench flood random|series|signatures [OPTION ...] [HOST [PORT]]\n"
    "\n"
    "  -n, --series N         series to send values of (10000)\n"
    "  -H, --hosts N          hosts that they are of (1000)\n"
    "  -p, --plugins N        plugins of each host (20)\n"
    "  -i, --interval SECONDS what the values say of their interval (10)\n"
    "  -r, --rate N           values, or packets of a flood, a second; 0: as many as can be\n"
    "                         (send: each series once an interval; flood: 100000)\n"
    "  -t, --duration SECONDS for how long; 0: until ended (0)\n"
    "  -l, --level LEVEL      None, Sign or Encrypt (None)\n"
    "  -u, --user NAME        whose password signs or encrypts\n"
    "  -w, --password TEXT    that password\n"
    "  -a, --auth-file PATH   receive: users and passwords, as collectd's AuthFile has them\n"
    "  -s, --size BYTES       the largest packet (1452)\n"
    "  -j, --sockets N        send: how many sockets to send from (1)\n"
    "  -b, --buffer BYTES     receive: how much the kernel may hold (16777216)\n"
    "  -d HOST, -D PORT       the same as HOST and PORT, as collectd-tg has them\n"
    "  -h, --help             this text\n"
    "\n"
    "HOST is 127.0.0.1, ADDRESS is ::, PORT is 25826 unless they are given.\n";

namespace {

constexpr option kOptions[] = {{"series", required_argument, nullptr, 'n'},
                               {"hosts", required_argument, nullptr, 'H'},
                               {"plugins", required_argument, nullptr, 'p'},
                               {"interval", required_argument, nullptr, 'i'},
                               {"rate", required_argument, nullptr, 'r'},
                               {"duration", required_argument, nullptr, 't'},
                               {"level", required_argument, nullptr, 'l'},
                               {"user", required_argument, nullptr, 'u'},
                               {"password", required_argument, nullptr, 'w'},
                               {"auth-file", required_argument, nullptr, 'a'},
                               {"size", required_argument, nullptr, 's'},
                               {"sockets", required_argument, nullptr, 'j'},
                               {"buffer", required_argument, nullptr, 'b'},
                               {"help", no_argument, nullptr, 'h'},
                               {nullptr, 0, nullptr, 0}};

template <typename Number>
Number number_of(const char* what, std::string_view text, Number least, Number most) {
  Number number{};
  if (!parse_whole(text, number) || !(number >= least && number <= most))
    throw BenchError{std::string{what} + " cannot be " + std::string{text}};
  return number;
}

network::Trust level_of(std::string_view text) {
  if (iequals(text, "None")) return network::Trust::none;
  if (iequals(text, "Sign")) return network::Trust::is_signed;
  if (iequals(text, "Encrypt")) return network::Trust::encrypted;
  throw BenchError{"the level is None, Sign or Encrypt, not " + std::string{text}};
}

Flood flood_of(std::string_view text) {
  if (text == "random") return Flood::random;
  if (text == "series") return Flood::series;
  if (text == "signatures") return Flood::signatures;
  throw BenchError{"a flood is one of random, series or signatures, not " + std::string{text}};
}

void set_load(BenchOptions& options, int option, const char* text) {
  constexpr std::size_t kMost = 100'000'000;
  constexpr double kLongest = 1e9;
  switch (option) {
    case 'n':
      options.series = number_of<std::size_t>("--series", text, 1, kMost);
      break;
    case 'H':
      options.hosts = number_of<std::size_t>("--hosts", text, 1, kMost);
      break;
    case 'p':
      options.plugins = number_of<std::size_t>("--plugins", text, 1, kMost);
      break;
    case 'i':
      options.interval = number_of("--interval", text, 1e-3, kLongest);
      break;
    case 'r':
      options.rate = number_of("--rate", text, 0.0, kLongest);
      break;
    case 't':
      options.duration = number_of("--duration", text, 0.0, kLongest);
      break;
    default:
      break;
  }
}

void set_transport(BenchOptions& options, int option, const char* text) {
  constexpr std::size_t kSmallest = 1024, kLargest = 65507, kMostSockets = 1024;
  switch (option) {
    case 'l':
      options.level = level_of(text);
      break;
    case 'u':
      options.user = text;
      break;
    case 'w':
      options.password = text;
      break;
    case 'a':
      options.auth_file = text;
      break;
    case 's':
      options.packet_size = number_of<std::size_t>("--size", text, kSmallest, kLargest);
      break;
    case 'j':
      options.sockets = number_of<std::size_t>("--sockets", text, 1, kMostSockets);
      break;
    case 'b':
      options.buffer = number_of("--buffer", text, 1024, 1 << 30);
      break;
    case 'd':
      options.host = text;
      break;
    case 'D':
      options.port = text;
      break;
    default:
      break;
  }
}

void check(const BenchOptions& options) {
  const bool secured = options.level != network::Trust::none;
  const bool receives = options.command == BenchOptions::Command::receive;
  const bool has_user = !options.user.empty() && !options.password.empty();
  if (secured && !has_user && (!receives || options.auth_file.empty()))
    throw BenchError{"this level needs --user and --password"};
  if (options.user.size() > network::kLongestUser) throw BenchError{"the user's name is too long"};
  if (options.series < options.hosts && options.command == BenchOptions::Command::send)
    throw BenchError{"every host needs a series: --hosts must not be more than --series"};
}

void set_command(BenchOptions& options, std::string_view text) {
  using Command = BenchOptions::Command;
  if (text == "send")
    options.command = Command::send;
  else if (text == "receive")
    options.command = Command::receive;
  else if (text == "flood")
    options.command = Command::flood;
  else
    throw BenchError{"the command is send, receive or flood, not " + std::string{text}};
}

}  // namespace

BenchOptions parse_options(int count, char** arguments) {
  BenchOptions options;
  bool help = false;
  optind = 0;  // from the start, whoever has used it before
  for (int option = 0; (option = ::getopt_long(count, arguments, "n:H:p:i:r:t:l:u:w:a:s:j:b:d:D:h",
                                               kOptions, nullptr)) != -1;) {
    if (option == '?') throw BenchError{"see vital-bench --help"};
    help = help || option == 'h';
    set_load(options, option, optarg);
    set_transport(options, option, optarg);
  }
  if (help) return options;
  if (optind == count) throw BenchError{"send, receive or flood?"};
  set_command(options, arguments[optind++]);
  if (options.command == BenchOptions::Command::flood)
    options.flood = flood_of(optind < count ? arguments[optind++] : "none");
  if (optind < count) options.host = arguments[optind++];
  if (optind < count) options.port = arguments[optind++];
  if (optind < count) throw BenchError{"what is " + std::string{arguments[optind]} + "?"};
  if (options.host.empty())
    options.host = options.command == BenchOptions::Command::receive ? "::" : "127.0.0.1";
  check(options);
  return options;
}

}  // namespace vital::bench

// SPDX-License-Identifier: MIT
#include "network/settings.h"

#include "base/numbers.h"
#include "config/problem.h"

namespace vital::network {
namespace {

constexpr std::size_t kLongestSigner = 70;  // of what a packet leaves free, less the signature
constexpr const char* kPort = "25826";

std::string port_of(const Options& block) {
  const std::string port = block.argument(1);
  return port.empty() ? kPort : port;
}

Trust trust_of(const std::string& level) noexcept {
  if (level == "Sign") return Trust::is_signed;
  return level == "Encrypt" ? Trust::encrypted : Trust::none;
}

std::string check_server(const Options& block) {
  const Trust level = trust_of(block.text("SecurityLevel"));
  if (level == Trust::none) return {};
  const std::string user = block.text("Username");
  if (user.empty() || block.text("Password").empty())
    return "SecurityLevel " + block.text("SecurityLevel") + " needs Username and Password";
  const std::size_t longest = level == Trust::encrypted ? kLongestUser : kLongestSigner;
  if (user.size() > longest)
    return "Username must have at most " + std::to_string(longest) + " bytes";
  return {};
}

std::string check_listen(const Options& block) {
  if (trust_of(block.text("SecurityLevel")) == Trust::none || block.given("AuthFile")) return {};
  return "SecurityLevel " + block.text("SecurityLevel") + " needs an AuthFile";
}

std::string check_networks(const std::vector<Argument>& arguments) {
  Networks networks;
  for (const Argument& argument : arguments)
    if (!networks.add(argument.text))
      return "wants networks such as 192.0.2.0/24 or 2001:db8::/32, not " + argument.text;
  return {};
}

std::string check_bind_address(const std::vector<Argument>& arguments) {
  if (resolve(arguments.front().text, {}, Names::digits_only)) return {};
  return "wants an address in digits, not " + arguments.front().text;
}

Networks networks_of(const Options& block, std::string_view name) {
  Networks networks;
  for (const std::string& text : block.texts(name)) (void)networks.add(text);
  return networks;
}

void declare_server(Declaration& block) {
  block
      .option("SecurityLevel", Choice{"None", "Sign", "Encrypt"},
              "None sends packets as they are. Sign lets the receiver know who sent them and that "
              "nobody changed them. Encrypt hides them as well.")
      .option("Username", Unset<std::string>{},
              "Whose password signs or encrypts; at most 64 bytes.")
      .option("Password", Unset<std::string>{}, "The password that the receiver has for the user.")
      .option("Interface", Unset<std::string>{},
              "The network interface that packets leave by. One that does not exist is as good as "
              "none, and that is logged.")
      .called("NAME")
      .option("BindAddress", Unset<std::string>{},
              "The address, in digits, that packets come from; else the system chooses.")
      .called("ADDRESS")
      .check(check_bind_address)
      .option("ResolveInterval", Span{span_of_seconds(30)},
              "How often the host's name is looked up again, so that a changed address is "
              "followed. 0: only when sending fails. An address in digits is never looked up.")
      .check_all(check_server);
}

void declare_listen(Declaration& block) {
  block
      .option("SecurityLevel", Choice{"None", "Sign", "Encrypt"},
              "None takes all packets. Sign takes those that are signed or encrypted, Encrypt only "
              "the encrypted ones.")
      .option("AuthFile", Unset<std::string>{},
              "The users and their passwords, a line \"USER: PASSWORD\" each. It is read again "
              "within a second when it changes. Without it signatures are not looked at, and "
              "encrypted packets cannot be read.")
      .called("PATH")
      .option("Interface", Unset<std::string>{},
              "The network interface to listen on, or on which to join the multicast group.")
      .called("NAME")
      .option("Allow", Texts{},
              "Networks or addresses to take packets from, such as 192.0.2.0/24; others are "
              "refused. Without it all are allowed.")
      .arguments(1, Declaration::kAny)
      .called("NETWORK ...")
      .since("vitald")
      .check(check_networks)
      .option("Deny", Texts{}, "Networks or addresses to take nothing from, even if allowed.")
      .arguments(1, Declaration::kAny)
      .called("NETWORK ...")
      .since("vitald")
      .check(check_networks)
      .option("ReplayWindow", Span{},
              "Signed or encrypted values and notifications that are older than this are refused, "
              "so that nobody can record packets and send them again later. The clocks of both "
              "hosts must agree that far. 0: they may be of any age.")
      .since("vitald")
      .check_all(check_listen);
}

ServerSettings server_of(const Options& block) {
  return {.host = block.argument(0),
          .port = port_of(block),
          .security = trust_of(block.text("SecurityLevel")),
          .user = block.text("Username"),
          .password = block.text("Password"),
          .interface = block.text("Interface"),
          .bind_address = block.text("BindAddress"),
          .resolve_interval = block.duration("ResolveInterval")};
}

ListenSettings listen_of(const Options& block) {
  return {.host = block.argument(0),
          .port = port_of(block),
          .security = trust_of(block.text("SecurityLevel")),
          .auth_file = block.text("AuthFile"),
          .interface = block.text("Interface"),
          .allowed = networks_of(block, "Allow"),
          .denied = networks_of(block, "Deny"),
          .replay_window = block.duration("ReplayWindow")};
}

}  // namespace

Settings::Settings(const Options& options)
    : packet_size{static_cast<std::size_t>(options.integer("MaxPacketSize"))},
      forward{options.flag("Forward")},
      report_stats{options.flag("ReportStats")},
      flush_time{options.duration("FlushTime")},
      receive_threads{static_cast<unsigned>(options.integer("ReceiveThreads"))},
      receive_buffer{static_cast<int>(options.integer("ReceiveBuffer"))},
      receive_buffer_given{options.given("ReceiveBuffer")},
      limits{.series = static_cast<std::size_t>(options.integer("MaxSeries")),
             .new_per_second = static_cast<std::uint64_t>(options.integer("MaxNewSeries"))} {
  if (options.given("TimeToLive")) time_to_live = static_cast<int>(options.integer("TimeToLive"));
  for (const Options& block : options.blocks("Server")) servers.push_back(server_of(block));
  for (const Options& block : options.blocks("Listen")) listens.push_back(listen_of(block));
}

bool listens_low(const Options& options) {
  constexpr unsigned kFirstFree = 1024;
  for (const Options& block : options.blocks("Listen")) {
    unsigned port = 0;
    if (!parse_whole(port_of(block), port) || port < kFirstFree) return true;
  }
  return false;
}

bool binds_to_interface(const Options& options) {
  for (const char* const kind : {"Server", "Listen"})
    for (const Options& block : options.blocks(kind))
      if (block.given("Interface")) return true;
  return false;
}

void declare_options(Declaration& declaration) {
  constexpr std::size_t kSmallest = 1024, kUsual = 1452, kLargest = 65535;
  constexpr std::size_t kBuffer = std::size_t{16} << 20, kLargestBuffer = std::size_t{1} << 30;
  constexpr unsigned kMostThreads = 64;
  constexpr std::size_t kSeries = 2'500'000;
  declaration
      .block("Server", "HOST",
             "Where values and notifications are sent: a host or a multicast group, and a port or "
             "service, 25826 by default. May stand several times, each gets everything. Without "
             "options of its own it may be written on one line.",
             declare_server)
      .arguments(1, 2)
      .called("HOST [PORT]")
      .block("Listen", "HOST",
             "Where values and notifications are received: an address of this host or a multicast "
             "group (collectd's are ff18::efc0:4a42 and 239.192.74.66), and a port or service, "
             "25826 by default. May stand several times. Without options of its own it may be "
             "written on one line.",
             declare_listen)
      .arguments(1, 2)
      .called("HOST [PORT]")
      .option("TimeToLive", Unset<int>{},
              "How many routers a packet may pass; by default what the system says, which for "
              "multicast is none.")
      .range(1, 255)
      .option("MaxPacketSize", kUsual,
              "The largest packet that is sent or received. Larger ones are cut when they are "
              "received. Servers must not have less than what their clients send; the default "
              "fits Ethernet.")
      .range(kSmallest, kLargest)
      .unit("bytes")
      .option("Forward", false,
              "Also send values that were received. Notifications that were received are never "
              "sent on.")
      .option("ReportStats", false, "Report what was sent, received and dropped.")
      .option("FlushTime", Span{},
              "How long a packet that is not full may wait for more values. 0: it is sent as soon "
              "as the values of a tick are through.")
      .since("vitald")
      .option("ReceiveThreads", 1,
              "How many threads receive. Each has a socket of its own, and the kernel spreads the "
              "peers among them; a multicast group is served by one.")
      .range(1, kMostThreads)
      .since("vitald")
      .option("ReceiveBuffer", kBuffer,
              "How much each socket may hold until it is read. More than net.core.rmem_max is only "
              "granted to a daemon with CAP_NET_ADMIN.")
      .range(kSmallest, kLargestBuffer)
      .unit("bytes")
      .since("vitald")
      .option("MaxSeries", kSeries,
              "How many series the daemon may have in all before peers can bring no new ones; each "
              "takes about 250 bytes. One peer may take up to half of what is left, so that others "
              "still find room.")
      .at_least(1)
      .since("vitald")
      .option("MaxNewSeries", 0,
              "How many new series peers may bring in one second, one peer up to half of what is "
              "left of them. 0: any number.")
      .at_least(0)
      .since("vitald")
      .retired("CacheFlush", "packets are sent without delay; see FlushTime");
}

}  // namespace vital::network

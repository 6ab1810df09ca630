// SPDX-License-Identifier: MIT
#include <linux/capability.h>
#include <sys/socket.h>

#include <algorithm>

#include "base/strings.h"
#include "ping/oping_echo.h"
#include "ping/pinger.h"
#include "plugin/plugin.h"

namespace vital::ping {
namespace {

using namespace std::chrono_literals;

// What a call may take beyond the time that replies may take: name servers are slow to give up.
constexpr Nanoseconds kPatience = 60s;

int family_of(const std::string& word) noexcept {
  if (word == "ipv4") return AF_INET;
  return word == "ipv6" ? AF_INET6 : AF_UNSPEC;
}

/// Each host once, in the order of the configuration: the library does not tell cases apart.
std::vector<std::string> hosts_of(const Options& options) {
  std::vector<std::string> hosts;
  for (std::string& host : options.texts("Host"))
    if (std::none_of(hosts.begin(), hosts.end(),
                     [&](const std::string& known) { return iequals(known, host); }))
      hosts.push_back(std::move(host));
  return hosts;
}

ProbePlan plan_of(const Options& options) {
  ProbePlan plan{.hosts = hosts_of(options), .interval = nanoseconds(options.duration("Interval"))};
  const auto max_missed = options.integer("MaxMissed");
  if (max_missed >= 0)
    plan.max_missed = static_cast<unsigned>(std::max<std::int64_t>(1, max_missed));
  return plan;
}

EchoOptions echo_options_of(const Setup& setup) {
  const Options& options = setup.options();
  const double interval = seconds(options.duration("Interval"));
  double timeout = seconds(options.duration("Timeout"));
  if (timeout > interval) {
    timeout = 0.9 * interval;
    if (options.given("Timeout"))
      setup.log().warning("Timeout is longer than Interval, so replies are waited for ", timeout,
                          " s");
  }
  return {.timeout = timeout,
          .ttl = static_cast<int>(options.integer("TTL")),
          .family = family_of(options.text("AddressFamily")),
          .size_bytes = static_cast<std::size_t>(options.integer("Size")),
          .source = options.text("SourceAddress"),
          .device = options.text("Device")};
}

}  // namespace

/// Pings in a thread of its own; a read hands on what has gathered since the last one.
class Ping final : public Reader, public Service {
 public:
  explicit Ping(Setup& setup) : Ping{setup, plan_of(setup.options()), echo_options_of(setup)} {}

  Status start() override { return pinger_.start(); }
  void stop() noexcept override { pinger_.stop(); }

  Status read(Batch& batch) noexcept override {
    for (std::size_t host = 0; host < series_.size(); ++host) {
      const Tally tally = pinger_.take(host);
      if (tally.sent() == 0) continue;
      if (auto status = add(batch, series_[host], tally); !status) return status;
    }
    pinger_.watch();
    return {};  // a failure of the thread's is no reason to ask it less often
  }

 private:
  struct HostSeries {
    Series average, deviation, drop_rate;
  };

  Ping(Setup& setup, const ProbePlan& plan, const EchoOptions& echo)
      : pinger_{[plan, echo, clock = std::make_shared<SystemClock>(), log = setup.log()] {
                  return std::make_shared<Prober>(
                      plan, [echo] { return open_echo(echo); }, clock, log);
                },
                kPatience + nanoseconds(span_of(echo.timeout)), setup.log()} {
    for (const std::string& host : plan.hosts)
      series_.push_back({setup.declare({.type = "ping", .type_instance = host}),
                         setup.declare({.type = "ping_stddev", .type_instance = host}),
                         setup.declare({.type = "ping_droprate", .type_instance = host})});
    setup.add(static_cast<Reader&>(*this));
    setup.add(static_cast<Service&>(*this));
  }

  static Status add(Batch& batch, const HostSeries& series, const Tally& tally) noexcept {
    if (auto status = batch.add(series.average, tally.average()); !status) return status;
    if (auto status = batch.add(series.deviation, tally.deviation()); !status) return status;
    return batch.add(series.drop_rate, tally.drop_rate());
  }

  Pinger pinger_;
  std::vector<HostSeries> series_;
};

}  // namespace vital::ping

extern "C" void vital_register(vital::Registry& registry) {
  using vital::Choice, vital::Texts, vital::Unset;
  using namespace std::chrono_literals;
  registry
      .plugin<vital::ping::Ping>("ping",
                                 "How long other hosts take to answer, and how often they do not.")
      .needs_capability(CAP_NET_RAW)
      .reports("ping/ping-HOST",
               "the average time until the reply, in milliseconds; NaN when none came")
      .reports("ping/ping_stddev-HOST",
               "the standard deviation of these times; 0 for a single reply")
      .reports("ping/ping_droprate-HOST",
               "the share of requests that were not answered, from 0 to 1")
      .note(
          "Each value is of the requests since the last read. A host that has no address yet is "
          "looked up again and has no values until then. Raw sockets take the capability "
          "CAP_NET_RAW.")
      .option("Host", Texts{}, "A host to ping, by its name or address.")
      .required()
      .arguments(1, vital::Declaration::kAny)
      .called("NAME [NAME ...]")
      .option("Interval", 1s,
              "From one request to a host to the next; not longer than the plugin's own interval.")
      .above(0)
      .option("Timeout", 900ms,
              "How long a reply may take; not longer than Interval, else nine tenths of it.")
      .above(0)
      .option("TTL", 255, "Over how many routers a request may go.")
      .range(1, 255)
      .option("Size", 56, "How much a request carries; with 56 bytes an IPv4 packet has 84.")
      .range(0, vital::ping::kLargestPayload)
      .unit("bytes")
      .option("SourceAddress", Unset<std::string>{},
              "The address to send from. It decides the family of addresses, too.")
      .option("AddressFamily", Choice{"any", "ipv4", "ipv6"},
              "Which of a host's addresses is pinged.")
      .option("Device", Unset<std::string>{}, "The network interface to send from.")
      .option("MaxMissed", -1,
              "Look a host's address up again after so many requests in a row without a reply: for "
              "hosts with dynamic DNS. Negative: never.")
      .range(-1e9, 1e9);
}

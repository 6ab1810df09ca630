// SPDX-License-Identifier: MIT
#include <cstdio>

#include "tools/bench_commands.h"
#include "tools/bench_load.h"
#include "tools/bench_pace.h"
#include "tools/bench_socket.h"

namespace vital::bench {
namespace {

/// Sends the packets of a load, again and again.
class Sending {
 public:
  explicit Sending(const BenchOptions& options)
      : load_{{.series = options.series,
               .hosts = options.hosts,
               .plugins = options.plugins,
               .interval = span_of(options.interval),
               .packet_size = options.packet_size}},
        burst_{{options.level, options.user, options.password}, options.packet_size} {
    for (std::size_t i = 0; i < options.sockets; ++i)
      sockets_.push_back(open_socket(options.host, options.port, End::connected));
  }

  void run(Pace& pace) {
    for (std::uint64_t number = 0; !pace.over(); ++number) round(number, pace);
  }
  void report(double elapsed) const {
    const Burst::Counts& counts = burst_.counts();
    std::printf("sent %llu values in %llu packets of %llu bytes in all, %.3f s: %.0f values/s\n",
                static_cast<unsigned long long>(values_),
                static_cast<unsigned long long>(counts.packets),
                static_cast<unsigned long long>(counts.octets), elapsed,
                static_cast<double>(values_) / elapsed);
    if (counts.failed != 0)
      std::printf("%llu packets could not be sent: nobody listens\n",
                  static_cast<unsigned long long>(counts.failed));
  }

 private:
  /// A value of each series.
  void round(std::uint64_t number, Pace& pace) {
    for (std::size_t at = 0; at < load_.size() && !pace.over(); ++at) {
      burst_.add(load_.packet(at, clock_.wall(), number));
      values_ += load_.values(at);
      const bool early = pace.is_early(values_);
      if (burst_.full() || early) burst_.send(sockets_[next_++ % sockets_.size()]);
      if (early) pace.rest(values_);
    }
    burst_.send(sockets_[next_++ % sockets_.size()]);
  }

  SystemClock clock_;
  Load load_;
  Burst burst_;
  std::vector<Fd> sockets_;
  std::size_t next_ = 0;
  std::uint64_t values_ = 0;
};

}  // namespace

int send(const BenchOptions& options, const std::atomic<bool>& ended) {
  Sending sending{options};
  const double usual = static_cast<double>(options.series) / options.interval;
  Pace pace{options.rate.value_or(usual), options.duration, ended};
  sending.run(pace);
  sending.report(pace.elapsed());
  return 0;
}

}  // namespace vital::bench
